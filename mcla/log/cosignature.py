# SPDX-License-Identifier: Apache-2.0
"""C2SP tlog-cosignature: what a witness says of a checkpoint: "at this time, this is the longest head I have seen".

Made and checked with Ed25519 (type 0x04) and ML-DSA-44 (type 0x06). The two sign different messages: the first the
note's text, the second a structure with the witness's own name. Times are POSIX seconds.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, CheckpointInvalid, parse_checkpoint
from mcla.log.note import Note, NoteInvalid, NoteSignature, check_ed25519
from mcla.log.vkey import KeyType, VerifierKey
from mcla.signer import Ed25519Signer, MlDsaSigner

MAX_TIME = 2**63 - 1
_LABEL = b"subtree/v1\n\0"


class CosignatureInvalid(MclaError):
    """A line of a known cosigner does not hold."""

    code = "cosignature-invalid"
    hint = "Fetch the checkpoint again; if the line stays wrong, ask the witness that it names."


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's (or a log's) private key and the name that it signs under."""

    name: str
    key: Ed25519Signer | MlDsaSigner

    @property
    def vkey(self) -> VerifierKey:
        key = self.key.public_key()
        kind = KeyType.COSIGNATURE_ED25519 if isinstance(key, Ed25519PublicKey) else KeyType.COSIGNATURE_ML_DSA_44
        return VerifierKey(self.name, kind, key.public_bytes_raw())

    def sign(self, text: str, at: int) -> NoteSignature:
        """Cosign the checkpoint `text` (a note's text) as of `at`; raises `CheckpointInvalid`."""
        message = _message(text, self.vkey, at)
        return NoteSignature(self.name, self.vkey.id, at.to_bytes(8) + self.key.sign(message))


def check_cosignature(text: str, signature: bytes, key: VerifierKey) -> int:
    """The time in a cosignature by `key` over the checkpoint `text`; raises `CosignatureInvalid`."""
    at = int.from_bytes(signature[:8])
    if len(signature) <= 8 or at > MAX_TIME:
        raise CosignatureInvalid(f"the cosignature of {key.name} is cut, or its time is out of range")
    try:
        _verify(signature[8:], _message(text, key, at), key)
    except InvalidSignature:
        raise CosignatureInvalid(f"the cosignature of {key.name} on the checkpoint is wrong") from None
    except UnsupportedAlgorithm:
        hint = "Install the package cryptography 50 or newer as its makers build it."
        raise CosignatureInvalid(f"the cosignature of {key.name} needs ML-DSA-44, not known here", hint=hint) from None
    except NoteInvalid as error:
        raise CosignatureInvalid(error.message) from error
    except CheckpointInvalid as error:
        raise CosignatureInvalid(f"what {key.name} cosigned is no checkpoint: {error.message}") from error
    return at


def cosigned_at(note: Note, key: VerifierKey) -> int | None:
    """When `key` cosigned `note`, the latest if it did so twice; None if it did not.

    Raises `CosignatureInvalid` if any line of the key is wrong, as C2SP signed-note asks.
    """
    times = [check_cosignature(note.text, signature, key) for signature in note.by(key.name, key.id)]
    return max(times, default=None)


def is_signed_by(note: Note, key: VerifierKey) -> bool:
    """Whether `key`, of any known type, signed `note`: False without a line of it.

    Raises `NoteInvalid` or `CosignatureInvalid` if a line of it is wrong, as C2SP signed-note asks.
    """
    if key.kind is not KeyType.ED25519:
        return cosigned_at(note, key) is not None
    signatures = note.by(key.name, key.id)
    for signature in signatures:
        check_ed25519(key.name, key.ed25519, signature, note.text.encode())
    return bool(signatures)


def _verify(signature: bytes, message: bytes, key: VerifierKey) -> None:
    match key.kind:
        case KeyType.COSIGNATURE_ED25519:
            check_ed25519(key.name, Ed25519PublicKey.from_public_bytes(key.raw), signature, message)
        case KeyType.COSIGNATURE_ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(key.raw).verify(signature, message)
        case KeyType.ED25519:
            raise CosignatureInvalid(f"the key of {key.name} signs notes; it is not a cosigner's (type 04 or 06)")


def _message(text: str, key: VerifierKey, at: int) -> bytes:
    if key.kind is KeyType.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    return _subtree_message(parse_checkpoint(text), key.name, at)


def _subtree_message(head: Checkpoint, name: str, at: int) -> bytes:
    """The structure `cosigned_message` for a whole tree: its start is 0, its end the checkpoint's size."""
    sizes = at.to_bytes(8), bytes(8), head.size.to_bytes(8)
    return _LABEL + _framed(name) + sizes[0] + _framed(head.origin) + sizes[1] + sizes[2] + head.root


def _framed(text: str) -> bytes:
    raw = text.encode()
    if not 1 <= len(raw) <= 255:
        raise CheckpointInvalid(f"a name in a cosignature has 1 to 255 bytes, not {len(raw)}")
    return bytes([len(raw)]) + raw
