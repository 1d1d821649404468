# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the log, by what a person has to do about it; and what faults of disk and database mean.

The line that matters: after some faults it is safe to go on (the disk was full, the database was busy), after others
nothing that this process remembers may be signed any more (`stops` is true). Only a restart, which compares
everything anew, leads out of those.
"""

import errno
from typing import ClassVar

from sqlalchemy.exc import DBAPIError

from mcla.errors import MclaError


class LogError(MclaError):
    """The base of the log's refusals."""

    code = "log-error"
    status = 500
    hint = "Run `mcla-server doctor`: it names the fault and what mends it."
    stops: ClassVar[bool] = False
    """Whether the process must not sign another head after this."""


class LogForked(LogError):
    """Database and storage hold different histories, or the storage holds a longer one: usually a restored backup."""

    code = "log-forked"
    stops = True
    hint = (
        "Do not delete log/head.0 or log/head.1: heads that were signed are in other people's hands. Bring back "
        "the newest copy of the database (or of the storage) that holds all entries, then start again."
    )


class LogDamaged(LogError):
    """Stored bytes of the log are not those that were hashed."""

    code = "log-damaged"
    stops = True
    hint = (
        "Stop the service and bring back the named entry or tile from a backup or mirror; "
        "only bytes with the same hash fit."
    )


class LogStopped(LogError):
    """This process has seen a fault after which it must not sign; reading goes on."""

    code = "log-stopped"
    status = 503
    hint = (
        "The operator has to read the service's messages, mend the cause and restart it; "
        "the same request may then be repeated."
    )


class LogFull(LogError):
    """No space is left for the log; nothing was acknowledged."""

    code = "log-full"
    status = 507
    hint = "The operator has to free disk space; repeating the same request then gives one entry, not two."


class LogBusy(LogError):
    """Another writer held the log for too long."""

    code = "log-busy"
    status = 503
    hint = "Try again in a few seconds: repeating the same request gives one entry, not two."
    extra: ClassVar[dict[str, int]] = {"retry_after": 3}


class LogUnsafe(LogError):
    """The database is set up so that a commit may be lost."""

    code = "log-unsafe"
    hint = "Set synchronous_commit to on (or stricter) for this role and database, then start again."


class QuorumMissing(LogError):
    """The entries are safe, but their head may not be shown before enough witnesses have cosigned it."""

    code = "log-quorum-missing"
    status = 503
    hint = "Repeat the same request in a while: it gives the same entry, with its proof once witnesses answer again."
    extra: ClassVar[dict[str, int]] = {"retry_after": 10}


class LogAbsent(LogError):
    """There is no signed head yet."""

    code = "log-absent"
    status = 503
    hint = "Start the service (or run `mcla-server doctor`): it signs the first head."


class EntryTooLong(LogError):
    """An entry does not fit the format's 16-bit length."""

    code = "entry-too-long"
    status = 413
    hint = "An entry holds digests, not the data itself; send at most 65,535 bytes."


class EntryUnknown(LogError):
    """The log's newest head does not cover such an entry."""

    code = "log-entry-unknown"
    status = 404
    hint = "Read /log/checkpoint: its second line says how many entries there are; the first has index 0."


class TileUnknown(LogError):
    """The log's newest head calls for no such tile."""

    code = "log-tile-unknown"
    status = 404
    hint = "Read /log/checkpoint for the size and fetch only tiles that a tree of that size has (c2sp.org/tlog-tiles)."


# PostgreSQL's words follow the language of its server, so its SQLSTATE is read; SQLite has words alone.
_FULL = ("53100", "database or disk is full")
_BUSY = ("55P03", "40P01", "database is locked")
_FAULTY = ("58030", "XX001", "XX002", "disk i/o error", "malformed")


def from_os(error: OSError) -> LogError:
    """The refusal for a fault of the storage."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LogFull("The disk under the log's storage is full.")
    # A page that failed to reach the disk may be dropped and look clean: a second fsync would lie.
    return LogStopped(f"Writing the log's storage failed ({error.strerror}); no head is signed until a restart.")


def from_database(error: DBAPIError) -> LogError | None:
    """The refusal for a fault of the database; None for one that says nothing about the disk."""
    state, said = getattr(error.orig, "sqlstate", ""), str(error.orig).lower()

    def is_one_of(known: tuple[str, ...]) -> bool:
        # psycopg's faults of a connection have no code (None), and their words may hold any digits: a port is no disk.
        return any(words in said for words in known) if state == "" else state in known

    if is_one_of(_FULL):
        return LogFull("The disk under the database is full.")
    if is_one_of(_BUSY):
        return LogBusy("Another writer held the log for too long.")
    if is_one_of(_FAULTY):
        return LogStopped(f"Writing the database failed ({error.orig}); no head is signed until a restart.")
    return None
