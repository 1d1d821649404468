# SPDX-License-Identifier: Apache-2.0
"""Offers and the answers to them: read back byte for byte, and nothing but what we would write is read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from interop.private_sigstore import FILES, ORIGIN, SIGNER, contribution, offer, offer_answer

from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.statements.company import AffiliationRef, CompanyRef
from mcla.statements.parts import DECLINE_REASONS, AcceptanceRef, AnsweredRef, OfferRef, StatementInvalid
from mcla.statements.statement import parse_statement

OFFER = offer(FILES)
HEX = sha256_hex(b"x")
GRANTOR = CompanyRef("Example GmbH", "DE", "HRB 1234 B", "by-proxy", HEX)
FOR_COMPANY: dict[str, Any] = {"capacity": "company", "company": AffiliationRef(AcceptanceRef(HEX, 2))}


def test_an_offer_is_a_contribution_that_names_no_acceptance_and_a_plain_one_keeps_its_bytes() -> None:
    assert parse_statement(OFFER.to_bytes()) == OFFER
    offered, plain = (json.loads(each.to_bytes())["predicate"] for each in (OFFER, contribution(FILES)))
    assert offered["offer"] == {"days": 30, "to": f"{ORIGIN}/signers/fnd_1"}
    assert set(plain) ^ set(offered) == {"acceptance", "offer"}


def test_an_offer_for_a_company_says_for_which_and_is_read_back_byte_for_byte() -> None:
    made = offer(FILES, **FOR_COMPANY, grantor=GRANTOR)
    assert parse_statement(made.to_bytes()) == made
    said = json.loads(made.to_bytes())["predicate"]
    assert (said["grantor"]["name"], "acceptance" in said) == ("Example GmbH", False)
    for edit in (lambda each: each.pop("name"), lambda each: each.update(power="by-force")):
        value = made.to_dict()
        edit(value["predicate"]["grantor"])
        with pytest.raises(MclaError):
            parse_statement(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def test_every_answer_is_read_back_byte_for_byte_and_names_the_offer() -> None:
    answers = [offer_answer(OFFER), *(offer_answer(OFFER, answer="declined", reason=each) for each in DECLINE_REASONS)]
    for each in answers:
        assert parse_statement(each.to_bytes()) == each
        assert [subject.sha256 for subject in each.subjects] == [OFFER.root, sha256_hex(OFFER.to_bytes())]


@pytest.mark.parametrize(
    "changes",
    [
        {"offer": None}, {"acceptance": AcceptanceRef(HEX, 3)}, {"offer": OfferRef(30, SIGNER)},
        {"offer": OfferRef(30, "https://elsewhere.example/signers/fnd_1")}, {"capacity": "foundation"},
        {"grantor": GRANTOR}, FOR_COMPANY, FOR_COMPANY | {"grantor": GRANTOR, "capacity": "individual"},
        FOR_COMPANY | {"grantor": GRANTOR, "offer": None, "acceptance": AcceptanceRef(HEX, 3)},
    ],
)  # fmt: skip
def test_an_offer_with_a_part_that_does_not_fit_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalid, match="expected"):
        offer(FILES, **changes)


@pytest.mark.parametrize("days", [0, -1, 3651, True, "30", 1.5])
def test_an_offer_stands_for_whole_days(days: Any) -> None:
    with pytest.raises(StatementInvalid, match="days"):
        OfferRef(days, f"{ORIGIN}/signers/fnd_1")


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "accepted"}, {"reason": "quality"}, {"answer": "declined"}, {"key_holder": "browser"},
        {"answer": "declined", "reason": "we do not like Ada Li"}, {"capacity": "individual"}, {"subjects": ()},
        {"answers": AnsweredRef(HEX, OFFER.root, 5)}, {"subjects": OFFER.subjects},
    ],
)  # fmt: skip
def test_an_answer_with_a_part_that_does_not_fit_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementInvalid, match="expected"):
        offer_answer(OFFER, **changes)


Edit = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "edit",
    [
        lambda each: each.pop("answers"), lambda each: each.update(note="by Bela"),
        lambda each: each.update(answers=[]), lambda each: each["answers"].pop("root"),
        lambda each: each["answers"].update(logIndex=-1),
    ],
)  # fmt: skip
def test_an_answer_with_a_member_more_or_less_is_not_read(edit: Edit) -> None:
    value = offer_answer(OFFER).to_dict()
    edit(value["predicate"])
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(MclaError):
        parse_statement(data)
