# SPDX-License-Identifier: Apache-2.0
"""`mcla verify RECORD.pdf`: the rule of `mcla.records.check`, with readers that not every installation has."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import InputUnreadable, WrongUsage
from mcla.cli.target import Target, is_pdf

if TYPE_CHECKING:
    from mcla.records.check import RecordVerdict
    from mcla.verify.trust import TrustedRoot

MARKS = (b"FoundationSeal", b"/ByteRange", b"w3id.org/mcla/record")
"""What stands in the clear in a record: the name of the seal's field, the seal, the namespace of its metadata."""


class PdfReaderMissing(WrongUsage):
    """This installation cannot read PDF files."""

    code = "pdf-reader-missing"
    hint = "Install the readers: pip install 'mcla[pdf]'"


def record_in(target: Target) -> bytes | None:
    """The file, if it is a PDF that was made as a record or sealed by anybody; None for every other target."""
    if target.path is None or not is_pdf(target):
        return None
    data = _read(target.path)
    return data if any(mark in data for mark in MARKS) else None


def judged(pdf: bytes, trust: "TrustedRoot", asked: Mapping[str, Any]) -> "RecordVerdict":
    """The verdict on a record as of now, and on what is `asked` of its bundle; raises `PdfReaderMissing`."""
    try:
        from mcla.records.check import verify_record
    except ModuleNotFoundError as error:
        raise PdfReaderMissing("PDF records cannot be read here.", why=f"expected {error.name}, got none") from error
    return verify_record(pdf, trust, datetime.now(UTC), **asked)


def _read(path: Path) -> bytes:
    """The bytes of the file, and of one beyond the limit enough to be told so."""
    from mcla.records.frame import MAX_PDF_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_PDF_BYTES + 1)
    except OSError as error:
        why = f"expected to read it, got: {error.strerror or error}"
        raise InputUnreadable(f"The PDF {shown_path(path)} cannot be read.", why=why) from error
