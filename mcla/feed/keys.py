# SPDX-License-Identifier: Apache-2.0
"""Who may sign a feed: a key that was pinned, and those that it handed over to, each from a serial on.

A key is named by the SHA-256 of its SubjectPublicKeyInfo (DER). A change of keys is a statement of its own, signed by
the old key and carried in every later feed, so that whoever pinned the old key can follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from mcla.artifacts.digest import sha256_hex
from mcla.envelope.encoding import decode_base64, encode_base64
from mcla.feed.errors import FeedInvalid, FeedKeyRotatedOut, FeedKeyUnknown, FeedRotationInvalid, FeedSignatureInvalid
from mcla.feed.parts import Base64, Count, Hex, Moment, shaped
from mcla.signer import Ed25519Signer
from mcla.statements.canonical import canonical_json
from mcla.statements.strict import parse_json

ROTATION_SCHEMA = "mcla.feed-rotation/1"


@dataclass(frozen=True, slots=True)
class FeedKey:
    """An Ed25519 public key, as DER."""

    der: bytes

    @classmethod
    def of(cls, key: Ed25519PublicKey) -> "FeedKey":
        return cls(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    @classmethod
    def from_base64(cls, text: object) -> "FeedKey":
        """The key in the base64 of its DER; raises `FeedInvalid` or `EncodingInvalid`."""
        return cls(decode_base64(text, "a public key")).checked()

    @classmethod
    def from_file(cls, data: bytes) -> "FeedKey":
        """The key in a file: PEM, or base64 of the DER on one line; raises `FeedInvalid` or `EncodingInvalid`."""
        if not data.lstrip().startswith(b"-----BEGIN"):
            return cls.from_base64(data.decode("ascii", "replace").strip())
        try:
            key = load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise FeedInvalid("expected an Ed25519 public key in PEM, got something else") from error
        if not isinstance(key, Ed25519PublicKey):
            raise FeedInvalid("expected an Ed25519 public key, got one of another kind")
        return cls.of(key)

    def checked(self) -> "FeedKey":
        """This key, if it is one; raises `FeedInvalid`."""
        _ = self.public
        return self

    @property
    def public(self) -> Ed25519PublicKey:
        try:
            key = load_der_public_key(self.der)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise FeedInvalid("expected an Ed25519 public key (SubjectPublicKeyInfo), got other bytes") from error
        if not isinstance(key, Ed25519PublicKey) or FeedKey.of(key) != self:
            raise FeedInvalid("expected an Ed25519 public key in its one form, got another")
        return key

    @property
    def id(self) -> str:
        return sha256_hex(self.der)

    @property
    def base64(self) -> str:
        return encode_base64(self.der)

    def check(self, signature: "Signature", data: bytes) -> None:
        """Raise `FeedSignatureInvalid` unless the signature is by this key over `data`."""
        try:
            self.public.verify(decode_base64(signature.ed25519, "the signature"), data)
        except InvalidSignature:
            raise FeedSignatureInvalid(
                f"It was changed after it was signed: expected a signature by {self.id}, got one over other bytes"
            ) from None


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature (RFC 8032, 64 bytes) and the id of its key."""

    key: Hex
    ed25519: Base64

    def to_dict(self) -> dict[str, str]:
        return {"key": self.key, "ed25519": self.ed25519}


def sign(data: bytes, key: Ed25519Signer) -> Signature:
    return Signature(FeedKey.of(key.public_key()).id, encode_base64(key.sign(data)))


@dataclass(frozen=True, slots=True)
class RotationPart:
    """A change of keys as it is written: from `serial` on the feed is signed by `new` alone."""

    schema: Literal["mcla.feed-rotation/1"]
    feed: str
    serial: Count
    old: Hex
    new: Base64
    signed_at: Moment
    signature: Signature


@dataclass(frozen=True, slots=True)
class Rotation:
    """The same, read. Whether the old key was believed, `KeyHistory` says."""

    feed: str
    serial: int
    old: str
    new: FeedKey
    signed_at: str
    signature: Signature

    @classmethod
    def of(cls, part: RotationPart) -> "Rotation":
        return cls(part.feed, part.serial, part.old, FeedKey.from_base64(part.new), part.signed_at, part.signature)

    @property
    def signed(self) -> bytes:
        return canonical_json(self._content())

    def to_dict(self) -> dict[str, Any]:
        return self._content() | {"signature": self.signature.to_dict()}

    def _content(self) -> dict[str, Any]:
        return {
            "schema": ROTATION_SCHEMA,
            "feed": self.feed,
            "serial": self.serial,
            "old": self.old,
            "new": self.new.base64,
            "signed_at": self.signed_at,
        }


def hand_over(feed: str, serial: int, old: Ed25519Signer, new: Ed25519PublicKey, signed_at: str) -> Rotation:
    """The statement by which `old` hands over to `new` from `serial` on."""
    unsigned = Rotation(feed, serial, FeedKey.of(old.public_key()).id, FeedKey.of(new), signed_at, Signature("", ""))
    return Rotation(feed, serial, unsigned.old, unsigned.new, signed_at, sign(unsigned.signed, old))


def read_rotation(data: bytes) -> Rotation:
    """A change of keys by itself; raises `FeedInvalid`, `EncodingInvalid` or `JsonInvalid`."""
    return Rotation.of(shaped(RotationPart, parse_json(data)))


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """The keys that are believed, the oldest first, each with the first serial that it signs."""

    keys: tuple[tuple[int, FeedKey], ...]

    @classmethod
    def pinned(cls, key: FeedKey) -> "KeyHistory":
        return cls(((1, key),))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(key.id for _, key in self.keys)

    def followed(self, feed: str, rotations: Sequence[Rotation], seen: int = 0) -> "KeyHistory":
        """With what the last key handed over to; raises `FeedRotationInvalid`.

        What came before the pinned key is nobody's business here; what was followed once must be told the same again,
        and a change told only now cannot have happened by the serial that was `seen` already.
        """
        keys = self.keys
        for each in rotations:
            known = {key.id: (serial, key) for serial, key in keys}
            if each.old == keys[-1][1].id and each.new.id not in known:
                _check_hand_over(each, feed, max(seen + 1, keys[-1][0]), keys[-1][1])
                keys = (*keys, (each.serial, each.new))
            elif each.old in known and known.get(each.new.id) != (each.serial, each.new):
                raise FeedRotationInvalid(f"expected what was told before of the key {each.old}, got another change")
        return KeyHistory(keys)

    def check(self, serial: int, signature: Signature, data: bytes) -> None:
        """Raise unless `data`, under this serial, is signed by the key whose turn it was."""
        turn = [key for first, key in self.keys if first <= serial]
        current = turn[-1] if turn else self.keys[0][1]
        wanted = f"expected {current.id}"
        if signature.key != current.id:
            if signature.key in self.ids[: self.ids.index(current.id)]:
                raise FeedKeyRotatedOut(f"It is signed by a key that has handed over: {wanted}, got {signature.key}")
            raise FeedKeyUnknown(f"It is signed by a key that nobody pinned: {wanted}, got {signature.key}")
        current.check(signature, data)


def _check_hand_over(rotation: Rotation, feed: str, earliest: int, old: FeedKey) -> None:
    if rotation.feed != feed or rotation.signature.key != rotation.old:
        raise FeedRotationInvalid("expected a change of keys of this feed, signed by the old key, got another")
    if rotation.serial < earliest:
        raise FeedRotationInvalid(f"expected a change of keys at serial {earliest} or later, got {rotation.serial}")
    old.check(rotation.signature, rotation.signed)
