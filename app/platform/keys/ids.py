# SPDX-License-Identifier: Apache-2.0
"""How a key is named outside: by the id that proofs carry for its kind."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.platform.keys.values import Generation
from mcla.log.note import key_id, long_key_id
from mcla.log.vkey import KeyType


def identifier(one: Generation, host: str) -> str:
    """The note key id of a log's key (C2SP signed-note); for others SHA-256 of the key (DER). 64 hex digits."""
    if one.kind == "log" and isinstance(one.public_key, Ed25519PublicKey):
        return key_id(host, one.public_key).hex()
    if isinstance(one.public_key, MLDSA44PublicKey):
        return long_key_id(host, KeyType.COSIGNATURE_ML_DSA_44, one.public_key.public_bytes_raw()).hex()
    return hashlib.sha256(one.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
