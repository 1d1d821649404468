# SPDX-License-Identifier: Apache-2.0
"""WebAuthn read and checked with `cryptography` alone (W3C Web Authentication Level 3, sections 6.1, 7.1, 7.2).

What a browser and an authenticator say of one ceremony: of which type, over which challenge, at which origin, and
that a person was there and was recognised. The signature covers `authenticatorData || SHA-256(clientDataJSON)`.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mcla.envelope.dsse import pae
from mcla.envelope.encoding import EncodingInvalid, check_p256_signature
from mcla.envelope.possession import PossessionRefused, read_p256_key
from mcla.errors import MclaError
from mcla.statements.passkey import MAX_AUTHENTICATOR_DATA, MAX_CLIENT_DATA, Assertion
from mcla.statements.strict import JsonInvalid, parse_json

Ceremony = Literal["webauthn.create", "webauthn.get"]
HEAD_BYTES = 37
CHALLENGE_BYTES = 32
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


class WebauthnRefused(MclaError):
    """What a passkey answered is not what was asked of it."""

    code: ClassVar[str] = "passkey-refused"
    status = 422
    hint = "Use the passkey again on the service's own page; nothing was signed by what it answered now."


class PasskeyMalformed(WebauthnRefused):
    """A part of the answer cannot be read."""

    code = "passkey-malformed"


class PasskeyElsewhere(WebauthnRefused):
    """The answer belongs to another ceremony: another type, challenge, origin or relying party."""

    code = "passkey-elsewhere"


class PasskeyUserUnverified(WebauthnRefused):
    """The authenticator does not say that a person was there and was recognised by it."""

    code = "passkey-user-unverified"
    hint = "Use a passkey that asks for a PIN, a finger or a face each time."


class PasskeyForged(WebauthnRefused):
    """The signature is not by this passkey over this statement."""

    code = "passkey-signature-invalid"


@dataclass(frozen=True, slots=True)
class AuthenticatorData:
    """The head of authenticator data (section 6.1), and the bytes after it, unread."""

    rp_id_hash: bytes
    flags: int
    counter: int
    rest: bytes

    @property
    def attested(self) -> bool:
        """Whether a new credential's data follow."""
        return bool(self.flags & _ATTESTED)

    @property
    def extended(self) -> bool:
        """Whether answers of extensions follow."""
        return bool(self.flags & _EXTENDED)

    @property
    def backed_up(self) -> bool:
        """Whether the key is kept at its provider too, not on one device alone."""
        return bool(self.flags & _BACKED_UP)


def rp_id_of(origin: str) -> str:
    """The relying party of an origin: its host name and nothing above it."""
    return urlsplit(origin).hostname or ""


def challenge_of(inner: bytes) -> bytes:
    """The challenge for a statement without its assertion: SHA-256 of its DSSE pre-authentication encoding."""
    return hashlib.sha256(pae(inner)).digest()


def read_client_data(data: bytes, ceremony: Ceremony, origin: str) -> bytes:
    """The challenge that the browser answered, at exactly this origin and in no frame of another.

    Raises `PasskeyMalformed` or `PasskeyElsewhere`.
    """
    try:
        said = parse_json(data, max_bytes=MAX_CLIENT_DATA, max_depth=4)
    except JsonInvalid as error:
        raise PasskeyMalformed(f"expected the browser's client data as JSON: {error.message}") from error
    if not isinstance(said, dict):
        raise PasskeyMalformed("expected the browser's client data as an object, got something else")
    for name, expected in (("type", ceremony), ("origin", origin), ("crossOrigin", False)):
        got = said.get(name, False if name == "crossOrigin" else None)
        if got != expected or type(got) is not type(expected):
            raise PasskeyElsewhere(f"expected a passkey's answer with {name} {expected}, got {got!a:.100}")
    return _read_challenge(said.get("challenge"))


def _read_challenge(text: object) -> bytes:
    try:
        challenge = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        challenge = b""
    if len(challenge) != CHALLENGE_BYTES or url_base64(challenge) != text:
        raise PasskeyMalformed(f"expected a challenge of {CHALLENGE_BYTES} bytes in base64url, got {text!a:.100}")
    return challenge


def url_base64(data: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5), as WebAuthn writes it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_authenticator_data(data: bytes, rp_id: str) -> AuthenticatorData:
    """The head of a ceremony at this relying party with a person present and verified.

    Raises `PasskeyMalformed`, `PasskeyElsewhere` or `PasskeyUserUnverified`.
    """
    if not HEAD_BYTES <= len(data) <= MAX_AUTHENTICATOR_DATA:
        what = f"{HEAD_BYTES} to {MAX_AUTHENTICATOR_DATA} bytes"
        raise PasskeyMalformed(f"expected authenticator data of {what}, got {len(data)}")
    read = AuthenticatorData(data[:32], data[32], int.from_bytes(data[33:37], "big"), data[37:])
    if read.rp_id_hash != hashlib.sha256(rp_id.encode()).digest():
        raise PasskeyElsewhere(f"expected a passkey of {rp_id}, got one of another host")
    if not read.flags & _PRESENT or not read.flags & _VERIFIED:
        what = "not verified" if read.flags & _PRESENT else "not present"
        raise PasskeyUserUnverified(f"expected a person present and verified by the passkey, got one {what}")
    if read.backed_up and not read.flags & _ELIGIBLE:
        raise PasskeyMalformed("expected flags that agree, got a backed-up key that cannot be backed up")
    if bool(read.rest) != (read.attested or read.extended):
        raise PasskeyMalformed("expected authenticator data that end where their flags say, got another length")
    return read


def check_assertion(answer: Assertion, public_key: bytes, challenge: bytes, origin: str) -> AuthenticatorData:
    """Check an assertion of the key in `public_key` (DER SubjectPublicKeyInfo, P-256); offline.

    Raises `PasskeyMalformed`, `PasskeyElsewhere`, `PasskeyUserUnverified` or `PasskeyForged`.
    """
    if read_client_data(answer.client_data, "webauthn.get", origin) != challenge:
        raise PasskeyElsewhere("expected a passkey's answer for exactly this statement, got one for another")
    read = read_authenticator_data(answer.authenticator_data, rp_id_of(origin))
    if read.attested:
        raise PasskeyMalformed("expected an assertion, got the data of a new credential")
    try:
        key = read_p256_key(public_key)
        check_p256_signature(answer.signature, "the passkey's signature")
    except (PossessionRefused, EncodingInvalid) as error:
        raise PasskeyMalformed(error.message) from error
    signed = answer.authenticator_data + hashlib.sha256(answer.client_data).digest()
    try:
        key.verify(answer.signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise PasskeyForged("expected a signature by the passkey that the statement names, got another") from error
    return read
