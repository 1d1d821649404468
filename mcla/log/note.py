# SPDX-License-Identifier: Apache-2.0
"""C2SP signed-note: a text, an empty line, and one signature line for each key that signed it.

Only Ed25519 (signature type 0x01) is made and checked here; `mcla.log.cosignature` knows the other types. Lines by
unknown keys are ignored, as the specification demands; a line of a known key that does not verify spoils the note.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mcla.errors import MclaError
from mcla.signer import Ed25519Signer

ED25519 = 0x01
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 64  # the specification asks for at least 16
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PLAIN_NAME = re.compile(r"[!-*,-~]+", re.ASCII)


class NoteInvalid(MclaError):
    """A signed note is malformed, or not signed by the expected key."""

    code = "note-invalid"
    hint = "Fetch the note again; check that the origin and the public key are those of the log you mean."


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: `key_id` is 4 bytes, `signature` what its algorithm makes of it."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, its newline included."""
        return f"— {self.name} {encode_exactly(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart, nothing of it believed yet; `text` ends in a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def by(self, name: str, key_id: bytes) -> list[bytes]:
        """The signatures of the key with this name and 4-byte id."""
        return [found.signature for found in self.signatures if (found.name, found.key_id) == (name, key_id)]


@lru_cache(64)
def long_key_id(name: str, kind: int, raw: bytes) -> bytes:
    """The 32-byte key id: SHA-256(name || 0x0A || signature type || raw key). Its first 4 bytes stand in lines."""
    check_name(name)
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()


def key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    """The 32-byte key id of an Ed25519 key that signs notes."""
    return long_key_id(name, ED25519, public_key.public_bytes_raw())


def sign_note(text: str, name: str, key: Ed25519Signer) -> str:
    """The note of `text` (which ends in a newline) with one signature line by `key` under `name`."""
    _check_text(text)
    signature = NoteSignature(name, key_id(name, key.public_key())[:4], key.sign(text.encode()))
    return f"{text}\n{signature.line}"


def open_note(note: str, name: str, public_key: Ed25519PublicKey) -> str:
    """The text of `note` if `public_key` signed it under `name`; raises `NoteInvalid`."""
    parsed = parse_note(note)
    identifier = key_id(name, public_key)[:4]
    ours = parsed.by(name, identifier)
    if not ours:
        raise NoteInvalid(f"the note carries no signature of {name} with key id {identifier.hex()}")
    for signature in ours:
        check_ed25519(name, public_key, signature, parsed.text.encode())
    return parsed.text


def parse_note(note: str) -> Note:
    """Take `note` apart; every line is parsed, so a malformed note is refused whoever signed it (`NoteInvalid`)."""
    text, lines = _split(note)
    return Note(text, tuple(parse_line(line) for line in lines))


def parse_line(line: str) -> NoteSignature:
    """Read one signature line, without its newline; raises `NoteInvalid`."""
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if mark != "—":
        raise NoteInvalid("a signature line of the note does not begin with an em dash and a space")
    check_name(name)
    raw = decode_exactly(encoded, "a signature line of the note")
    if len(raw) < 5:
        raise NoteInvalid("a signature line of the note is too short to hold a key id and a signature")
    return NoteSignature(name, raw[:4], raw[4:])


def check_ed25519(name: str, public_key: Ed25519PublicKey, signature: bytes, signed: bytes) -> None:
    """Raise `NoteInvalid` unless `signature` (64 bytes, RFC 8032) by the key named `name` is over the bytes `signed`.

    A key of small order is refused whatever it signed: anybody can sign for it, so that its notes bind nobody.
    """
    if public_key.public_bytes_raw() in _SMALL_ORDER:
        raise NoteInvalid(f"the key of {name} is one of the few that anybody can sign for")
    try:
        public_key.verify(signature, signed)
    except InvalidSignature:
        raise NoteInvalid(f"the signature of {name} on the note is wrong") from None


def _small_order() -> frozenset[bytes]:
    # The y of every point whose order divides 8 (RFC 8032 5.1, p = 2^255 - 19), with either sign of x; 0 and 1 also in
    # the second spelling that fits into 255 bits.
    p, eight = 2**255 - 19, 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    points = (0, 1, p - 1, p, p + 1, eight, p - eight)
    return frozenset((y | sign << 255).to_bytes(32, "little") for y in points for sign in (0, 1))


_SMALL_ORDER = _small_order()


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > MAX_NOTE:
        raise NoteInvalid(f"the note is longer than {MAX_NOTE} characters")
    head, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteInvalid("the note is not a text, an empty line and signature lines that each end in a newline")
    _check_text(head + "\n")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteInvalid(f"the note carries {len(lines)} signature lines; at most {MAX_SIGNATURES} are read")
    return head + "\n", lines


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteInvalid("the note's text does not end in a newline")
    if _CONTROL.search(text):
        raise NoteInvalid("the note's text holds a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("the note's text is not valid Unicode") from None


def check_name(name: str) -> None:
    """Raise `NoteInvalid` unless `name` may stand in a signature line."""
    if _PLAIN_NAME.fullmatch(name):
        return
    if not name or "+" in name or any(ch.isspace() or unicodedata.category(ch) in ("Cc", "Cs") for ch in name):
        raise NoteInvalid(f"{name[:80]!r} is not a key name: it must be non-empty, without spaces or plus signs")


def decode_exactly(text: str, what: str) -> bytes:
    """Decode padded base64 in its one spelling; raises `NoteInvalid` naming `what`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid(f"{what} is not base64") from None
    if encode_exactly(raw) != text:
        raise NoteInvalid(f"{what} is not canonical base64")
    return raw


def encode_exactly(data: bytes) -> str:
    """The base64 that `decode_exactly` takes."""
    return base64.b64encode(data).decode()
