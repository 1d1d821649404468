# SPDX-License-Identifier: Apache-2.0
"""A witness's folder: its name, its key (mode 0600), the logs that it watches, and the last head of each."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from app.platform.storage import DirectoryStorage
from app.witness.errors import WitnessHomeInvalid
from mcla.log.cosignature import Cosigner
from mcla.log.note import NoteInvalid, check_name
from mcla.log.vkey import KeyType, VerifierKey, parse_vkey

ALGORITHMS = ("ml-dsa-44", "ed25519")
LOG_TYPES = (KeyType.ED25519, KeyType.COSIGNATURE_ML_DSA_44)
_EMPTY = "# One verifier key a line; several keys of one log are read as that log's.\n"


@dataclass(frozen=True, slots=True)
class WitnessHome:
    """The folder at `path`."""

    path: Path

    def create(self, name: str, algorithm: str) -> Cosigner:
        """Make key and folder; raises `WitnessHomeInvalid` if a key is there already."""
        check_name(name)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            hint = "Give another folder, one that can be made and written."
            raise WitnessHomeInvalid(f"{self.path} cannot be made: {error.strerror}", hint=hint) from error
        key = MLDSA44PrivateKey.generate() if algorithm == "ml-dsa-44" else Ed25519PrivateKey.generate()
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        _write(self._logs, _EMPTY.encode())
        _write(self._name, f"{name}\n".encode())
        _write(self._key, key.private_bytes(encoding, form, serialization.NoEncryption()))  # last: now it is whole
        return Cosigner(name, key)

    def cosigner(self) -> Cosigner:
        """The witness's key under its name."""
        try:
            if self._key.stat().st_mode & 0o077:
                raise WitnessHomeInvalid(f"{self._key} can be read by others", hint=f"Run: chmod 600 {self._key}")
            key = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
            name = self._name.read_text(encoding="utf-8").strip()
            check_name(name)
        except (OSError, ValueError, NoteInvalid) as error:
            raise WitnessHomeInvalid(f"{self.path} holds no whole witness: {error}") from error
        if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
            raise WitnessHomeInvalid(f"{self._key} holds neither an Ed25519 nor an ML-DSA-44 key")
        return Cosigner(name, key)

    def logs(self) -> dict[str, tuple[VerifierKey, ...]]:
        """The keys of each watched log by its origin."""
        logs: dict[str, tuple[VerifierKey, ...]] = {}
        for line in self._log_lines():
            key = _log_key(line)
            logs[key.name] = (*logs.get(key.name, ()), key)
        return logs

    def add_log(self, line: str) -> VerifierKey:
        """Watch the log of this verifier key too; repeating it changes nothing."""
        key = _log_key(line)
        if key not in self.logs().get(key.name, ()):
            text = self._logs.read_text(encoding="utf-8") + f"{key.line}\n"
            DirectoryStorage(self.path).replace(self._logs.name, text.encode())
        return key

    @property
    def heads(self) -> DirectoryStorage:
        """The last cosigned head of each log."""
        return DirectoryStorage(self.path / "heads")

    @property
    def lock(self) -> Path:
        """The file whose lock says which process may cosign."""
        return self.path / "lock"

    @property
    def _key(self) -> Path:
        return self.path / "witness.key.pem"

    @property
    def _name(self) -> Path:
        return self.path / "name"

    @property
    def _logs(self) -> Path:
        return self.path / "logs"

    def _log_lines(self) -> list[str]:
        try:
            lines = self._logs.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise WitnessHomeInvalid(f"{self._logs} cannot be read: {error}") from error
        return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _log_key(line: str) -> VerifierKey:
    try:
        key = parse_vkey(line)
    except NoteInvalid as error:
        raise WitnessHomeInvalid(f"{line[:60]!a} is no verifier key: {error.message}", hint=_VKEY_HINT) from error
    if key.kind not in LOG_TYPES:
        raise WitnessHomeInvalid(f"{line[:60]!a} is a witness's key, not a log's", hint=_VKEY_HINT)
    return key


_VKEY_HINT = "Take the word after `log` in the log's /.well-known/mcla/policy."


def _write(path: Path, data: bytes) -> None:
    # O_EXCL: a key that exists is never overwritten; whoever trusts this witness trusts that key.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WitnessHomeInvalid(f"{path} is there already", hint="Give another folder, or use this one.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
