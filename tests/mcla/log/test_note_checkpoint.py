# SPDX-License-Identifier: Apache-2.0
"""Signed notes and checkpoints: Go's format rules, a real log's heads, and every way to bend a head."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from needs import shared

from mcla.errors import MclaError
from mcla.log.checkpoint import (
    Checkpoint,
    CheckpointInvalid,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from mcla.log.merkle import EMPTY_ROOT
from mcla.log.note import NoteInvalid, key_id, open_note, sign_note
from mcla.log.vkey import KeyType, VerifierKey, parse_vkey

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key()
NAME = "log.example.org"
ROOT = base64.b64encode(bytes(range(32))).decode()
HEAD = f"{NAME}\n7\n{ROOT}\n"
# The public key that the authors of the tlog-tiles vectors print beside them.
VECTOR_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_the_example_note_of_gos_documentation_opens() -> None:
    key = parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert open_note(f"{text}\n{line}\n", key.name, key.ed25519) == text


def test_the_checkpoints_of_a_real_log_open_with_its_verifier_key() -> None:
    key = parse_vkey(VECTOR_KEY)
    for size in range(16):
        note = shared("vectors", "tlog-tiles", f"checkpoint.{size}").read_text()
        assert open_checkpoint(note, key.name, key.ed25519).size == size


def test_the_verifier_key_line_has_gos_three_parts_and_reads_back() -> None:
    line = VerifierKey.of_log(NAME, PUBLIC).line
    name, hint, encoded = line.split("+", 2)
    assert (name, hint) == (NAME, key_id(NAME, PUBLIC)[:4].hex())
    assert base64.b64decode(encoded) == b"\x01" + PUBLIC.public_bytes_raw()
    assert parse_vkey(line) == VerifierKey(NAME, KeyType.ED25519, PUBLIC.public_bytes_raw())
    assert parse_vkey(line).ed25519 == PUBLIC


@pytest.mark.parametrize(
    "line",
    ["", "a", "a+b", "a+b+c", VECTOR_KEY.replace("33d7b496", "33d7b497"),
     VECTOR_KEY.replace("example.com", "example.org"), VECTOR_KEY + "=",
     VECTOR_KEY[:-4], VECTOR_KEY.replace("+AeHT", "+BOHT"), " " + VECTOR_KEY, VECTOR_KEY + "\n"],
)  # fmt: skip
def test_a_bent_verifier_key_is_refused(line: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_vkey(line)


def test_the_signature_line_carries_four_bytes_of_key_id_and_the_signature() -> None:
    note = sign_note("text\n", NAME, KEY)
    text, _, line = note.rpartition("\n\n")
    assert text == "text"
    mark, name, encoded = line.rstrip("\n").split(" ")
    assert (mark, name) == ("\u2014", NAME)
    raw = base64.b64decode(encoded)
    assert raw[:4] == key_id(NAME, PUBLIC)[:4]
    PUBLIC.verify(raw[4:], b"text\n")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")))
def test_every_text_reads_back_even_with_empty_lines_inside(body: str) -> None:
    text = body + "\n"
    assert open_note(sign_note(text, NAME, KEY), NAME, PUBLIC) == text


def test_lines_of_unknown_keys_are_ignored_before_and_after_ours() -> None:
    note = sign_note(HEAD, NAME, KEY)
    text, _, ours = note.rpartition("\n\n")
    witness = "— witness.example.net " + base64.b64encode(b"\x04wit" + b"x" * 72).decode() + "\n"
    same_name = f"— {NAME} " + base64.b64encode(b"abcd" + b"x" * 2420).decode() + "\n"
    same_id = "— elsewhere " + base64.b64encode(key_id(NAME, PUBLIC)[:4] + b"x" * 64).decode() + "\n"
    assert open_checkpoint(f"{text}\n\n{witness}{same_name}{same_id}{ours}{witness}", NAME, PUBLIC).size == 7


def test_a_second_line_of_ours_that_is_wrong_spoils_the_note() -> None:
    wrong = f"— {NAME} " + base64.b64encode(key_id(NAME, PUBLIC)[:4] + b"x" * 64).decode() + "\n"
    with pytest.raises(NoteInvalid, match="wrong"):
        open_note(sign_note(HEAD, NAME, KEY) + wrong, NAME, PUBLIC)


GOOD = sign_note(HEAD, NAME, KEY)
BENT_NOTES = {
    "empty": "",
    "only a newline": "\n",
    "no signature block": HEAD,
    "no signature line": HEAD + "\n",
    "no last newline": GOOD[:-1],
    "cut inside the signature": GOOD[:-20] + "\n",
    "CRLF": GOOD.replace("\n", "\r\n"),
    "one CR": GOOD.replace("\n7\n", "\n7\r\n"),
    "a tab": GOOD.replace("\n7\n", "\n7\t\n"),
    "a NUL": GOOD.replace("\n7\n", "\n7\0\n"),
    "hyphen for dash": GOOD.replace("— ", "- "),
    "two spaces": GOOD.replace("— ", "—  "),
    "space at the end": GOOD[:-1] + " \n",
    "text after the signature": GOOD + "more\n",
    "empty line after the signature": GOOD + "\n",
    "other size": GOOD.replace("\n7\n", "\n8\n"),
    "other origin": GOOD.replace(f"{NAME}\n7", "log.example.com\n7"),
    "other name": GOOD.replace(f"— {NAME}", "— log.example.com"),
    "name with plus": GOOD.replace("— ", "— a+"),
    "not base64": GOOD.replace("— " + NAME + " ", "— " + NAME + " *"),
    "URL-safe base64": GOOD[:-6] + "_-A=\n",
    "an unknown malformed line": GOOD + "— w AAAA\n",
    "65 lines": GOOD + ("— w " + base64.b64encode(b"w" * 68).decode() + "\n") * 64,
    "huge": GOOD[:-1] + "A" * 1_000_000 + "\n",
    "a lone surrogate": "\ud800" + GOOD,
    "signed by another key": sign_note(HEAD, NAME, OTHER),
}


@pytest.mark.parametrize("note", BENT_NOTES.values(), ids=BENT_NOTES.keys())
def test_a_bent_note_is_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        open_note(note, NAME, PUBLIC)


def test_a_signature_of_another_key_under_our_key_id_is_refused() -> None:
    forged = key_id(NAME, PUBLIC)[:4] + OTHER.sign(HEAD.encode())
    with pytest.raises(NoteInvalid, match="wrong"):
        open_note(f"{HEAD}\n— {NAME} {base64.b64encode(forged).decode()}\n", NAME, PUBLIC)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\tb", "a\x7fb", " a", "a "])
def test_a_key_name_with_spaces_or_plus_is_never_signed_with(name: str) -> None:
    with pytest.raises(NoteInvalid):
        sign_note("text\n", name, KEY)


@pytest.mark.parametrize("text", ["", "text", "a\tb\n", "a\rb\n", "\0\n", "\ud800\n"])
def test_a_text_that_is_no_note_is_never_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign_note(text, NAME, KEY)


@given(st.integers(0, len(HEAD)), st.text(max_size=30), st.integers(0, 5))
def test_any_change_of_a_head_is_another_head_or_refused_with_our_own_error(at: int, put: str, cut: int) -> None:
    changed = HEAD[:at] + put + HEAD[at + cut :]
    try:
        assert format_checkpoint(parse_checkpoint(changed)) == changed
    except MclaError:
        return


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_reads_back(size: int, root: bytes) -> None:
    head = Checkpoint(NAME, size, root if size else EMPTY_ROOT)
    assert parse_checkpoint(format_checkpoint(head)) == head
    assert open_checkpoint(sign_checkpoint(head, KEY), NAME, PUBLIC) == head


BENT_HEADS = {
    "empty": "",
    "one line": f"{NAME}\n",
    "two lines": f"{NAME}\n7\n",
    "no last newline": HEAD[:-1],
    "empty line at the end": HEAD + "\n",
    "an extension line": HEAD + "extension\n",
    "no origin": f"\n7\n{ROOT}\n",
    "no size": f"{NAME}\n\n{ROOT}\n",
    "no root": f"{NAME}\n7\n\n",
    "leading zero": f"{NAME}\n07\n{ROOT}\n",
    "two zeros": f"{NAME}\n00\n{ROOT}\n",
    "plus": f"{NAME}\n+7\n{ROOT}\n",
    "negative": f"{NAME}\n-7\n{ROOT}\n",
    "space before": f"{NAME}\n 7\n{ROOT}\n",
    "space after": f"{NAME}\n7 \n{ROOT}\n",
    "hexadecimal": f"{NAME}\n0x7\n{ROOT}\n",
    "a float": f"{NAME}\n7.0\n{ROOT}\n",
    "exponent": f"{NAME}\n7e1\n{ROOT}\n",
    "underscore": f"{NAME}\n1_0\n{ROOT}\n",
    "Arabic digit": f"{NAME}\n٧\n{ROOT}\n",
    "2**63": f"{NAME}\n{2**63}\n{ROOT}\n",
    "100 digits": f"{NAME}\n{'9' * 100}\n{ROOT}\n",
    "CRLF": HEAD.replace("\n", "\r\n"),
    "root of 31 bytes": f"{NAME}\n7\n{base64.b64encode(bytes(31)).decode()}\n",
    "root of 33 bytes": f"{NAME}\n7\n{base64.b64encode(bytes(33)).decode()}\n",
    "root without padding": f"{NAME}\n7\n{ROOT.rstrip('=')}\n",
    "root with loose bits": f"{NAME}\n7\n{ROOT[:-2]}9=\n",
    "root in hex": f"{NAME}\n7\n{bytes(32).hex()}\n",
    "root with space": f"{NAME}\n7\n{ROOT} \n",
    "empty log with other root": f"{NAME}\n0\n{ROOT}\n",
}


@pytest.mark.parametrize("text", BENT_HEADS.values(), ids=BENT_HEADS.keys())
def test_a_bent_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        parse_checkpoint(text)


@pytest.mark.parametrize("text", BENT_HEADS.values(), ids=BENT_HEADS.keys())
def test_a_bent_checkpoint_is_refused_even_when_it_is_signed(text: str) -> None:
    with pytest.raises(MclaError):
        open_checkpoint(sign_note(text, NAME, KEY), NAME, PUBLIC)


def test_a_head_of_another_log_signed_by_the_same_key_is_refused() -> None:
    with pytest.raises(CheckpointInvalid, match="speaks for"):
        open_checkpoint(sign_note(HEAD.replace(NAME, "log.example.com"), NAME, KEY), NAME, PUBLIC)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, bytes(32)), ("a\nb", 1, bytes(32)), (NAME, -1, bytes(32)),
     (NAME, 2**63, bytes(32)), (NAME, 1, b""), (NAME, 0, bytes(32))],
)  # fmt: skip
def test_an_impossible_head_cannot_be_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint(origin, size, root)
