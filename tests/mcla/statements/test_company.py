# SPDX-License-Identifier: Apache-2.0
"""Statements for companies: read back as written, refused as half a company; others keep their bytes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from company_statements import CHANGE, EXAMPLE, FOR_COMPANY, OF_COMPANY
from interop.private_sigstore import FILES, acceptance, contribution, manifest_of, withdrawal

from mcla.statements.canonical import canonical_json
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef, StatementInvalid, Subject
from mcla.statements.statement import AnyStatement, parse_statement

OWN = acceptance(manifest_of({"agreement.md": b"text"}))


@pytest.mark.parametrize("statement", [OF_COMPANY, FOR_COMPANY, CHANGE])
def test_what_is_made_for_a_company_is_read_back_byte_for_byte(statement: AnyStatement) -> None:
    data = statement.to_bytes()
    assert parse_statement(data) == statement
    assert json.loads(data)["predicate"]["capacity"] == "company"


def test_a_release_is_named_where_there_is_one_and_null_where_not() -> None:
    company = AffiliationRef(AcceptanceRef("ab" * 32, 7), AcceptanceRef("cd" * 32, 8))
    with_release = replace(FOR_COMPANY, company=company)
    assert parse_statement(with_release.to_bytes()).company == company
    assert json.loads(FOR_COMPANY.to_bytes())["predicate"]["company"]["released"] is None


def test_statements_for_oneself_have_no_member_for_a_company() -> None:
    for statement in (OWN, contribution(FILES), withdrawal(OWN)):
        assert "company" not in json.loads(statement.to_bytes())["predicate"]


def test_a_change_says_nothing_of_whom_it_concerns() -> None:
    value = json.loads(CHANGE.to_bytes())
    assert value["predicateType"] == "https://w3id.org/mcla/company-change/v1"
    assert set(value["predicate"]) == {
        "schema", "salt", "service", "foundation", "signer", "identityCommitment", "keyHolder", "capacity",
        "agreement", "consent", "createdAt", "manifest", "acceptance",
    }  # fmt: skip
    assert [each["name"] for each in value["subject"]] == ["mcla:manifest", "company-change.json"]


Edit = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[AnyStatement, Edit]] = {
    "an individual with a company": (OF_COMPANY, lambda p: p.update(capacity="individual")),
    "a company without one": (OWN, lambda p: p.update(capacity="company")),
    "another capacity": (OWN, lambda p: p.update(capacity="robot")),
    "a member too many": (OF_COMPANY, lambda p: p["company"].update(vat="1")),
    "a member too few": (OF_COMPANY, lambda p: p["company"].pop("titleCommitment")),
    "a title in the clear": (OF_COMPANY, lambda p: p["company"].update(titleCommitment="Managing director")),
    "an unknown power": (OF_COMPANY, lambda p: p["company"].update(power="by-magic")),
    "no country": (OF_COMPANY, lambda p: p["company"].update(jurisdiction="Germany")),
    "an invisible character": (OF_COMPANY, lambda p: p["company"].update(name="Ex\u200bample")),
    "an empty name": (OF_COMPANY, lambda p: p["company"].update(name="")),
    "a name of another type": (OF_COMPANY, lambda p: p["company"].update(name=7)),
    "no confirmation": (FOR_COMPANY, lambda p: p["company"].update(confirmed=None)),
    "an index below zero": (FOR_COMPANY, lambda p: p["company"]["confirmed"].update(logIndex=-1)),
    "the facts of an acceptance": (FOR_COMPANY, lambda p: p.update(company=EXAMPLE.to_dict())),
    "a change for oneself": (CHANGE, lambda p: p.update(capacity="individual")),
    "a change in the clear": (CHANGE, lambda p: p.update(change="entry-added")),
    "a change of two files": (CHANGE, lambda p: p["manifest"].update(files=2)),
    "a withdrawal as an employee": (withdrawal(OWN), lambda p: p.update(capacity="employee")),
}


@pytest.mark.parametrize(("statement", "edit"), WRONG.values(), ids=WRONG.keys())
def test_half_a_company_is_refused(statement: AnyStatement, edit: Edit) -> None:
    value = json.loads(statement.to_bytes())
    edit(value["predicate"])
    with pytest.raises(StatementInvalid):
        parse_statement(canonical_json(value))


def test_a_change_names_the_one_file_under_its_own_name() -> None:
    for subjects in (CHANGE.subjects[:1], (CHANGE.subjects[0], Subject(name="x.json", sha256=CHANGE.root))):
        with pytest.raises(StatementInvalid):
            replace(CHANGE, subjects=subjects)
