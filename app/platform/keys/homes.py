# SPDX-License-Identifier: Apache-2.0
"""Where private keys live: one port, three homes behind it, chosen by how a place is written.

`file` (a PEM file of the keys folder), `pkcs11:token=T;object=L` (RFC 7512), `awskms:<key id, ARN or alias/NAME>`.
What a setting asks for is a *wish* (`file`, `pkcs11:…`, `awskms:alias/…`); a *place* names one key for ever and is what
the key ring keeps. The homes that need optional packages load them when they are first used.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.platform.keys.errors import KeyUnusable
from app.platform.keys.files import FileHome
from app.platform.keys.values import Algorithm, AnySigner, Kind, algorithm_of, algorithms
from app.platform.settings import TokenSettings

_PROBE = b"mcla key probe"
_OTHER = "Say what the key is as document_algorithm in MCLA_KEYS, or name another place for it there."


class Home(Protocol):
    """One kind of place for private keys."""

    def find_or_make(self, kind: Kind, algorithm: Algorithm, wish: str, taken: Collection[str]) -> str:
        """The place of a key as wished that is not `taken`: one that is there already, or a new one made now.

        Raises `KeyUnusable` or `RotationRefused`. What a killed call left behind is found by the next.
        """
        ...

    def open(self, place: str) -> AnySigner:
        """The key at `place`; raises `KeyUnusable`."""
        ...


@dataclass(slots=True)
class Homes:
    """Every home of one service's keys; a key that was opened stays open."""

    folder: Path
    token: TokenSettings
    _homes: dict[str, Home] = field(default_factory=dict)
    _open: dict[str, AnySigner] = field(default_factory=dict)

    def find_or_make(self, kind: Kind, algorithm: Algorithm, wish: str, taken: Collection[str]) -> str:
        """The place of a key as wished; raises `KeyUnusable`, also where another kind of key lies there."""
        place = self._home(wish).find_or_make(kind, algorithm, wish, taken)
        found = algorithm_of(self.open(kind, place).public_key())
        if found != algorithm:
            raise KeyUnusable(f"expected {algorithm} for the next key of {kind}, got {found} at {place}", hint=_OTHER)
        return place

    def open(self, kind: Kind, place: str) -> AnySigner:
        """The key at `place`, of the algorithm that `kind` asks for; raises `KeyUnusable`."""
        if place not in self._open:
            signer = self._home(place).open(place)
            _check_algorithm(kind, place, signer.public_key())
            self._open[place] = signer
        return self._open[place]

    def keep(self, places: Collection[str]) -> None:
        """Let go of every key but these: what was retired does not stay in memory."""
        self._open = {place: signer for place, signer in self._open.items() if place in places}

    def _home(self, place: str) -> Home:
        name = scheme(place)
        if name not in self._homes:
            self._homes[name] = self._make(name)
        return self._homes[name]

    def _make(self, name: str) -> Home:
        match name:
            case "file":
                return FileHome(self.folder)
            case "pkcs11":
                from app.platform.keys.pkcs11_token import TokenHome

                return TokenHome(self.token)
            case "awskms":
                from app.platform.keys.aws_kms import KmsHome

                return KmsHome()
        raise KeyUnusable(f"expected a key in file, pkcs11:… or awskms:…, got {name!r}")


def scheme(place: str) -> str:
    """The home that a wish or place belongs to."""
    return place.partition(":")[0]


def probe(signer: AnySigner) -> None:
    """Sign and verify a few bytes; raises `KeyUnusable` if the key does not sign what its public half verifies."""
    signature, key = signer.sign(_PROBE), signer.public_key()
    try:
        if isinstance(key, Ed25519PublicKey | MLDSA44PublicKey):
            key.verify(signature, _PROBE)
        elif isinstance(key, RSAPublicKey):
            key.verify(signature, _PROBE, PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, _PROBE, ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise KeyUnusable("the key gave a signature that its own public key does not verify") from error


def _check_algorithm(kind: Kind, place: str, key: object) -> None:
    if algorithm_of(key) not in algorithms(kind):
        article = "a" if algorithms(kind)[0] == "P-256" else "an"
        raise KeyUnusable(f"{place} does not hold {article} {' or '.join(algorithms(kind))} key")
