# SPDX-License-Identifier: Apache-2.0
"""Which statements were ended among the first entries of the log; one statement of SQL each.

The place of a withdrawal is read from the log's own rows. A withdrawal's row is committed before its entry, so every
withdrawal among the first N entries is found by whoever read N before asking here, on both engines.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select

from app.log.models import LogEntry
from app.platform.db import Reader
from app.platform.sqllists import dialect_of, named_list
from app.signing.models import Signing, Withdrawal
from mcla.verify.standing import End


def ends_of(reader: Reader, statements: Collection[str], below: int) -> dict[str, End]:
    """The ends of these statements (64 hex each) among the first `below` entries."""
    found = reader.execute(_ends_of(dialect_of(reader)), {"statements": statements, "below": below})
    return {statement: End(index, time) for statement, index, time in found}


def ends_between(reader: Reader, first: int, below: int) -> Iterator[tuple[str, End]]:
    """Every end from entry `first` up to, not including, `below`, in the order of the log."""
    found = reader.execute(_ends().where(LogEntry.index >= first, LogEntry.index < below).order_by(LogEntry.index))
    return ((statement, End(index, time)) for statement, index, time in found)


@cache
def _ends_of(dialect: str) -> Select[str, int, datetime]:
    wanted = Signing.statement_sha256.in_(named_list(dialect, "statements"))
    return _ends().where(wanted, LogEntry.index < bindparam("below"))


def _ends() -> Select[str, int, datetime]:
    return (
        select(Signing.statement_sha256, LogEntry.index, Withdrawal.signed_at)
        .join(Withdrawal, Withdrawal.ended_signing_id == Signing.id)
        .join(LogEntry, LogEntry.body_sha256 == Withdrawal.entry_sha256)
    )
