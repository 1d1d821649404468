# SPDX-License-Identifier: Apache-2.0
"""The files of records in the storage, each compressed with the dictionary of its kind of record.

A dictionary stands under its own SHA-256 before the first file that needs it. Beside it stands, by kind, which one new
files take: two processes that make one at the same time may name two, and both are found by the files that need them.
"""

import hashlib
import re
from functools import lru_cache

from app.platform.storage import Storage, StorageConflict
from app.records.compressed import Dictionary, unpacked
from app.records.data import RecordData
from app.records.errors import DictionaryUnusable
from app.records.sample import Kind, made_up

_REMEMBERED = 8
"""Dictionaries in memory: made ready, each takes some megabytes."""
_DIGEST = re.compile(rb"[0-9a-f]{64}")


class KeptFiles:
    """Sealed PDFs by their names in the storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._dictionary = lru_cache(maxsize=_REMEMBERED)(self._found)
        self._of_kind = lru_cache(maxsize=_REMEMBERED)(self._chosen)

    def read(self, name: str) -> bytes | None:
        """The PDF under `name`, or None; raises `DictionaryUnusable` or `RecordContentInvalid`."""
        stored = self._storage.read(name)
        return None if stored is None else unpacked(stored, self._dictionary)

    def create(self, name: str, pdf: bytes, data: RecordData) -> None:
        """Store durably, once, what was made of `data`; raises `StorageConflict` or `DictionaryUnusable`."""
        self._storage.create(name, self._of_kind(Kind.of(data)).packed(pdf))

    def _chosen(self, kind: Kind) -> Dictionary:
        """What new files of this kind take: the one that is named, or a new one if that is lost."""
        place = _place(f"for-{hashlib.sha256(f'{kind.digest} {kind.form}'.encode()).hexdigest()}")
        named = self._storage.read(place) or b""
        if not _DIGEST.fullmatch(named) or self._storage.read(_place(named.decode())) is None:
            named = self._make(kind)
            self._storage.replace(place, named)
        return self._dictionary(bytes.fromhex(named.decode()))

    def _make(self, kind: Kind) -> bytes:
        content = made_up(kind)
        digest = hashlib.sha256(content).hexdigest()
        try:
            self._storage.create(_place(digest), content)
        except StorageConflict:
            raise _altered(digest) from None
        return digest.encode()

    def _found(self, digest: bytes) -> Dictionary:
        content = self._storage.read(_place(digest.hex()))
        if content is None:
            raise DictionaryUnusable(f"the storage lacks the dictionary {_place(digest.hex())}")
        found = Dictionary.of(content)
        if found.digest != digest:
            raise _altered(digest.hex())
        return found


def _altered(digest: str) -> DictionaryUnusable:
    return DictionaryUnusable(f"the dictionary {_place(digest)} in the storage has another content than its name says")


def _place(name: str) -> str:
    return f"records/dictionaries/{name}"
