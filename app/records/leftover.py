# SPDX-License-Identifier: Apache-2.0
"""What an earlier run left of a record in the storage: taken up where it is whole, else told of and passed over.

A file that is not verified yet was given to nobody. So one that rotted, or is gone, is made anew under the next number;
its row goes with it, as nothing would ever put its digest into the log.
"""

import hashlib

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.records.errors import RecordContentInvalid, StoredFileUnfit
from app.records.files import file_name
from app.records.kept import KeptFiles
from app.records.making import Made, RecordMaker
from app.records.models import Record, RecordFile
from mcla.records.errors import SealInvalid


def left(kept: KeptFiles, maker: RecordMaker, record_id: str, number: int, *, expected: bool = False) -> Made | None:
    """The file of this number if it is good, None where none is stored.

    Raises `StoredFileUnfit` for another, or where one is `expected` and gone; and `DictionaryUnusable`.
    """
    name = file_name(record_id, number)
    try:
        pdf = kept.read(name)
        found = maker.checked(record_id, pdf) if pdf is not None else None
    except (RecordContentInvalid, SealInvalid) as error:
        raise StoredFileUnfit(f"{name} cannot be taken up: {error.message}") from error
    if found is None and expected:
        raise StoredFileUnfit(f"{name} was stored and is gone")
    return found


def whole(kept: KeptFiles, record_id: str, number: int, sha256: str) -> bytes:
    """The file of this number, which has this digest (64 hex); raises `StoredFileUnfit` or `DictionaryUnusable`."""
    try:
        pdf = kept.read(file_name(record_id, number))
    except RecordContentInvalid as error:
        raise StoredFileUnfit(f"{file_name(record_id, number)} is damaged: {error.message}") from error
    if pdf is None or hashlib.sha256(pdf).hexdigest() != sha256:
        raise StoredFileUnfit(f"{file_name(record_id, number)} in the storage is not the one that was sealed")
    return pdf


def forget_unfit(session: Session, record_id: str, number: int) -> None:
    """Drop the rows of files that never counted and that this number takes the place of."""
    counts = session.get_one(Record, record_id, populate_existing=True).sha256
    last = session.get_one(RecordFile, counts).number if counts else 0
    between = (RecordFile.number > last, RecordFile.number < number)
    session.execute(delete(RecordFile).where(RecordFile.record_id == record_id, *between))
