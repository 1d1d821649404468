# SPDX-License-Identifier: Apache-2.0
"""tlog-proof files: written to the byte, read back, checked against a policy, and bent in every line."""

import base64
from pathlib import Path

import pytest
from cosigning import LOG_VKEY, ORIGIN, cosigner, policy_text, witnessed
from hypothesis import given
from hypothesis import strategies as st

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid
from mcla.log.merkle import ProofInvalid, leaf_hash, tree_root
from mcla.log.note import NoteInvalid
from mcla.log.policy import LogNotInPolicy, PolicyUnmet
from mcla.log.policyfile import parse_policy
from mcla.log.proof import LogProof, LogProofInvalid, format_proof, parse_proof
from mcla.log.tiles import inclusion_proof

LEAVES = [leaf_hash(b"entry %d" % number) for number in range(9)]
HEAD = Checkpoint(ORIGIN, 9, tree_root(LEAVES))
NOTE = witnessed(cosigner(1), head=HEAD)
POLICY = parse_policy(policy_text(cosigner(1), quorum="quorum w1").encode())


class Leaves:
    """The one tile of a small tree."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        assert (level, index) == (0, 0)
        return b"".join(LEAVES[:width])


def proof_of(index: int, extra: bytes | None = None) -> LogProof:
    return LogProof(index, inclusion_proof(Leaves(), index, 9), NOTE, extra)


TEXT = format_proof(proof_of(5))


def test_a_proof_is_the_text_of_the_specification() -> None:
    hashes = [base64.b64encode(step).decode() for step in proof_of(5).path]
    assert "\n".join(["c2sp.org/tlog-proof@v1", "index 5", *hashes, "", NOTE]) == TEXT
    with_extra = format_proof(proof_of(5, b"more")).split("\n")
    assert with_extra[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 5"]


@pytest.mark.parametrize("index", [0, 5, 8])
def test_every_entry_is_proven_to_whoever_has_the_policy(index: int, tmp_path: Path) -> None:
    file = tmp_path / "entry.tlog-proof"
    file.write_text(format_proof(proof_of(index, b"for people")), encoding="utf-8")
    proof = parse_proof(file.read_text(encoding="utf-8"))
    assert proof == proof_of(index, b"for people")
    accepted = proof.check(LEAVES[index], POLICY)
    assert (accepted.checkpoint, [one.witness.name for one in accepted.cosigned]) == (HEAD, ["w1"])


def test_the_proof_of_the_only_entry_has_no_hashes() -> None:
    head = Checkpoint(ORIGIN, 1, LEAVES[0])
    proof = parse_proof(format_proof(LogProof(0, (), witnessed(cosigner(1), head=head))))
    assert proof.path == ()
    assert proof.check(LEAVES[0], POLICY).checkpoint == head


def test_a_proof_of_another_entry_place_log_or_quorum_does_not_hold() -> None:
    proof = parse_proof(TEXT)
    with pytest.raises(ProofInvalid):
        proof.check(LEAVES[4], POLICY)
    with pytest.raises(ProofInvalid):
        LogProof(4, proof.path, NOTE).check(LEAVES[5], POLICY)
    with pytest.raises(PolicyUnmet):
        proof.check(LEAVES[5], parse_policy(policy_text(cosigner(2), quorum="quorum w1").encode()))
    without_witnesses = parse_policy(f"log {LOG_VKEY.line}\nquorum none\n".encode())
    assert proof.check(LEAVES[5], without_witnesses).cosigned == ()
    with pytest.raises((NoteInvalid, CheckpointInvalid, LogNotInPolicy)):
        LogProof(5, proof.path, NOTE.replace("\n9\n", "\n8\n")).check(LEAVES[5], POLICY)


@pytest.mark.parametrize(
    "bent",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        TEXT.replace("@v1", "@v2"),
        "\n" + TEXT,
        " " + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("index 5", "index 05"),
        TEXT.replace("index 5", "index -5"),
        TEXT.replace("index 5", "index +5"),
        TEXT.replace("index 5", "index  5"),
        TEXT.replace("index 5", "index 5 "),
        TEXT.replace("index 5", "index ٥"),
        TEXT.replace("index 5", f"index {2**63}"),
        TEXT.replace("index 5", "index 99999999999999999999999"),
        TEXT.replace("index 5\n", ""),
        TEXT.replace("index 5", "extra bW9yZQ=\nindex 5"),
        TEXT.replace("index 5", "extra bW9yZQ==\nextra bW9yZQ==\nindex 5"),
        TEXT.replace("index 5", "index 5\nextra bW9yZQ=="),
        TEXT.replace("index 5", "index 5\nindex 5"),
        TEXT.replace("index 5", "index 5\nAAAA"),
        TEXT.replace("index 5", "index 5\n" + "\n".join([base64.b64encode(bytes(32)).decode()] * 60)),
    ],
)
def test_a_bent_proof_is_refused(bent: str) -> None:
    with pytest.raises(LogProofInvalid):
        parse_proof(bent)


@given(st.text(max_size=300), st.integers(0, len(TEXT) - 1))
def test_any_text_and_any_cut_are_refused_with_our_own_error_only(text: str, at: int) -> None:
    for given_text in (text, TEXT[:at] + text, TEXT[:at], TEXT + text + "x"):
        with pytest.raises(MclaError):
            parse_proof(given_text).check(LEAVES[5], POLICY)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(min_size=1),
)
def test_every_proof_reads_back(index: int, path: list[bytes], extra: bytes | None) -> None:
    proof = LogProof(index, tuple(path), NOTE, extra)
    assert parse_proof(format_proof(proof)) == proof
