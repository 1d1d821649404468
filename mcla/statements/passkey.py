# SPDX-License-Identifier: Apache-2.0
"""The part of a statement that a passkey adds: its public key and, once it was asked, its WebAuthn assertion.

An assertion cannot cover its own bytes. It covers the statement without the member `webauthn`; the key itself and
`keyHolder` are in what is covered. Here only shapes are judged; `mcla.envelope.webauthn` checks the signature.
"""

import base64
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.statements.parts import require
from mcla.statements.shapes import as_object, check_members, part_of, read_base64

P256_SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""DER SubjectPublicKeyInfo (RFC 5480) of every P-256 key, as far as the uncompressed point."""
SPKI_BYTES = len(P256_SPKI_PREFIX) + 64
MAX_CLIENT_DATA = 2048
MAX_AUTHENTICATOR_DATA = 1024
MAX_SIGNATURE = 72


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator answered, to the byte (W3C Web Authentication Level 3, section 5.2.2)."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _sized(self.authenticator_data, "authenticator data", 37, MAX_AUTHENTICATOR_DATA)
        _sized(self.client_data, "client data", 2, MAX_CLIENT_DATA)
        _sized(self.signature, "the passkey's signature", 8, MAX_SIGNATURE)

    def to_dict(self) -> dict[str, str]:
        values = (self.authenticator_data, self.client_data, self.signature)
        return {name: _text(value) for name, value in zip(_MEMBERS, values, strict=True)}


@dataclass(frozen=True, slots=True)
class PasskeyRef:
    """The passkey that confirms a statement: DER SubjectPublicKeyInfo of a P-256 key (91 bytes), and its assertion.

    Without an assertion the statement is a draft that waits for one; no finished statement is.
    """

    public_key: bytes
    assertion: Assertion | None = None

    def __post_init__(self) -> None:
        sound = len(self.public_key) == SPKI_BYTES and self.public_key.startswith(P256_SPKI_PREFIX)
        require(sound, f"the passkey's key as {SPKI_BYTES} bytes of P-256", f"{len(self.public_key)} others")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, 64 hex digits: what a verifier pins."""
        return sha256_hex(self.public_key)

    def to_dict(self) -> dict[str, Any]:
        key: dict[str, Any] = {"publicKey": _text(self.public_key)}
        return key | {"webauthn": self.assertion.to_dict()} if self.assertion else key


def read_passkey(predicate: dict[str, Any]) -> PasskeyRef | None:
    """The member `contributorKey`, with its assertion or still without; raises `StatementInvalid`."""
    if "contributorKey" not in predicate:
        return None
    held = as_object(predicate["contributorKey"], "contributorKey")
    check_members(held, {"publicKey", *(held.keys() & {"webauthn"})}, "contributorKey")
    assertion = None
    if "webauthn" in held:
        answer = part_of(held, "webauthn", set(_MEMBERS))
        assertion = Assertion(*(read_base64(answer[name], name) for name in _MEMBERS))
    return PasskeyRef(read_base64(held["publicKey"], "publicKey"), assertion)


_MEMBERS = ("authenticatorData", "clientDataJSON", "signature")


def _sized(value: bytes, what: str, least: int, most: int) -> None:
    require(least <= len(value) <= most, f"{what} of {least} to {most} bytes", f"{len(value)} bytes")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
