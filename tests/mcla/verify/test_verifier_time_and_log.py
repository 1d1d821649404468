# SPDX-License-Identifier: Apache-2.0
"""Time, timestamp and log in a verification: exchanged, bent, foreign or expired parts give no, and name the step."""

import base64
import copy
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from interop.private_sigstore import HOST, NOW, OTHER, PAYLOAD, Parts, PrivateSigstore, refused

from mcla.envelope.dsse import pae
from mcla.envelope.timestamp import issue_timestamp
from mcla.log.checkpoint import Checkpoint, sign_checkpoint
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle


@pytest.mark.parametrize(
    ("offset", "verified"),
    [
        (timedelta(0), True), (timedelta(minutes=9, seconds=59), True), (timedelta(minutes=10), True),
        (timedelta(minutes=10, seconds=1), False), (timedelta(hours=2), False), (timedelta(minutes=-1), True),
        (timedelta(minutes=-2), False), (timedelta(days=1), False),
    ],
)  # fmt: skip
def test_the_timestamp_must_lie_within_the_certificates_ten_minutes(
    tmp_path_factory: pytest.TempPathFactory, offset: timedelta, *, verified: bool
) -> None:
    service = _old_service(tmp_path_factory)
    parts = service.sign(PAYLOAD, certified_at=NOW + timedelta(hours=1), stamped_at=NOW + timedelta(hours=1) + offset)
    verdict = verify_bundle(parts.bytes(), service.trust)
    assert verdict.verified is verified
    if not verified:
        refused(verdict, "certificate-life", "certificate-not-valid-then")
        assert "certificate's life" in verdict.step("certificate-life").detail


_OLD: list[PrivateSigstore] = []


def _old_service(factory: pytest.TempPathFactory) -> PrivateSigstore:
    if not _OLD:
        _OLD.append(PrivateSigstore.create(factory.mktemp("old")))
    return _OLD[0]


def test_a_timestamp_over_other_bytes_or_of_another_signature_is_refused(
    service: PrivateSigstore, parts: Parts
) -> None:
    for stamped in (b"", PAYLOAD, pae(PAYLOAD), parts.signature):
        refused(
            verify_bundle(service.sign(PAYLOAD, stamped=stamped).bytes(), service.trust),
            "timestamp",
            "timestamp-invalid",
        )
    swapped = parts.bytes(timestamp=service.sign(PAYLOAD).timestamp)
    refused(verify_bundle(swapped, service.trust), "timestamp", "timestamp-invalid")


def test_a_timestamp_by_an_authority_of_the_same_names_is_refused(
    service: PrivateSigstore, impostor: PrivateSigstore, parts: Parts
) -> None:
    tsa = impostor.keys.tsa
    stamp = issue_timestamp(parts.signature, tsa.key, tsa.chain, NOW, secrets.randbits(60) + 1)
    verdict = verify_bundle(parts.bytes(timestamp=stamp), service.trust)
    refused(verdict, "timestamp", "timestamp-invalid")
    for name in ("certificate-life", "certificate-chain", "certificate-transparency", "log", "checkpoint", "inclusion"):
        assert verdict.step(name).outcome == "not-checked"


def test_a_log_entry_of_something_else_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    body = json.loads(parts.body)
    spaced = json.dumps(body).encode()
    body["spec"]["hashedRekordV002"]["data"]["digest"] = base64.b64encode(bytes(32)).decode()
    for logged in (b"", b"entry 1", spaced, json.dumps(body, separators=(",", ":")).encode(), service.sign(OTHER).body):
        verdict = verify_bundle(service.sign(PAYLOAD, logged=logged or b"\x00").bytes(), service.trust)
        refused(verdict, "log-entry", "log-entry-mismatch")
        assert verdict.step("inclusion").outcome == "yes"


def test_an_inclusion_proof_that_does_not_lead_to_the_root_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    bent = [bytes(32), *parts.proof[1:]]
    for changed in (
        {"proof": bent}, {"proof": parts.proof[:-1]}, {"proof": [*parts.proof, bytes(32)]},
        {"proof": parts.proof[::-1]},
        {"log_index": 0}, {"log_index": parts.log_index + 1}, {"log_index": 10**15},
    ):  # fmt: skip
        refused(verify_bundle(parts.bytes(**changed), service.trust), "inclusion", "proof-invalid")


