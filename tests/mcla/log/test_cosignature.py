# SPDX-License-Identifier: Apache-2.0
"""Cosignatures of witnesses to the byte, with both algorithms, and every way to bend one."""

import base64
import contextlib
import hashlib
import json

import pytest
from cosigning import HEAD, LOG_KEY, NOW, cosigner, witnessed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from needs import shared

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid, format_checkpoint, open_checkpoint
from mcla.log.cosignature import CosignatureInvalid, Cosigner, check_cosignature, cosigned_at
from mcla.log.note import NoteInvalid, NoteSignature, parse_line, parse_note
from mcla.log.vkey import KeyType, VerifierKey, parse_vkey

TEXT = format_checkpoint(HEAD)
BOTH = [cosigner(1), cosigner(2, post_quantum=True)]


def test_an_ed25519_cosignature_signs_the_time_and_the_whole_note_body() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = Cosigner("w.example", key).sign(TEXT, NOW)
    raw = key.public_key().public_bytes_raw()
    assert signature.key_id == hashlib.sha256(b"w.example\n\x04" + raw).digest()[:4]
    assert signature.signature[:8] == NOW.to_bytes(8, "big")
    key.public_key().verify(signature.signature[8:], f"cosignature/v1\ntime {NOW}\n{TEXT}".encode())


def test_an_ml_dsa_cosignature_signs_the_structure_of_the_specification() -> None:
    one = cosigner(3, post_quantum=True)
    signature = one.sign(TEXT, NOW)
    name, origin = one.name.encode(), HEAD.origin.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + NOW.to_bytes(8) + bytes([len(origin)]) + origin
    one.key.public_key().verify(signature.signature[8:], message + bytes(8) + (7).to_bytes(8) + HEAD.root)
    assert len(signature.signature) == 8 + 2420
    assert signature.key_id == hashlib.sha256(name + b"\n\x06" + one.vkey.raw).digest()[:4]


@pytest.mark.parametrize("one", BOTH, ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_reads_back_with_its_time_and_its_key_line(one: Cosigner) -> None:
    note = parse_note(witnessed(one))
    assert cosigned_at(note, parse_vkey(one.vkey.line)) == NOW
    assert cosigned_at(note, cosigner(9).vkey) is None


@pytest.mark.parametrize("one", BOTH, ids=["ed25519", "ml-dsa-44"])
@pytest.mark.parametrize(
    "other",
    [
        Checkpoint(HEAD.origin, 8, HEAD.root),
        Checkpoint(HEAD.origin, 7, bytes(32)),
        Checkpoint("other.example.org", 7, HEAD.root),
    ],
    ids=["size", "root", "origin"],
)
def test_a_cosignature_holds_for_no_other_head(one: Cosigner, other: Checkpoint) -> None:
    signature = one.sign(TEXT, NOW).signature
    assert check_cosignature(TEXT, signature, one.vkey) == NOW
    with pytest.raises(CosignatureInvalid, match="is wrong"):
        check_cosignature(format_checkpoint(other), signature, one.vkey)


@pytest.mark.parametrize("one", BOTH, ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_with_another_time_a_flipped_bit_or_a_cut_end_is_refused(one: Cosigner) -> None:
    good = one.sign(TEXT, NOW).signature
    later = (NOW + 1).to_bytes(8) + good[8:]
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    for bent in (later, flipped, good[:-1], good + b"\0", good[:8], b"", b"\xff" + good[1:]):
        with pytest.raises(CosignatureInvalid):
            check_cosignature(TEXT, bent, one.vkey)


def test_a_key_that_anybody_can_sign_for_cosigns_nothing() -> None:
    weak = VerifierKey("w", KeyType.COSIGNATURE_ED25519, (1).to_bytes(32, "little"))
    with pytest.raises(CosignatureInvalid, match="anybody can sign for"):
        check_cosignature(TEXT, bytes(8) + weak.raw + bytes(32), weak)


def test_an_ml_dsa_cosignature_belongs_to_its_name() -> None:
    one = cosigner(2, post_quantum=True)
    renamed = VerifierKey("somebody.else", one.vkey.kind, one.vkey.raw)
    with pytest.raises(CosignatureInvalid):
        check_cosignature(TEXT, one.sign(TEXT, NOW).signature, renamed)


def test_a_name_too_long_for_the_structure_is_refused() -> None:
    one = Cosigner("w" * 256, cosigner(2, post_quantum=True).key)
    with pytest.raises(CheckpointInvalid, match="255"):
        one.sign(TEXT, NOW)


def test_the_logs_own_key_type_is_no_cosigners() -> None:
    raw = cosigner(1).vkey.raw
    with pytest.raises(CosignatureInvalid, match="not a cosigner"):
        check_cosignature(TEXT, cosigner(1).sign(TEXT, NOW).signature, VerifierKey("w", KeyType.ED25519, raw))


def test_one_wrong_line_of_a_known_witness_spoils_the_note_however_many_good_ones_stand_beside_it() -> None:
    one = cosigner(1)
    wrong = NoteSignature(one.name, one.vkey.id, bytes(8) + bytes(64)).line
    with pytest.raises(CosignatureInvalid):
        cosigned_at(parse_note(witnessed(one) + wrong), one.vkey)
    assert cosigned_at(parse_note(witnessed(one) + wrong), cosigner(8).vkey) is None


@pytest.mark.parametrize("case", ["rekor2-checkpoint-cosigned", "rekor2-checkpoint-multiple-cosigs"])
def test_lines_of_witnesses_on_public_checkpoints_are_taken_apart_and_passed_over(case: str) -> None:
    bundle = json.loads(shared("vectors", "sigstore-bundles", case, "bundle.sigstore.json").read_text())
    note = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"]
    signatures = parse_note(note).signatures
    assert [len(one.signature) for one in signatures[1:]] == [72] * (len(signatures) - 1)
    assert len(signatures) >= 2
    assert cosigned_at(parse_note(note), cosigner(1).vkey) is None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [(0x04, bytes(31)), (0x04, bytes(33)), (0x06, bytes(1311)), (0x06, bytes(32)), (0x02, bytes(91)), (0x00, b"")],
)
def test_a_key_of_the_wrong_length_or_an_unknown_type_is_refused(kind: int, raw: bytes) -> None:
    identifier = hashlib.sha256(b"w\n" + bytes([kind]) + raw).digest()[:4].hex()
    with pytest.raises(NoteInvalid):
        parse_vkey(f"w+{identifier}+{base64.b64encode(bytes([kind]) + raw).decode()}")


@given(st.one_of(st.text(max_size=200), st.builds("— w.example {}".format, st.binary(max_size=90).map(
    lambda raw: base64.b64encode(raw).decode()))))  # fmt: skip
def test_any_line_is_read_or_refused_with_our_own_error(line: str) -> None:
    with contextlib.suppress(NoteInvalid):
        assert parse_line(line).line == line + "\n"


@given(st.binary(max_size=100), st.text(max_size=60))
def test_any_signature_over_any_text_is_refused_with_our_own_error(signature: bytes, text: str) -> None:
    for one in BOTH:
        with pytest.raises(MclaError):
            check_cosignature(text, signature, one.vkey)


def test_a_log_head_with_witness_lines_opens_as_before() -> None:
    assert open_checkpoint(witnessed(*BOTH), HEAD.origin, LOG_KEY.public_key()) == HEAD
