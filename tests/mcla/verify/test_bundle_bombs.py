# SPDX-License-Identifier: Apache-2.0
"""Bundles made to exhaust a verifier: refused by their size or number before they are unpacked.

Memory is measured by Python's own counter over what was given; time is not judged here beyond "it ends".
"""

import copy
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from interop.private_sigstore import FILES, Parts, PrivateSigstore, contribution

from mcla.envelope.bundle import MAX_BUNDLE_BYTES
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_bundle

MIB = 1024 * 1024


def without_entries(value: dict[str, Any], count: int) -> bytes:
    value["verificationMaterial"]["tlogEntries"] *= count
    return json.dumps(value).encode()


def filled(value: dict[str, Any], filling: str) -> bytes:
    """The bundle with JSON text put where its log entries were."""
    value["verificationMaterial"]["tlogEntries"] = "HERE"
    return json.dumps(value).replace('"HERE"', filling).encode()


def with_payload(value: dict[str, Any], size: int) -> bytes:
    value["dsseEnvelope"]["payload"] = "HERE"
    return json.dumps(value).replace("HERE", "A" * size).encode()


BOMBS: dict[str, tuple[Callable[[dict[str, Any]], bytes], str, float]] = {
    "33 entries": (lambda value: without_entries(value, 33), "exactly one log entry, got 33", 8),
    "3,000 entries": (lambda value: without_entries(value, 3_000), "about 4096 values", 20),
    "one byte too many": (lambda _: b" " * (MAX_BUNDLE_BYTES + 1), "at most 67108864 bytes", 1),
    "20 million empty lists": (lambda value: filled(value, "[" + "[]," * 20_000_000 + "[]]"), "about 4096 values", 1),
    "10 million levels": (lambda value: filled(value, "[" * 10_000_000 + "]" * 10_000_000), "about 4096 values", 1),
    "4,000 levels": (lambda value: filled(value, "[" * 4_000 + "]" * 4_000), "at most 32 levels", 8),
    "a number of a million digits": (lambda value: filled(value, "[" + "9" * 1_000_000 + "]"), "at most 2^53", 8),
    "a statement of 48 MiB": (lambda value: with_payload(value, 63 * MIB), "at most 2097152 bytes", 5 * 63),
}  # the last figure: MiB that may be taken beside the bundle itself


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_bounded_memory(service: PrivateSigstore, parts: Parts, name: str) -> None:
    make, said, limit = BOMBS[name]
    bomb = make(copy.deepcopy(parts.bundle()))
    verdict, peak = measured(bomb, service)
    assert verdict.verdict == "not-verified"
    assert said in verdict.reasons[0].message
    assert peak < limit * MIB


def measured(bomb: bytes, service: PrivateSigstore) -> tuple[Verdict, int]:
    tracemalloc.start()
    try:
        verdict = verify_bundle(bomb, service.trust)
        return verdict, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_1_025_subjects_are_refused_for_their_number_and_1_024_are_read_on(service: PrivateSigstore) -> None:
    statement = contribution(FILES).to_dict()
    for count, said in ((1_025, "1 to 1024 subjects, got 'another number'"), (1_024, "expected 3 subjects, got 1024")):
        first, second = statement["subject"][:2]
        more = [second | {"name": f"file-{number:05d}"} for number in range(count - 1)]
        payload = json.dumps(statement | {"subject": [first, *more]}, sort_keys=True, separators=(",", ":")).encode()
        step = verify_bundle(service.sign(payload).bytes(), service.trust).step("statement")
        assert said in step.detail


def test_a_statement_of_two_million_values_is_refused_before_they_are_made(service: PrivateSigstore) -> None:
    bomb = service.sign(b'{"a":[' + b"0," * 1_000_000 + b"0]}").bytes()
    verdict, peak = measured(bomb, service)
    assert "about 250000 values" in verdict.step("statement").detail
    assert peak < 24 * MIB
