# SPDX-License-Identifier: Apache-2.0
"""Keys in files: PEM in the keys folder, mode 0600, written once, refused when others could read them."""

import os
from collections.abc import Collection
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from app.platform.keys.errors import KeyExposed, KeyMissing, KeyUnusable
from app.platform.keys.values import Algorithm, AnySigner, Kind
from mcla.signer import P256Key, RsaKey

_PREFIX = "file:"
_Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey
UNFINISHED = ".tmp"
"""Ends the names of files that are being written; the next who has the lock removes those of a killed process."""


class FileHome:
    """The home of keys in PEM files; a place is `file:<name in the keys folder>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_or_make(
        self,
        kind: Kind,
        algorithm: Algorithm,
        wish: str,  # noqa: ARG002 - `file` says it all
        taken: Collection[str],
    ) -> str:
        number = 1
        while (place := f"{_PREFIX}{kind}{'' if number == 1 else f'-{number}'}.key.pem") in taken:
            number += 1
        path = self._path(place)
        if not path.exists():
            _store_key(path, _generate(algorithm))
        return place

    def open(self, place: str) -> AnySigner:
        path = self._path(place)
        try:
            key = serialization.load_pem_private_key(read_private(path), password=None)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyUnusable(f"{path.name} cannot be read: {error}") from error
        if isinstance(key, ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey):
            return key
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return P256Key(key)
        if isinstance(key, rsa.RSAPrivateKey):
            return RsaKey(key)
        raise KeyUnusable(f"{path.name} holds a key of no kind that is used here")

    def destroy(self, place: str) -> None:
        """Remove the file of a key that nobody needs any more; nothing happens if it is gone."""
        self._path(place).unlink(missing_ok=True)

    def _path(self, place: str) -> Path:
        name = place.removeprefix(_PREFIX)
        if not place.startswith(_PREFIX) or Path(name).name != name:
            raise KeyUnusable(f"expected a key file in the keys folder, got {place!r}")
        return self._folder / name


def read_private(path: Path) -> bytes:
    """The bytes of a file that only its owner may read; raises `KeyExposed` if others may, or `KeyMissing`."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyExposed(
                f"{path.name} can be read by others", hint=f"Run: chmod 600 {path.name} (in the keys folder)."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyMissing(f"{path.name} is not there") from error
    except OSError as error:
        raise KeyUnusable(f"{path.name} cannot be read: {error}") from error


def store_private(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600 durably, or not at all, under the lock; one that exists is never overwritten."""
    fresh = path.with_name(f".{path.name}{UNFINISHED}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)  # fails where the name is taken
    finally:
        fresh.unlink()
    sync_folder(path.parent)
    read_private(path)  # a file system may give other rights than were asked for


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _generate(algorithm: Algorithm) -> _Private:
    match algorithm:
        case "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ML-DSA-44":
            try:
                return mldsa.MLDSA44PrivateKey.generate()
            except UnsupportedAlgorithm as error:
                hint = "Install the package cryptography 50 or newer as its makers build it."
                raise KeyUnusable("this machine's cryptography knows no ML-DSA-44", hint=hint) from error
        case "RSA-3072":
            return rsa.generate_private_key(65537, 3072)
        case "P-256":
            return ec.generate_private_key(ec.SECP256R1())


def _store_key(path: Path, key: _Private) -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    store_private(path, key.private_bytes(encoding, form, serialization.NoEncryption()))
