# SPDX-License-Identifier: Apache-2.0
"""`mcla licences harbour` and `certify`: exit codes, and a certification that counts by a key got elsewhere."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from notary import make_notary
from releases import ONE

from mcla.licences.identify import fingerprints

WORDS = next(each.sha256 for each in fingerprints().known if each.licence == "MIT")
DRAFT = {
    "schema": "mcla.certification/1",
    "issuer": "Example Lab",
    "scheme": "Example open-model scheme 2",
    "statement": "The words of this licence leave the exemption.",
    "about": {"licence": "MIT", "words_sha256": WORDS},
    "issued": "2026-01-01T00:00:00Z",
    "expires": "2099-01-01T00:00:00Z",
}


@pytest.fixture
def given(mcla_inside: Any, tmp_path: Path) -> tuple[str, Path, str, Path]:
    """The options for a certification of MIT and its issuer's key."""
    key = Ed25519PrivateKey.generate()
    draft, private, public, document = (tmp_path / name for name in ("draft.json", "key.pem", "key.pub", "mit.json"))
    draft.write_text(json.dumps(DRAFT))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    document.write_text(mcla_inside("licences", "certify", draft, "--key", private).out)
    assert mcla_inside("licences", "certify", draft, "--key", public).code == 2
    return "--certification", document, "--key", public


@pytest.mark.parametrize(("licence", "code"), [("MIT", 0), ("llama3.1", 1), ("openrail++", 3), ("nobody-knows", 3)])
def test_the_exit_code_is_the_state_of_the_exemption(mcla_inside: Any, licence: str, code: int) -> None:
    ran = mcla_inside("licences", "harbour", licence)
    assert (ran.code, "ertified" in ran.out) == (code, False)


def test_a_certification_is_told_with_its_issuer(mcla_inside: Any, given: tuple[Any, ...]) -> None:
    ran = mcla_inside("licences", "harbour", "MIT", *given)
    assert ran.code == 0
    assert "Certified by Example Lab under Example open-model scheme 2, until 2099-01-01T00:00:00Z" in ran.out
    document = json.loads(mcla_inside("licences", "harbour", "MIT", *given, "--json").out)
    assert [each["certified"] for each in document["certifications"]] == [True]


def test_one_that_was_changed_makes_the_answer_no(mcla_inside: Any, given: tuple[Any, ...]) -> None:
    given[1].write_bytes(given[1].read_bytes().replace(b"leave the", b"lose the "))
    ran = mcla_inside("licences", "harbour", "MIT", *given)
    assert (ran.code, "Certified" in ran.out, "does not hold" in ran.out) == (1, False, True)


def test_one_about_another_licence_or_without_a_key_is_wrong_usage(mcla_inside: Any, given: tuple[Any, ...]) -> None:
    assert mcla_inside("licences", "harbour", "Apache-2.0", *given).code == 2
    assert mcla_inside("licences", "harbour", "MIT", *given[:2]).code == 2


def test_a_certification_goes_into_the_file_of_evidence_with_its_key_alone(
    mcla_inside: Any, given: tuple[Any, ...], tmp_path: Path
) -> None:
    notary = make_notary(tmp_path / "notary", "https://mcla.example.org")
    bundle, trust = tmp_path / "model.sigstore.json", tmp_path / "trust.json"
    stated = replace(notary.statement(ONE), declarations={"outbound": "MIT"})
    bundle.write_bytes(notary.bundle(ONE, stated))
    trust.write_bytes(notary.trust())
    export = ("export", bundle, "--name", "tiny", "--release", "1", "--trust", trust, "--format")
    ran = mcla_inside(*export, "safe-harbour", *given)
    assert (ran.code, "Example Lab certifies MIT under Example open-model scheme 2" in ran.out) == (0, True)
    assert mcla_inside(*export, "safe-harbour", *given[:2]).code == 2
    assert mcla_inside(*export, "ai-act", *given).code == 2
