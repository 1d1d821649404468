# SPDX-License-Identifier: Apache-2.0
"""A bundle measured against the reader's own policy: who has to have seen the log, and what is said of them."""

import pytest
from cosigning import NOW, cosigner
from interop.private_sigstore import HOST, Parts, PrivateSigstore

from mcla.log.cosignature import Cosigner
from mcla.log.note import NoteSignature, parse_note
from mcla.log.policy import Policy
from mcla.log.policyfile import parse_policy
from mcla.log.vkey import VerifierKey
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle

W1, W2, W3 = cosigner(1), cosigner(2, post_quantum=True), cosigner(3)


def policy_of(service: PrivateSigstore, quorum: str) -> Policy:
    log = VerifierKey.of_log(HOST, service.keys.log.public_key())
    witnesses = "".join(f"witness w{n} {one.vkey.line}\n" for n, one in enumerate((W1, W2, W3), 1))
    return parse_policy(f"log {log.line}\n{witnesses}{quorum}\n".encode())


def seen_by(parts: Parts, *cosigners: Cosigner, at: int = NOW, extra: str = "") -> bytes:
    """The bundle with these witnesses' lines under its checkpoint."""
    text = parse_note(parts.checkpoint).text
    return parts.bytes(checkpoint=parts.checkpoint + "".join(one.sign(text, at).line for one in cosigners) + extra)


def judged(service: PrivateSigstore, bundle: bytes, quorum: str = "group g 2 w1 w2 w3\nquorum g") -> Verdict:
    return verify_bundle(bundle, service.trust, policy=policy_of(service, quorum))


def test_a_quorum_of_both_algorithms_is_verified_and_named(service: PrivateSigstore, parts: Parts) -> None:
    verdict = judged(service, seen_by(parts, W1, W2))
    assert verdict.verified
    assert verdict.step("witnesses").detail == "seen by w1 2026-11-18T11:06:40Z, w2 2026-11-18T11:06:40Z"
    assert verdict.independent.to_dict()["seen_by"] == ["w1", "w2"]
    assert "2 independent witnesses (w1, w2) have countersigned the log" in verdict.independent.sentence


def test_too_few_witnesses_are_not_verified_and_those_that_saw_it_are_still_told(
    service: PrivateSigstore, parts: Parts
) -> None:
    verdict = judged(service, seen_by(parts, W3))
    assert [(reason.code, verdict.verdict) for reason in verdict.reasons] == [("quorum-missing", "not-verified")]
    assert "expected the quorum 'g' of the policy's 3 witnesses, got 'w3'" in verdict.reasons[0].message
    assert verdict.independent.seen_by == ("w3",)
    assert "1 independent witness (w3) has" in verdict.independent.sentence


def test_without_a_policy_nobody_is_recognised_whatever_lines_there_are(service: PrivateSigstore, parts: Parts) -> None:
    verdict = verify_bundle(seen_by(parts, W1, W2, W3), service.trust)
    assert verdict.verified
    assert (verdict.step("witnesses").outcome, verdict.step("witnesses").detail) == ("not-checked", "not asked")
    assert verdict.independent.witnesses == 0


def test_a_policy_that_asks_for_nobody_says_that_nobody_was_there(service: PrivateSigstore, parts: Parts) -> None:
    verdict = judged(service, parts.bytes(), "quorum none")
    assert verdict.verified
    assert verdict.step("witnesses").detail == "seen by nobody, as the policy allows"
    assert verdict.independent.witnesses == 0


def test_a_witness_of_another_head_of_the_same_log_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    older = parse_note(parts.checkpoint).text.replace(f"\n{parts.tree_size}\n", f"\n{parts.tree_size - 1}\n")
    verdict = judged(service, seen_by(parts, W1, extra=W2.sign(older, NOW).line))
    assert [reason.code for reason in verdict.reasons] == ["cosignature-invalid"]
    assert verdict.independent.witnesses == 0


def test_garbage_under_a_known_name_and_id_is_refused_and_under_another_id_ignored(
    service: PrivateSigstore, parts: Parts
) -> None:
    garbage = NoteSignature(W3.name, W3.vkey.id, bytes(72)).line
    assert judged(service, seen_by(parts, W1, W2, extra=garbage)).verdict == "not-verified"
    stranger = NoteSignature(W3.name, b"abcd", bytes(72)).line
    assert judged(service, seen_by(parts, W1, W2, extra=stranger)).verified


def test_a_policy_for_another_log_is_not_met_by_any_number_of_witnesses(
    service: PrivateSigstore, impostor: PrivateSigstore, parts: Parts
) -> None:
    verdict = verify_bundle(
        seen_by(parts, W1, W2, W3), service.trust, policy=policy_of(impostor, "group g 2 w1 w2 w3\nquorum g")
    )
    assert [reason.code for reason in verdict.reasons] == ["log-not-in-policy"]


def test_witnesses_do_not_make_up_for_a_head_that_the_trusted_log_did_not_sign(
    service: PrivateSigstore, impostor: PrivateSigstore, parts: Parts
) -> None:
    verdict = verify_bundle(
        seen_by(parts, W1, W2), impostor.trust, policy=policy_of(service, "group g 2 w1 w2 w3\nquorum g")
    )
    assert verdict.verdict == "not-verified"
    assert verdict.step("witnesses").outcome == "not-checked"


@pytest.mark.parametrize("at", [0, 2**63 - 1, 253_402_300_800])
def test_a_time_that_no_calendar_holds_is_told_as_it_stands(service: PrivateSigstore, parts: Parts, at: int) -> None:
    detail = judged(service, seen_by(parts, W1, W3, at=at)).step("witnesses").detail
    assert ("1970-01-01T00:00:00Z" if at == 0 else str(at)) in detail
