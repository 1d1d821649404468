# SPDX-License-Identifier: Apache-2.0
"""Verifier keys (C2SP signed-note): one line with the name, the id and the public key of whoever signs notes.

Three types are known: 0x01 signs notes with Ed25519, 0x04 and 0x06 cosign checkpoints with Ed25519 and ML-DSA-44.
"""

from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from mcla.log.note import ED25519, NoteInvalid, check_name, decode_exactly, encode_exactly, long_key_id


class KeyType(IntEnum):
    """The signature type byte of C2SP signed-note."""

    ED25519 = ED25519
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


RAW_SIZES = {KeyType.ED25519: 32, KeyType.COSIGNATURE_ED25519: 32, KeyType.COSIGNATURE_ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name: `raw` is 32 bytes for Ed25519, 1,312 for ML-DSA-44 (FIPS 204)."""

    name: str
    kind: KeyType
    raw: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.raw) != RAW_SIZES[self.kind]:
            raise NoteInvalid(f"a key of type {self.kind:#04x} has {RAW_SIZES[self.kind]} bytes, not {len(self.raw)}")

    @classmethod
    def of_log(cls, name: str, key: Ed25519PublicKey) -> "VerifierKey":
        """The key that signs the notes of the log `name`."""
        return cls(name, KeyType.ED25519, key.public_bytes_raw())

    @classmethod
    def of_log_mldsa(cls, name: str, key: MLDSA44PublicKey) -> "VerifierKey":
        """The second key of the log `name`: it cosigns the log's own heads (C2SP tlog-checkpoint)."""
        return cls(name, KeyType.COSIGNATURE_ML_DSA_44, key.public_bytes_raw())

    @property
    def id(self) -> bytes:
        """The 4 bytes that stand in signature lines."""
        return long_key_id(self.name, self.kind, self.raw)[:4]

    @property
    def ed25519(self) -> Ed25519PublicKey:
        """The key for signatures over notes; raises `NoteInvalid` if it is not of that type."""
        if self.kind is not KeyType.ED25519:
            raise NoteInvalid(f"the verifier key of {self.name} is of type {self.kind:#04x}, not an Ed25519 log key")
        return Ed25519PublicKey.from_public_bytes(self.raw)

    @property
    def line(self) -> str:
        """`<name>+<8 hex of the id>+<base64(type || key)>`, as Go's note tools read it."""
        return f"{self.name}+{self.id.hex()}+{encode_exactly(bytes([self.kind]) + self.raw)}"


def parse_vkey(line: str) -> VerifierKey:
    """The key in a verifier key line; raises `NoteInvalid`."""
    # The base64 part may hold plus signs, the other two never do.
    name, _, rest = line.partition("+")
    identifier, _, encoded = rest.partition("+")
    raw = decode_exactly(encoded, "the verifier key")
    if raw[:1] not in {bytes([kind]) for kind in KeyType}:
        raise NoteInvalid(f"the verifier key is of type {raw[:1].hex() or 'none'}; known are 01, 04 and 06")
    key = VerifierKey(name, KeyType(raw[0]), raw[1:])
    if key.id.hex() != identifier:
        raise NoteInvalid(f"the verifier key's id {identifier[:20]!r} does not belong to its name and key")
    return key
