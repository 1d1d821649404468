# SPDX-License-Identifier: Apache-2.0
"""Reading a new credential out of authenticator data (W3C Web Authentication Level 3, section 6.5.1).

Attestation is not asked for, and without it nothing signs the rest of the attestation object: the authenticator data
are all there is to read. The key must be ES256 in the one form that CTAP2's canonical CBOR gives it, so no CBOR reader
is needed. That the private key exists is seen when it first confirms a statement.
"""

from dataclasses import dataclass

from mcla.envelope.possession import PossessionRefused, read_p256_key
from mcla.envelope.webauthn import PasskeyMalformed, read_authenticator_data
from mcla.statements.passkey import P256_SPKI_PREFIX

AAGUID_BYTES = 16
MIN_ID, MAX_ID = 16, 512
_TO_X, _TO_Y = bytes.fromhex("a5010203262001215820"), bytes.fromhex("225820")
"""COSE_Key of RFC 9053 as CTAP2 writes it: kty EC2, alg ES256, crv P-256, x of 32 bytes; then y of 32 bytes."""
COSE_BYTES = len(_TO_X) + 32 + len(_TO_Y) + 32


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is kept of a registration: neither the model of the authenticator nor anything about the person."""

    credential_id: bytes
    public_key: bytes
    counter: int


def read_new_credential(authenticator_data: bytes, rp_id: str) -> NewCredential:
    """The credential in the answer to a registration; raises a `WebauthnRefused` of `mcla.envelope.webauthn`."""
    read = read_authenticator_data(authenticator_data, rp_id)
    if not read.attested:
        raise PasskeyMalformed("expected the data of a new credential, got none")
    length = int.from_bytes(read.rest[AAGUID_BYTES : AAGUID_BYTES + 2], "big")
    after = read.rest[AAGUID_BYTES + 2 :]
    credential_id, cose, more = after[:length], after[length : length + COSE_BYTES], after[length + COSE_BYTES :]
    if not MIN_ID <= length <= MAX_ID or len(credential_id) != length:
        raise PasskeyMalformed(f"expected a credential's id of {MIN_ID} to {MAX_ID} bytes, got {length}")
    public_key = _spki(cose)
    if bool(more) != read.extended:
        raise PasskeyMalformed("expected authenticator data that end where their flags say, got another length")
    return NewCredential(credential_id, public_key, read.counter)


def _spki(cose: bytes) -> bytes:
    x, y = cose[len(_TO_X) : len(_TO_X) + 32], cose[-32:]
    if len(cose) != COSE_BYTES or cose != _TO_X + x + _TO_Y + y:
        raise PasskeyMalformed("expected a new key of ES256 (ECDSA with P-256 and SHA-256), got another")
    spki = P256_SPKI_PREFIX + x + y
    try:
        read_p256_key(spki)
    except PossessionRefused as error:
        raise PasskeyMalformed(f"expected a new key on the curve P-256: {error.message}") from error
    return spki
