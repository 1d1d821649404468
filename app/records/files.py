# SPDX-License-Identifier: Apache-2.0
"""The sealed files of records: where their bytes are, which one counts, and what is asked about them together."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.records.models import Record, RecordFile
from app.records.values import FileInfo, RecordAge, Superseded


def file_name(record_id: str, number: int) -> str:
    """Where a file of a record is stored; the first is number 1."""
    return f"records/{record_id}.pdf" if number == 1 else f"records/{record_id}.{number}.pdf"


def current_file(session: Session, record_id: str) -> RecordFile | None:
    """The newest file of a record."""
    files = select(RecordFile).where(RecordFile.record_id == record_id)
    return session.scalar(files.order_by(RecordFile.number.desc()).limit(1))


def unlogged(session: Session, record_id: str) -> list[RecordFile]:
    """The files of a record whose digests the log does not have yet, in their order."""
    files = select(RecordFile).where(RecordFile.record_id == record_id, RecordFile.bundle.is_(None))
    return list(session.scalars(files.order_by(RecordFile.number)))


def file_then(session: Session, record_id: str, moment: datetime) -> RecordFile | None:
    """The newest file that a record had at `moment`, whatever was sealed since; its first if that is younger."""
    files = select(RecordFile).where(RecordFile.record_id == record_id)
    then = files.where(RecordFile.sealed_at <= moment).order_by(RecordFile.number.desc())
    return session.scalar(then.limit(1)) or session.scalar(files.order_by(RecordFile.number).limit(1))


def next_number(session: Session, record_id: str) -> int:
    """The number of the file that is to be made: one that is stored and not verified yet is taken up."""
    record, last = session.get_one(Record, record_id), current_file(session, record_id)
    if last is None:
        return 1
    return last.number + 1 if record.sha256 == last.sha256 else last.number


def file_of(session: Session, sha256: str) -> FileInfo | None:
    """A file by its digest, and what came after it."""
    file = session.get(RecordFile, sha256)
    if file is None:
        return None
    record = session.get_one(Record, file.record_id)
    newer = session.scalar(select(Record).where(Record.replaces == record.id))
    return FileInfo(
        sha256=file.sha256,
        level=file.level,
        sealed_at=file.sealed_at,
        log_index=file.log_index,
        bundle=file.bundle,
        better=record.sha256 if record.sha256 != file.sha256 else None,
        superseded=Superseded(newer.created_at, newer.sha256) if newer else None,
    )


def on_the_way() -> ColumnElement[bool]:
    """That a record waits to be made, or its newest file to stand in the log."""
    unlogged = select(RecordFile.record_id).where(RecordFile.bundle.is_(None))
    return or_(Record.state.in_(("logged", "rendered", "sealed")), Record.id.in_(unlogged))


def bare() -> ColumnElement[bool]:
    """That the file that counts of a record has no timestamp (B-B): an authority was away, and it is sealed again."""
    return Record.sha256.in_(select(RecordFile.sha256).where(RecordFile.level == "B-B"))


def unfinished(session: Session, now: datetime, limit: timedelta) -> RecordAge:
    """Records by state, and what waits."""
    counted = session.execute(select(Record.state, func.count()).group_by(Record.state))
    states = {row[0]: int(row[1]) for row in counted}
    oldest = session.scalar(select(func.min(Record.created_at)).where(on_the_way()))
    late = session.scalar(select(func.count()).select_from(Record).where(on_the_way(), Record.created_at < now - limit))
    waits = now - oldest if oldest is not None else timedelta(0)
    without = session.scalar(select(func.count()).select_from(Record).where(bare()))
    return RecordAge(states, max(waits, timedelta(0)), late or 0, without or 0)