def test_a_checkpoint_of_another_tree_is_refused(service: PrivateSigstore, parts: Parts) -> None:
    refused(
        verify_bundle(parts.bytes(tree_size=parts.tree_size + 1), service.trust), "checkpoint", "checkpoint-mismatch"
    )
    refused(verify_bundle(parts.bytes(root=bytes(32)), service.trust), "checkpoint", "checkpoint-mismatch")
    older = sign_checkpoint(Checkpoint(HOST, 1, bytes(32)), service.keys.log)
    refused(verify_bundle(parts.bytes(checkpoint=older), service.trust), "checkpoint", "checkpoint-mismatch")


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c[:-2], lambda c: c + "x", lambda _: "", lambda c: c.replace(HOST, "evil.example.org"),
        lambda c: c.replace(f"{HOST}\n", "evil.example.org\n", 1),
        lambda c: c.replace(f"— {HOST}", "— evil.example.org"),
        lambda c: c.replace("\n\n", "\n"), lambda c: c.replace("\n", "\r\n"), lambda c: c.split("\n\n")[0] + "\n\n",
        lambda c: " " + c, lambda c: c.replace("\n", "\n0", 1), lambda c: c.replace("— ", "- "),
    ],
)  # fmt: skip
def test_a_checkpoint_that_is_malformed_or_changed_is_refused(
    service: PrivateSigstore, parts: Parts, change: Callable[[str], str]
) -> None:
    verdict = verify_bundle(parts.bytes(checkpoint=change(parts.checkpoint)), service.trust)
    assert verdict.verdict == "not-verified"
    assert verdict.step("checkpoint").outcome == "no"
    assert verdict.step("inclusion").outcome == "not-checked"


def test_a_checkpoint_by_another_key_under_the_logs_name_is_refused(
    service: PrivateSigstore, impostor: PrivateSigstore, parts: Parts
) -> None:
    forged = sign_checkpoint(Checkpoint(HOST, parts.tree_size, parts.root), impostor.keys.log)
    refused(verify_bundle(parts.bytes(checkpoint=forged), service.trust), "checkpoint", "note-invalid")


def test_a_checkpoint_signed_by_the_log_for_another_origin_is_refused(service: PrivateSigstore) -> None:
    verdict = verify_bundle(service.sign(PAYLOAD, checkpoint_origin="other.example.org").bytes(), service.trust)
    assert verdict.step("checkpoint").outcome == "no"
    assert not verdict.verified


def test_a_witness_line_that_nobody_knows_changes_nothing(service: PrivateSigstore, parts: Parts) -> None:
    line = f"— witness.example.net {base64.b64encode(secrets.token_bytes(76)).decode()}\n"
    verdict = verify_bundle(parts.bytes(checkpoint=parts.checkpoint + line), service.trust)
    assert verdict.verified
    assert verdict.independent.witnesses == 0


def test_a_bundle_of_a_log_that_the_trust_file_does_not_know_says_which_file_to_use(
    service: PrivateSigstore, impostor: PrivateSigstore, parts: Parts
) -> None:
    verdict = verify_bundle(parts.bytes(log_id=bytes(32)), service.trust)
    refused(verdict, "log", "log-unknown")
    assert HOST in verdict.step("log").detail
    assert any("--trust" in reason.hint for reason in verdict.reasons)
    whole = verify_bundle(impostor.sign(PAYLOAD).bytes(), service.trust)
    assert whole.verdict == "not-verified"


def test_keys_that_the_trust_file_no_longer_covers_are_refused(service: PrivateSigstore, parts: Parts) -> None:
    value = service.trust.to_dict()
    ended = {"start": "2020-01-01T00:00:00Z", "end": "2026-11-22T11:59:59Z"}
    edges: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]], str]] = [
        ("tlogs", lambda v: v["tlogs"][0]["publicKey"], "log"),
        ("ctlogs", lambda v: v["ctlogs"][0]["publicKey"], "certificate-transparency"),
        ("certificateAuthorities", lambda v: v["certificateAuthorities"][0], "certificate-chain"),
        ("timestampAuthorities", lambda v: v["timestampAuthorities"][0], "timestamp"),
    ]
    for _, holder, step in edges:
        for end, verified in (("2026-11-22T11:59:59Z", False), ("2026-11-22T12:00:00Z", True)):
            changed = copy.deepcopy(value)
            holder(changed)["validFor"] = ended | {"end": end}
            verdict = verify_bundle(parts.bytes(), TrustedRoot.from_json(json.dumps(changed).encode()))
            assert verdict.verified is verified
            assert verified or verdict.step(step).outcome == "no"
