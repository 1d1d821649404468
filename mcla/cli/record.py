# SPDX-License-Identifier: Apache-2.0
"""`mcla verify RECORD.pdf`: the rule of `mcla.records.check`, with readers that not every installation has."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import InputUnreadable, ServiceRefused, Undecided, WrongUsage
from mcla.cli.target import Target, is_pdf

if TYPE_CHECKING:
    from mcla.cli.service import Service
    from mcla.records.check import RecordVerdict
    from mcla.verify.trust import TrustedRoot
    from mcla.verify.verdict import Verdict

MARKS = (b"FoundationSeal", b"/ByteRange", b"w3id.org/mcla/record")
"""What stands in the clear in a record: the name of the seal's field, the seal, the namespace of its metadata."""


class PdfReaderMissing(WrongUsage):
    """This installation cannot read PDF files."""

    code = "pdf-reader-missing"
    hint = "Install the readers: pip install 'mcla[pdf]'"


class EntryUnproven(Undecided):
    """The service says that a file is in its log, and does not prove it."""

    code = "entry-unproven"
    hint = "Ask the foundation. The record itself is judged without --service."


class NewerUnfit(Undecided):
    """What was given as the newer record does not take the place of this one."""

    code = "newer-record-unfit"
    hint = "Leave --newer out, or name the record that was issued anew."


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


def redaction(record: Mapping[str, Any] | None) -> Iterator[str]:
    """Says of a redacted copy that it is one, of which record, and what it does not tell."""
    from mcla.records.fields import WORDS

    if record is not None and "redacted" in record:
        said = record["redacted"]
        yield f"REDACTED COPY of the record sha256:{said['original']}"
        yield f"It withholds: {', '.join(WORDS.get(name, str(name)) for name in said['withheld'])}."


@dataclass(frozen=True, slots=True)
class Later:
    """What is known of a record beyond its file: its place in the log, and what took its place.

    `superseded` is by whom (`sha256:HEX`, empty while that one is being made).
    """

    log_index: int | None = None
    superseded: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"log_index": self.log_index, "superseded_by": self.superseded}

    def lines(self) -> Iterator[str]:
        if self.log_index is not None:
            yield f"The whole file is entry {self.log_index} of the log."
        if self.superseded is not None:
            yield f"SUPERSEDED by a newer record of the same signature: {self.superseded or 'it is being made'}"


def told_by_service(pdf: bytes, verdict: "Verdict", service: "Service", trust: "TrustedRoot") -> Later:
    """What the service knows of the file. Its entry in the log is proven here; a newer record is the service's word."""
    from mcla.verify.verifier import verify_artifact

    digest, said = hashlib.sha256(pdf).hexdigest(), verdict.statement or {}
    try:
        found = service.get(f"/api/v1/records/files/sha256:{digest}")
    except ServiceRefused as refusal:
        if refusal.problem_code != "record-unknown":
            raise
        return Later()
    index, issuer = None, str(said.get("service"))
    if found.get("entry"):
        bundle = json.dumps(found["entry"]).encode()
        entry = verify_artifact(digest, bundle, trust, identity=f"{issuer}/records", issuer=issuer)
        if not entry.verified or entry.statement is None:
            raise EntryUnproven("The service's entry for this file is not proven.", why=entry.reasons[0].message)
        index = int(entry.statement["log_index"])
    newer = found.get("superseded")
    return Later(index, str(newer.get("sha256") or "") if isinstance(newer, dict) else None)


def told_by_newer(older: "RecordVerdict", newer: Path, trust: "TrustedRoot") -> Later:
    """Whether the record in the file `newer` took the place of this one; raises `NewerUnfit` if it does not hold.

    A record is known by its id: sealed better later on, or redacted, it is the same record in another file.
    """
    data = _read(newer)
    found = judged(data, trust, {})
    if not found.verdict.verified or found.found is None or older.found is None:
        raise NewerUnfit("The newer record does not hold.", why=found.verdict.reasons[0].message)
    told, expected = found.found.record.get("supersedes") or {}, older.found.record["recordId"]
    if told.get("recordId") != expected:
        raise NewerUnfit("That record replaces another one.", why=f"expected it to name the record {expected}")
    if found.found.record["act"]["statement"] != older.found.record["act"]["statement"]:
        raise NewerUnfit("That record is about another signature.", why="expected one statement in both")
    return Later(None, f"sha256:{hashlib.sha256(data).hexdigest()}")
