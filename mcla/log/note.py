# SPDX-License-Identifier: Apache-2.0
"""C2SP signed-note: a text, an empty line, and one signature line for each key that signed it.

Only Ed25519 (signature type 0x01) is made and checked here. Lines by unknown keys (witnesses, other algorithms) are
ignored, as the specification demands; a line of the known key that does not verify spoils the whole note.
"""

import base64
import binascii
import hashlib
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mcla.errors import MclaError

ED25519 = b"\x01"
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 64  # the specification asks for at least 16


class NoteInvalid(MclaError):
    """A signed note is malformed, or not signed by the expected key."""

    code = "note-invalid"
    hint = "Fetch the note again; check that the origin and the public key are those of the log you mean."


def key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    """The 32-byte key id: SHA-256(name || 0x0A || 0x01 || raw key). Its first 4 bytes stand in signature lines."""
    _check_name(name)
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key.public_bytes_raw()).digest()


def verifier_key(name: str, public_key: Ed25519PublicKey) -> str:
    """The one-line public key `<name>+<8 hex of the key id>+<base64(0x01 || raw key)>` that Go's note tools read."""
    encoded = base64.b64encode(ED25519 + public_key.public_bytes_raw()).decode()
    return f"{name}+{key_id(name, public_key)[:4].hex()}+{encoded}"


def parse_verifier_key(line: str) -> tuple[str, Ed25519PublicKey]:
    """The name and key of a `verifier_key` line; raises `NoteInvalid`."""
    # The base64 part may hold plus signs, the other two never do.
    name, _, rest = line.partition("+")
    identifier, _, encoded = rest.partition("+")
    raw = _b64(encoded, "the verifier key")
    if len(raw) != 33 or raw[:1] != ED25519:
        raise NoteInvalid("the verifier key is not an Ed25519 key")
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if key_id(name, key)[:4].hex() != identifier:
        raise NoteInvalid(f"the verifier key's id {identifier!r} does not belong to its name and key")
    return name, key


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note of `text` (which ends in a newline) with one signature line by `key` under `name`."""
    _check_text(text)
    signature = key_id(name, key.public_key())[:4] + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, name: str, public_key: Ed25519PublicKey) -> str:
    """The text of `note` if `public_key` signed it under `name`; raises `NoteInvalid`."""
    text, lines = _split(note)
    identifier = key_id(name, public_key)[:4]
    # Every line is parsed before one is believed: a malformed note is refused whoever else signed it.
    signatures = [_signature(line) for line in lines]
    ours = [raw[4:] for signer, raw in signatures if signer == name and raw[:4] == identifier]
    if not ours:
        raise NoteInvalid(f"the note carries no signature of {name} with key id {identifier.hex()}")
    for signature in ours:
        check_ed25519(name, public_key, signature, text.encode())
    return text


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


def _signature(line: str) -> tuple[str, bytes]:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if mark != "—":
        raise NoteInvalid("a signature line of the note does not begin with an em dash and a space")
    _check_name(name)
    raw = _b64(encoded, "a signature line of the note")
    if len(raw) < 5:
        raise NoteInvalid("a signature line of the note is too short to hold a key id and a signature")
    return name, raw


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteInvalid("the note's text does not end in a newline")
    if any(ch < " " and ch != "\n" for ch in text):
        raise NoteInvalid("the note's text holds a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("the note's text is not valid Unicode") from None


def _check_name(name: str) -> None:
    if not name or "+" in name or any(ch.isspace() or unicodedata.category(ch) in ("Cc", "Cs") for ch in name):
        raise NoteInvalid(f"{name!r} is not a key name: it must be non-empty, without spaces or plus signs")


def _b64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid(f"{what} is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteInvalid(f"{what} is not canonical base64")
    return raw
