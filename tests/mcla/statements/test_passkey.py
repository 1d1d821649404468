# SPDX-License-Identifier: Apache-2.0
"""Statements with a passkey: read back byte for byte, and never half of one."""

import json
from typing import Any

import pytest
import rfc8785
from interop.private_sigstore import FILES, ORIGIN, contribution
from passkeys import SoftPasskey

from mcla.statements.parts import StatementInvalid
from mcla.statements.statement import parse_draft, parse_statement

PASSKEY = SoftPasskey(ORIGIN)
GIVEN = contribution(FILES)
CONFIRMED = PASSKEY.confirm(GIVEN)


def test_a_confirmed_statement_is_read_back_byte_for_byte() -> None:
    data = CONFIRMED.to_bytes()
    assert data == rfc8785.dumps(json.loads(data))
    assert parse_statement(data) == CONFIRMED
    key = json.loads(data)["predicate"]["contributorKey"]
    assert set(key) == {"publicKey", "webauthn"}
    assert set(key["webauthn"]) == {"authenticatorData", "clientDataJSON", "signature"}


def test_what_the_passkey_covers_is_the_statement_without_its_assertion() -> None:
    value = json.loads(CONFIRMED.to_bytes())
    del value["predicate"]["contributorKey"]["webauthn"]
    assert CONFIRMED.inner_bytes() == rfc8785.dumps(value) == PASSKEY.asked(GIVEN).to_bytes()


def test_a_draft_that_waits_for_its_passkey_is_read_as_a_draft_only() -> None:
    asked = PASSKEY.asked(GIVEN)
    assert parse_draft(asked.to_bytes()) == asked
    with pytest.raises(StatementInvalid, match=r"expected the passkey's assertion \(contributorKey.webauthn\)"):
        parse_statement(asked.to_bytes())


def changed(**members: Any) -> bytes:
    value = json.loads(CONFIRMED.to_bytes())
    key = value["predicate"]["contributorKey"]
    for name, member in members.items():
        (key["webauthn"] if name in key["webauthn"] else key)[name] = member
    return rfc8785.dumps(value)


def without_key(**predicate: Any) -> bytes:
    value = json.loads(CONFIRMED.to_bytes())
    del value["predicate"]["contributorKey"]
    value["predicate"] |= predicate
    return rfc8785.dumps(value)


def other_holder() -> bytes:
    value = json.loads(CONFIRMED.to_bytes())
    value["predicate"]["keyHolder"] = "browser"
    return rfc8785.dumps(value)


WRONG = {
    "passkey as holder without one": (without_key(), "to hold contributorKey, got 'nothing there'"),
    "a passkey and another holder": (other_holder(), "nothing unknown, got 'contributorKey'"),
    "null for one": (without_key(contributorKey=None), "contributorKey as an object"),
    "null for its assertion": (changed(webauthn=None), "webauthn as an object"),
    "an unknown member": (changed(aaguid="x"), "nothing unknown, got 'aaguid'"),
    "a key of another curve": (changed(publicKey="MFkwEwYHKoZIzj0CAQ=="), "91 bytes of P-256"),
    "a number for the key": (changed(publicKey=7), "in base64"),
    "a line break in base64": (changed(signature="MEUC\nIQ=="), "in base64"),
    "base64url": (changed(signature="MEUCI_-_"), "in base64"),
    "spare bits in base64": (changed(signature="MEUCIQAAAAB="), "canonical"),
    "a long signature": (changed(signature="A" * 100), "signature of 8 to 72 bytes, got '75 bytes'"),
    "short authenticator data": (changed(authenticatorData="AAAA"), "37 to 1024 bytes"),
    "long authenticator data": (changed(authenticatorData="A" * 1400), "37 to 1024 bytes, got '1050 bytes'"),
    "long client data": (changed(clientDataJSON="A" * 2736), "2 to 2048 bytes, got '2052 bytes'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_statement_is_refused_for(case: str) -> None:
    data, words = WRONG[case]
    with pytest.raises(StatementInvalid, match=words.replace("(", r"\(")):
        parse_statement(data)
