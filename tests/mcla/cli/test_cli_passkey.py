# SPDX-License-Identifier: Apache-2.0
"""`mcla verify --passkey`: who confirmed a statement with which key, demanded by its fingerprint."""

import json
from pathlib import Path
from typing import Any

import pytest
from notary import Notary
from passkeys import SoftPasskey

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.scan import scan


@pytest.fixture
def mcla(mcla_inside: Any) -> Any:
    return mcla_inside


def test_a_passkey_is_demanded_by_its_fingerprint(mcla: Any, proven: Path, trust: Path, notary: Notary) -> None:
    passkey, manifest = SoftPasskey(notary.origin), scan([proven])
    fingerprint = sha256_hex(passkey.public_key)
    asked = ("verify", proven, "--trust", trust, "--passkey")
    refused = mcla(*asked, fingerprint, "--json")
    assert (refused.code, json.loads(refused.out)["reasons"][0]["code"]) == (1, "passkey-missing")

    confirmed = passkey.confirm(notary.statement(manifest))
    proven.with_name(f"{proven.name}.sigstore.json").write_bytes(notary.bundle(manifest, confirmed))
    plain = mcla("verify", proven, "--trust", trust)
    assert plain.code == 0
    assert f"(sha256 {fingerprint}) is the signer's is the word of the service." in plain.out
    assert f"yes          passkey                  sha256 {fingerprint}" in plain.out
    named = mcla(*asked, fingerprint)
    assert named.code == 0
    assert "The passkey that you named confirmed exactly this statement" in named.out
    assert mcla(*asked, "0" * 64).code == 1


@pytest.mark.parametrize("text", ["", "abc", "A" * 64, "sha256:" + "0" * 64])
def test_what_is_no_fingerprint_is_wrong_usage(mcla: Any, proven: Path, trust: Path, text: str) -> None:
    ran = mcla("verify", proven, "--trust", trust, "--passkey", text)
    assert ran.code == 2
    assert "expected 64 lower-case hexadecimal digits" in ran.err
