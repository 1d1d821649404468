# SPDX-License-Identifier: Apache-2.0
"""A service's published keys as people compare them: each by one name, the SHA-256 of its SubjectPublicKeyInfo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.platform.keys import KINDS, Generation, Kind, ServiceKeys
from mcla.artifacts.digest import sha256_hex
from mcla.wording import Worded

PURPOSES: Mapping[Kind, Worded] = MappingProxyType(
    {
        "ca": Worded("Certifies for ten minutes the key that somebody signs with"),
        "ct": Worded("Confirms that each certificate was recorded"),
        "log": Worded("Signs the heads of the public log"),
        "tsa": Worded("Says when something was signed"),
        "document": Worded("Seals the PDF records"),
        "pqlog": Worded("Signs the heads of the log once more, in a way that quantum computers do not break"),
        "feed": Worded("Signs the compliance feed"),
    }
)
STATES: Mapping[str, Worded] = MappingProxyType(
    {
        "prepared": Worded("published, and signs later"),
        "signing": Worded("signs now"),
        "retired": Worded("signs no more"),
    }
)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One key and its name."""

    key: Generation
    sha256: str


@dataclass(frozen=True, slots=True)
class ShownKind:
    """What one kind of keys is for, and every published one, the newest first."""

    kind: Kind
    purpose: Worded
    keys: Sequence[ShownKey]


def shown(keys: ServiceKeys) -> list[ShownKind]:
    """Every kind with its published keys."""
    return [ShownKind(kind, PURPOSES[kind], _of(keys, kind)) for kind in KINDS]


def _of(keys: ServiceKeys, kind: Kind) -> list[ShownKey]:
    return [ShownKey(each, _name(each)) for each in reversed(keys.of(kind)) if each.published]


def _name(key: Generation) -> str:
    return sha256_hex(key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
