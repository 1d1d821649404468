# SPDX-License-Identifier: Apache-2.0
"""The pages of a record as HTML: the agreement's text, then the certificate of signature.

Everything that came from outside passes `printable` and Jinja's escaping; Markdown is rendered without raw HTML, images
or automatic links, so that no document can fetch or hide anything. Pure: the same data gives the same text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from app.records.data import AttachedFile, RecordData, attached_files, utc
from app.records.facts import blocks_of, count, for_whom
from app.records.glyphs import printable
from app.records.parts import (
    ContributionDetail,
    SignerDetail,
)
from app.records.redaction import WITHHELD
from mcla.records.markdown import document_parser
from mcla.records.names import SHOWN_FILES

HERE = Path(__file__).parent / "pdf"
LIMITS = (
    "Name and address are what the identity provider said at sign-in. Nobody compared them with an identity paper.",
    "The signer’s act is a simple electronic signature with strong evidence; the seal is the foundation’s.",
    "Certificates, timestamp and log are run by one service; until outside witnesses cosign the log, they rest on it.",
)
LIMITS_ACCEPTANCE = (
    *LIMITS,
    "A later end of this acceptance is not shown here; the foundation knows the present state.",
)
LIMITS_CONTRIBUTION = (
    "That the declarations are true and the giver may give all this is said by the giver, not by this record.",
    *LIMITS,
    "A later withdrawal is not shown here; the address beside the QR code shows the present state.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One file in a table."""

    name: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileTable:
    """A titled table of files; `more` says what is left out."""

    title: str
    first: str
    rows: tuple[Line, ...]
    more: str = ""


def html_of(data: RecordData, *, system_fonts: bool = True) -> str:
    """The whole record as one HTML document."""
    documents = [printed(data.agreement.documents[path], system_fonts=system_fonts) for path in data.texts]
    return html_with(data, documents, qr_address(data), system_fonts=system_fonts)


def html_with(data: RecordData, documents: Sequence[str], qr: str, *, system_fonts: bool = True) -> str:
    """The record with `documents`, which are HTML, for the agreement's texts, and the picture at `qr` for the code."""
    return _template(system_fonts).render(
        record_id=data.record_id,
        foundation=data.foundation_name,
        agreement_name=f"{data.agreement.title} {data.agreement.version}",
        created=utc(data.act.signed_at),
        sentence=sentence(data),
        documents=[Markup(document) for document in documents],  # noqa: S704  # `printed` leaves raw HTML off
        has_schedules=len(documents) > 1,
        is_copy=data.copy is not None,
        qr=qr,
        page_url=data.page_url,
        page_purpose=f"Check this {data.type}, as it stands today:",
        blocks=blocks_of(data),
        tables=_tables(data),
        limits=LIMITS_ACCEPTANCE if data.contribution is None else LIMITS_CONTRIBUTION,
    )


def qr_address(data: RecordData) -> str:
    """The QR code as a picture, in a `data:` address."""
    return str(qr_of(data).svg_data_uri(scale=4, border=0))


def qr_of(data: RecordData) -> segno.QRCode:
    """The code that leads to the page about this record; one mask, as trying all eight takes five times as long."""
    return segno.make(data.page_url, error="m", mask=2)


@cache
def _template(system_fonts: bool) -> Template:
    """The template, whose every value passes `printable`: read once for a process."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.finalize = lambda value: (
        printable(value, system_fonts=system_fonts) if type(value) is str else value  # and not what is markup already
    )
    return environment.get_template("record.html")


def sentence(data: RecordData) -> str:
    """The whole record in one sentence."""
    when = data.act.signed_at.strftime("%-d %B %Y at %H:%M:%S UTC")
    name, agreement = _who(data.signer), f"{data.agreement.title}, version {data.agreement.version}"
    if data.contribution is None:
        return f"On {when}, {name} accepted the {agreement}, {for_whom(data.signer)}."
    given = data.contribution
    files = f"{count(len(given.files), 'file')} of {given.kind}"
    company = f" for {data.signer.company.name}" if data.signer.company else ""
    both = f", and {data.foundation_name} counter-signed" if data.counter else ""
    return f"On {when}, {name} gave {files} to {given.project_name}{company} under the {agreement}{both}."


@lru_cache(maxsize=64)
def printed(content: bytes, *, system_fonts: bool = True) -> str:
    """A document in Markdown as HTML, without raw HTML."""
    text = printable(content.decode("utf-8", errors="replace"), lines=True, system_fonts=system_fonts)
    return str(document_parser().render(text))


def _who(signer: SignerDetail) -> str:
    return next((one for one in (signer.name, signer.login) if one not in ("", WITHHELD)), "the signer")


def _tables(data: RecordData) -> Iterable[FileTable]:
    if data.contribution is not None:
        rows = tuple(Line(row.path, f"{row.size:,}", row.sha256) for row in data.contribution.files[:SHOWN_FILES])
        yield FileTable("Files given", "Path", rows, _more(data.contribution))
    yield FileTable(
        "Files attached to this record", "Name", tuple(map(_attached_line, attached_files(data)[:-1])), _RECORD_JSON
    )


_RECORD_JSON = "record.json is attached too: this page for machines, with the digests above."


def _attached_line(file: AttachedFile) -> Line:
    return Line(file.name, f"{len(file.content):,}", file.sha256)


def _more(given: ContributionDetail) -> str:
    left = len(given.files) - SHOWN_FILES
    if left <= 0:
        return ""
    return f"{left:,} more in the attached manifest.json; the manifest root above binds them all."
