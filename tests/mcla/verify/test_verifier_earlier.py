# SPDX-License-Identifier: Apache-2.0
"""Earlier signatures that a contribution names: their own bundles prove time, signer and bytes, or the answer is no."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from cosigning import NOW as AT
from cosigning import cosigner
from interop.private_sigstore import FILES, SIGNER, PrivateSigstore, contribution, file_bundle, manifest_of, refused

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.bundle import parse_bundle
from mcla.log.cosignature import Cosigner
from mcla.log.note import parse_note
from mcla.log.policyfile import parse_policy
from mcla.statements.oms import oms_statement
from mcla.statements.parts import EarlierRef
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle

MANY = manifest_of({f"{number}.txt": b"%d" % number for number in range(600)})
STOCK = f"{SIGNER}/stock"
STRANGER = STOCK.replace("sgn_0", "sgn_1")


def seen_by(bundle: dict[str, Any], witness: Cosigner) -> bytes:
    """The bundle with the witness's line under its checkpoint."""
    checkpoint = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]
    note = str(checkpoint["envelope"])
    checkpoint["envelope"] = note + witness.sign(parse_note(note).text, AT).line
    return json.dumps(bundle).encode()


def ref_of(bundle: bytes) -> EarlierRef:
    entry = parse_bundle(bundle).entry
    return EarlierRef(sha256_hex(entry.body), entry.log_index)


@dataclass
class Given:
    """Bundles of other tools, and a contribution of `files` that names some of them."""

    service: PrivateSigstore
    files: Any = FILES
    named: list[bytes] = field(default_factory=list)

    def file(self, data: bytes = b"weights", **changed: Any) -> bytes:
        return json.dumps(file_bundle(self.service, data, **{"signer": STOCK, **changed})).encode()

    def list_of(self, files: Any) -> bytes:
        return self.service.sign(oms_statement(files, "tiny-llm"), signer=STOCK).bytes()

    def contribution(self, *named: EarlierRef) -> bytes:
        return self.service.sign(contribution(self.files, earlier=named).to_bytes()).bytes()

    def judged(self, named: bytes, given: bytes | None = None, **more: Any) -> Verdict:
        """The verdict on a contribution that names one bundle, where that one or another is given."""
        return verify_bundle(self.contribution(ref_of(named)), self.service.trust, earlier=[given or named], **more)


@pytest.fixture
def given(service: PrivateSigstore) -> Given:
    return Given(service)


def test_the_bundles_of_earlier_signatures_prove_them(given: Given) -> None:
    one, listed = given.file(), given.list_of(FILES)
    named = ref_of(one), ref_of(listed)
    bundle = given.contribution(*named)
    verdict = verify_artifact(FILES, bundle, given.service.trust, earlier=[one, listed])
    assert verdict.verified, verdict.to_dict()
    seen = [f"entry {each.log_index}, signed on 2026-11-22T12:00:00Z" for each in named]
    assert verdict.step("earlier").detail == ", ".join(seen)
    assert "checked here by its own bundle" in verdict.reasons[-1].message
    assert verdict.statement is not None
    assert [each["time"] for each in verdict.statement["earlier"]] == ["2026-11-22T12:00:00Z"] * 2
    half = verify_bundle(bundle, given.service.trust, earlier=[one])
    assert [each["time"] for each in (half.statement or {})["earlier"]] == ["2026-11-22T12:00:00Z", None]


def test_without_their_bundles_they_are_said_not_to_have_been_looked_at(given: Given) -> None:
    verdict = verify_bundle(given.contribution(ref_of(given.file())), given.service.trust)
    assert verdict.verified
    assert (verdict.step("earlier").outcome, verdict.step("earlier").detail) == ("not-checked", "not asked")
    assert "was not looked at here" in verdict.reasons[-1].message


def test_a_bundle_that_is_not_the_named_one_is_refused(given: Given) -> None:
    named = given.file()
    refused(given.judged(named, given.file()), "earlier", "earlier-other")
    entry = parse_bundle(named).entry
    for wrong in (EarlierRef(sha256_hex(entry.body), entry.log_index + 1), EarlierRef("0" * 64, entry.log_index)):
        verdict = verify_bundle(given.contribution(wrong), given.service.trust, earlier=[named])
        refused(verdict, "earlier", "earlier-other")
    refused(verify_bundle(given.contribution(), given.service.trust, earlier=[named]), "earlier", "earlier-other")
    refused(verify_bundle(given.list_of(FILES), given.service.trust, earlier=[named]), "earlier", "earlier-other")


def test_a_signature_by_another_over_other_bytes_or_over_no_files_is_refused(given: Given) -> None:
    for other in (STRANGER, SIGNER, f"{STOCK}/stock"):
        refused(given.judged(given.file(signer=other)), "earlier", "earlier-other")
    refused(given.judged(given.file(b"other bytes")), "earlier", "artifact-not-in-bundle")
    more = manifest_of({"model.safetensors": b"weights", "more.txt": b"more"})
    refused(given.judged(given.list_of(more)), "earlier", "artifact-not-in-bundle")
    refused(given.judged(given.contribution()), "earlier", "earlier-other")


def test_an_entry_that_came_later_is_not_earlier(given: Given) -> None:
    entries = list(given.service.entries)
    named = given.file()
    given.service.entries[:] = entries[:-3]  # another history, in which the contribution comes first
    refused(given.judged(named), "earlier", "earlier-other")
    given.service.entries[:] = entries


def test_a_bundle_that_does_not_hold_by_itself_is_refused(given: Given, impostor: PrivateSigstore) -> None:
    value = json.loads(given.file())
    value["messageSignature"]["messageDigest"]["digest"] = "A" * 43 + "="
    named = json.dumps(value).encode()
    refused(given.judged(named), "earlier", "earlier-unproven")
    refused(given.judged(json.dumps(file_bundle(impostor, b"weights")).encode()), "earlier", "earlier-unproven")
    refused(given.judged(given.file(), b"{}"), "earlier", "earlier-unproven")


def test_witnesses_that_are_asked_for_must_have_seen_the_earlier_signature_too(given: Given) -> None:
    witness, named = cosigner(1), given.file()
    policy = parse_policy(f"witness w {witness.vkey.line}\nquorum w\n".encode())
    alone = seen_by(json.loads(given.contribution(ref_of(named))), witness)
    refused(verify_bundle(alone, given.service.trust, policy=policy, earlier=[named]), "earlier", "earlier-unproven")
    both = seen_by(json.loads(named), witness)
    assert verify_bundle(alone, given.service.trust, policy=policy, earlier=[both]).verified


def test_an_earlier_signature_that_another_service_vouched_for_is_refused(given: Given) -> None:
    payload = oms_statement(FILES, "tiny-llm")
    other = given.service.sign(payload, signer=STOCK, issuer="https://other.example").bytes()
    refused(given.judged(other), "earlier", "earlier-other")


def test_of_many_files_only_the_manifest_can_tell(service: PrivateSigstore) -> None:
    given = Given(service, MANY)
    named = given.file(b"7")
    verdict = given.judged(named)
    assert (verdict.verdict, verdict.reasons[0].code) == ("unknown", "manifest-needed")
    bundle = given.contribution(ref_of(named))
    for target, manifest in ((MANY, None), (sha256_hex(b"7"), MANY)):
        assert verify_artifact(target, bundle, service.trust, manifest, earlier=[named]).verified
