# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a signature and its sealed record; none of it touches the signature itself."""

import errno
from typing import Any, ClassVar

from sqlalchemy.exc import DBAPIError

from app.log.errors import LogFull, from_database
from mcla.errors import MclaError


class RecordUnknown(MclaError):
    """No such record, or one that belongs to somebody else: the two look the same from outside."""

    code = "record-unknown"
    status = 404
    hint = "Sign in with the account that made the signature; your records are listed under My signatures."


class RecordReplaced(MclaError):
    """A record was issued anew before; only the newest can be."""

    code = "record-replaced"
    status = 409
    hint = "Issue the newest record of the signature anew; the message names the one that took this one's place."


class RecordNotReady(MclaError):
    """The signature is complete; its PDF is still being made."""

    code = "record-not-ready"
    status = 409
    hint = "Nothing is lost: the signature is complete and its bundle can be downloaded. Ask again in a few seconds."
    extra: ClassVar[dict[str, Any]] = {"retry_after": 3}
    """Seconds after which asking again makes sense; becomes the Retry-After header."""


class RecordContentInvalid(MclaError):
    """The stored facts do not agree with each other, so nothing is certified."""

    code = "record-content-invalid"
    status = 500
    hint = "The signature and its bundle are not affected. Compare the named rows of the database with the bundle."


class StoredFileUnfit(RecordContentInvalid):
    """A stored file is not the one that was sealed, or is gone."""

    code = "record-file-unfit"
    hint = (
        "Look after the storage: it lost bytes. A record that nobody had yet is sealed anew by its job; put any other "
        "back from the backup, or let a new one take its place: mcla-server records reissue."
    )


class DictionaryUnusable(MclaError):
    """A stored file cannot be unpacked, or none stored, for want of what it is compressed with."""

    code = "record-dictionary-unusable"
    status = 500
    hint = "Restore `storage/records/dictionaries` from the backup: the files are whole, and are read again with it."


class GlyphMissing(MclaError):
    """A page would show a character that no font at hand can draw."""

    code = "glyph-missing"
    status = 500
    hint = "Install a font for that script (Debian: fonts-wqy-microhei, fonts-noto-core); the job tries again."


class SealFailed(MclaError):
    """The document key could not be used."""

    code = "seal-failed"
    status = 500
    hint = "Run `mcla-server doctor`: it seals and verifies a probe document and names the file at fault."


class DiskFull(MclaError):
    """No room is left for a record in the storage, the log or the database, and often none for a note of it."""

    code = "disk-full"
    status = 507
    hint = "Free room on that disk, then run the same command again: it goes on where it stopped."


def told_apart(error: Exception) -> Exception:
    """A full disk as what it is, whichever part of the service met it first; any other error as it came."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk under the storage is full.")
    found = from_database(error) if isinstance(error, DBAPIError) else error
    return DiskFull(found.message) if isinstance(found, LogFull) else error


def failure_of(error: Exception) -> str:
    """What is noted of an error beside the record that it befell: its code and what it says."""
    error = told_apart(error)
    code = error.code if isinstance(error, MclaError) else type(error).__name__
    return f"{code}: {error}"[:2000]
