# SPDX-License-Identifier: Apache-2.0
"""What a foundation takes of its records: one file, or many with an index, as a folder or a ZIP made while it is sent.

A file is a copy for the foundation (`app.records.copies`), or the sealed record itself where the operator says so. What
has no file, because it is not made yet or cannot be certified any more, stands in the index with the reason.
"""

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import func

from app.platform.db import Database
from app.records import index
from app.records.archive import PIECE, zipped
from app.records.choosing import Choice, chosen, newest
from app.records.copies import RecordCopies
from app.records.errors import RecordNotReady
from app.records.listing import Listed, everything, one, page
from app.records.models import Record
from app.records.render import Renderer
from app.records.service import RecordService
from app.records.standing import Standing, standing
from mcla.errors import MclaError

INDEX = "index.csv"


@dataclass(frozen=True, slots=True)
class Taken:
    """A record with its file's name, digest (64 hex) and bytes; or without a file, and the code of what failed.

    `in_full` is why its pages were laid out in full, where a template could not be filled.
    """

    listed: Listed
    file: str = ""
    sha256: str = ""
    pdf: bytes | None = None
    failed: str = ""
    in_full: str = ""

    @property
    def line(self) -> bytes:
        """Its line in the index."""
        return index.line(self.listed, self.file, self.sha256, self.failed)


def file_of(listed: Listed, *, original: bool) -> str:
    """The name of a record's file: by month, and another one when the record was sealed again."""
    return f"{listed.signed_at:%Y-%m}/{listed.id}-{(listed.sha256 or '')[:8]}{'-private' if original else ''}.pdf"


class FoundationRecords:
    """The records of foundations, for their staff; which ones an account may see, the choice says."""

    def __init__(self, db: Database, records: RecordService, copies: RecordCopies) -> None:
        self._db, self._records, self._copies = db, records, copies

    def with_renderer(self, renderer: Renderer) -> "FoundationRecords":
        """The same records, the pages of whose copies are made by `renderer`: for a run of many in one process."""
        return FoundationRecords(self._db, self._records, self._copies.with_renderer(renderer))

    def page(self, choice: Choice, after: str = "") -> list[Listed]:
        """The latest of the choice, at most `PAGE`, after the record of this id."""
        with self._db.read() as session:
            return page(session, choice, after)

    def count(self, choice: Choice) -> int:
        with self._db.read() as session:
            return session.scalar(chosen(choice, func.count()).where(newest())) or 0

    def everything(self, choice: Choice) -> Iterator[Listed]:
        """All of them, a page in memory at a time."""
        return everything(self._db, choice)

    def standing(self, now: datetime, limit: timedelta, foundations: Collection[str]) -> Standing:
        """How many of these foundations' records wait, since when, and what failed."""
        with self._db.read() as session:
            return standing(session, now, limit, foundations)

    def copy(self, choice: Choice, record_id: str) -> bytes:
        """The foundation's copy of one record of the choice; raises `RecordUnknown` and `RecordNotReady`."""
        with self._db.read() as session:
            record = one(session, choice, record_id)
        return self._copies.for_foundation(record)

    def take(self, listed: Listed, *, original: bool = False) -> Taken:
        """A record of a list with its file; never raises for what is wrong with this one."""
        if not listed.sealed:
            return Taken(listed, failed=listed.failed or RecordNotReady.code)
        try:
            with self._db.read() as session:
                record = session.get_one(Record, listed.id)
            pdf = self._records.stored(record) if original else self._copies.for_foundation(record)
        except MclaError as error:
            return Taken(listed, failed=error.code)
        except Exception as error:  # noqa: BLE001  the others are taken all the same
            return Taken(listed, failed=type(error).__name__)
        return _taken(listed, original, pdf)

    def put(self, listed: Listed, folder: Path, *, original: bool = False) -> Taken:
        """The same with the file in a folder and not at hand; one that is there already is not made again."""
        path = folder / file_of(listed, original=original)
        if listed.sealed and path.exists():
            return replace(_taken(listed, original, path.read_bytes()), pdf=None)
        taken = self.take(listed, original=original)
        if taken.pdf is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:  # it names a person
                file.write(taken.pdf)
            part.replace(path)
        return replace(taken, pdf=None)

    def archive(self, choice: Choice, now: datetime) -> Iterator[bytes]:
        """A ZIP of all of them, in pieces."""
        from app.records.filling import FillingRenderer

        filled = self.with_renderer(FillingRenderer())
        return as_zip((filled.take(each) for each in self.everything(choice)), now)


def _taken(listed: Listed, original: bool, pdf: bytes) -> Taken:
    return Taken(listed, file_of(listed, original=original), hashlib.sha256(pdf).hexdigest(), pdf)


def as_zip(taken: Iterable[Taken], now: datetime) -> Iterator[bytes]:
    """The pieces of a ZIP of these files, with the index at its end."""
    with tempfile.TemporaryFile() as lines:
        lines.write(index.head())
        yield from zipped(_files(taken, lines, now))


def _files(taken: Iterable[Taken], lines: IO[bytes], now: datetime) -> Iterator[tuple[str, datetime, Iterable[bytes]]]:
    for each in taken:
        lines.write(each.line)
        if each.pdf is not None:
            yield each.file, each.listed.signed_at, [each.pdf]
    lines.seek(0)
    yield INDEX, now, iter(lambda: lines.read(PIECE), b"")
