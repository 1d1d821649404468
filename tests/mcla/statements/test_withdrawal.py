# SPDX-License-Identifier: Apache-2.0
"""The statement that ends another one: read back byte for byte, and nothing but what we would write is read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from interop.private_sigstore import FILES, acceptance, contribution, manifest_of, withdrawal

from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.statements.parts import END_REASONS, STAGES, EndedRef, StatementInvalid, Subject
from mcla.statements.statement import parse_statement

GIVEN = contribution(FILES)
ACCEPTED = acceptance(manifest_of({"agreement.md": b"text"}))
HEX = sha256_hex(b"x")


@pytest.mark.parametrize("stage", [None, *STAGES])
def test_a_withdrawal_of_a_contribution_is_read_back_byte_for_byte(stage: str | None) -> None:
    for reason in END_REASONS:
        statement = withdrawal(GIVEN, reason=reason, stage=stage)
        data = statement.to_bytes()
        assert data == rfc8785.dumps(json.loads(data))
        assert parse_statement(data) == statement


def test_who_ends_for_a_company_says_so_and_reads_as_before_for_oneself() -> None:
    for capacity in ("company", "individual"):
        assert parse_statement(withdrawal(GIVEN, capacity=capacity).to_bytes()).capacity == capacity


def test_its_subjects_are_the_root_and_the_statement_of_what_is_ended() -> None:
    for ended in (GIVEN, ACCEPTED):
        statement = parse_statement(withdrawal(ended).to_bytes())
        assert [subject.sha256 for subject in statement.subjects] == [ended.root, sha256_hex(ended.to_bytes())]


def test_it_holds_no_member_for_a_word_about_anybody() -> None:
    predicate = json.loads(withdrawal(GIVEN).to_bytes())["predicate"]
    assert set(predicate) == {
        "schema", "salt", "service", "foundation", "signer", "identityCommitment", "keyHolder", "capacity",
        "agreement", "consent", "createdAt", "ends", "reason", "stage",
    }  # fmt: skip
    assert set(predicate["ends"]) == {"type", "statement", "root", "logIndex"}


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "Ada Li changed her mind"}, {"reason": ""}, {"reason": None}, {"stage": "S5"}, {"stage": ""},
        {"stage": 0}, {"subjects": ()}, {"subjects": (Subject("mcla:manifest", GIVEN.root),)},
        {"subjects": (Subject("mcla:manifest", HEX), Subject("statement.json", sha256_hex(GIVEN.to_bytes())))},
        {"subjects": (Subject("mcla:manifest", GIVEN.root), Subject("statement.json", HEX))},
        {"subjects": GIVEN.subjects}, {"ends": EndedRef("contribution", HEX, GIVEN.root, 5)}, {"salt": b""},
        {"capacity": "foundation"},
    ],
)  # fmt: skip
def test_a_withdrawal_with_a_part_that_does_not_fit_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalid, match="expected"):
        withdrawal(GIVEN, **changes)


def test_an_acceptance_has_no_stage() -> None:
    with pytest.raises(StatementInvalid, match="contributions only"):
        withdrawal(ACCEPTED, stage="S0")


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(extra=1), lambda p: p.pop("stage"), lambda p: p.update(ends=None),
        lambda p: p["ends"].update(type="withdrawal"), lambda p: p["ends"].update(logIndex=-1),
        lambda p: p["ends"].update(logIndex=True), lambda p: p["ends"].update(logIndex="5"),
        lambda p: p["ends"].update(note="x"), lambda p: p["ends"].pop("root"), lambda p: p["ends"].update(type=["x"]),
        lambda p: p.update(reason={}), lambda p: p.update(stage=["S0"]), lambda p: p.update(project="tiny-llm"),
    ],
)  # fmt: skip
def test_a_withdrawal_that_we_would_not_write_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(withdrawal(GIVEN).to_bytes())
    change(value["predicate"])
    with pytest.raises(MclaError) as caught:
        parse_statement(rfc8785.dumps(value))
    assert caught.value.hint


def test_a_withdrawal_cannot_end_a_withdrawal() -> None:
    with pytest.raises(StatementInvalid, match="acceptance, contribution"):
        withdrawal(withdrawal(GIVEN))
