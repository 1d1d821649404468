# SPDX-License-Identifier: Apache-2.0
"""Merkle hashing and proof checks against public vectors and a naive reference written from the RFC."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import consistency, leaf, path, root
from needs import shared

from mcla.log.merkle import (
    EMPTY_ROOT,
    ProofInvalid,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def _cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    folder = shared("vectors", "merkle", kind)
    return [(str(file.relative_to(folder)), json.loads(file.read_text())) for file in sorted(folder.rglob("*.json"))]


def _b64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _refused(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except ProofInvalid:
        return True
    return False


def test_the_98_public_inclusion_cases_come_out_as_expected() -> None:
    cases = _cases("inclusion")
    assert len(cases) == 98
    for name, case in cases:
        proof = [_b64(step) for step in case["proof"] or []]
        arguments = (case["leafIdx"], case["treeSize"], _b64(case["leafHash"]), proof, _b64(case["root"]))
        assert _refused(verify_inclusion, *arguments) == case["wantErr"], name


def test_the_98_public_consistency_cases_come_out_as_expected() -> None:
    cases = _cases("consistency")
    assert len(cases) == 98
    for name, case in cases:
        proof = [_b64(step) for step in case["proof"] or []]
        arguments = (case["size1"], case["size2"], _b64(case["root1"]), _b64(case["root2"]), proof)
        assert _refused(verify_consistency, *arguments) == case["wantErr"], name


def test_the_roots_of_a_real_log_at_sizes_0_to_15_match_its_entries() -> None:
    folder: Path = shared("vectors", "tlog-tiles")
    bundle = (folder / "tile/entries/000.p/15").read_bytes()
    entries, at = [], 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2])
        entries.append(bundle[at + 2 : at + 2 + length])
        at += 2 + length
    for size in range(16):
        expected = (folder / f"checkpoint.{size}").read_text().split("\n")[2]
        assert tree_root([leaf_hash(entry) for entry in entries[:size]]) == _b64(expected)


def test_leaves_nodes_and_the_empty_tree_hash_as_the_rfc_says() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"a" * 32, b"b" * 32) != leaf_hash(b"a" * 32 + b"b" * 32)


@given(ENTRIES)
def test_the_root_equals_the_naive_recursion(entries: list[bytes]) -> None:
    assert tree_root([leaf_hash(entry) for entry in entries]) == root(entries)


@given(ENTRIES, st.data())
def test_every_true_inclusion_proof_verifies_and_no_altered_one_does(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    proof, top = path(index, entries), root(entries)
    verify_inclusion(index, len(entries), leaf(entries[index]), proof, top)
    assert _refused(verify_inclusion, index, len(entries), leaf(entries[index] + b"!"), proof, top)
    assert _refused(verify_inclusion, index, len(entries), leaf(entries[index]), [*proof, top], top)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert _refused(verify_inclusion, index, len(entries), leaf(entries[index]), proof[:at] + proof[at + 1 :], top)
        flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        assert _refused(verify_inclusion, index, len(entries), leaf(entries[index]), flipped, top)


@given(ENTRIES, st.data())
def test_every_true_consistency_proof_verifies_and_no_altered_one_does(
    entries: list[bytes], data: st.DataObject
) -> None:
    old, new = data.draw(st.integers(1, len(entries))), len(entries)
    proof, first, second = consistency(old, entries), root(entries[:old]), root(entries)
    verify_consistency(old, new, first, second, proof)
    assert _refused(verify_consistency, old, new, leaf(b"other"), second, proof)
    assert _refused(verify_consistency, old, new, first, leaf(b"other"), proof)
    assert _refused(verify_consistency, old, new, first, second, [*proof, second])
    if proof:
        assert _refused(verify_consistency, old, new, first, second, proof[:-1])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (0, 0), (1, 1), (5, 3), (0, -1), (0, 2**63), (2**63, 2**64)])
def test_an_index_outside_the_log_is_refused(index: int, size: int) -> None:
    with pytest.raises(ProofInvalid, match="not inside"):
        verify_inclusion(index, size, leaf(b"a"), [], leaf(b"a"))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (2, 1), (-1, 1), (1, 2**63)])
def test_a_consistency_proof_from_nothing_or_backwards_is_refused(old: int, new: int) -> None:
    with pytest.raises(ProofInvalid, match="no consistency proof"):
        verify_consistency(old, new, EMPTY_ROOT, leaf(b"a"), [])


@pytest.mark.parametrize("bad", [b"", b"a" * 31, b"a" * 33, b"a" * 64])
def test_a_hash_of_another_length_is_refused_wherever_it_stands(bad: bytes) -> None:
    two = [b"a", b"b"]
    assert _refused(verify_inclusion, 0, 2, bad, path(0, two), root(two))
    assert _refused(verify_inclusion, 0, 2, leaf(b"a"), [bad], root(two))
    assert _refused(verify_inclusion, 0, 2, leaf(b"a"), path(0, two), bad)
    assert _refused(verify_consistency, 1, 2, bad, root(two), consistency(1, two))
    assert _refused(verify_consistency, 1, 2, leaf(b"a"), root(two), [bad])


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    verify_consistency(1, 1, leaf(b"a"), leaf(b"a"), [])
    assert _refused(verify_consistency, 1, 1, leaf(b"a"), leaf(b"b"), [])
    assert _refused(verify_consistency, 1, 1, leaf(b"a"), leaf(b"a"), [leaf(b"a")])


def test_a_proof_of_a_thousand_hashes_is_refused_without_work() -> None:
    assert _refused(verify_inclusion, 0, 2, leaf(b"a"), [leaf(b"b")] * 1000, root([b"a", b"b"]))
    assert _refused(verify_consistency, 1, 2, leaf(b"a"), root([b"a", b"b"]), [leaf(b"b")] * 1000)
