# SPDX-License-Identifier: Apache-2.0
"""From a record's data to the bytes of a PDF that is ready to be sealed (WeasyPrint; PDF/A-3a and PDF/UA-1 at once).

The same data gives the same bytes: dates come from the data, the file identifier from the content. Nothing is fetched
but `data:` and the bundled fonts. Loading WeasyPrint takes half a second and happens at the first record, in the
worker; pages are laid out one document at a time, because Pango's font map is not made for more.
"""

import atexit
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from app.records.bytewise import in_bytes
from app.records.data import AttachedFile, RecordData, attached_files
from app.records.errors import GlyphMissing, RecordContentInvalid
from app.records.furniture import set_apart
from app.records.glyphs import FONTS, printable
from app.records.mirrored import straightened
from app.records.packing import Frame, objects_of
from app.records.pages import HERE, html_of
from app.records.slim import drawn, joined, slim
from app.records.subsets import slim_fonts
from app.records.xmp import with_record

one_at_a_time = threading.Lock()


class Renderer(Protocol):
    """What makes the unsealed PDF of a record; the same data gives the same bytes."""

    def render(self, data: RecordData) -> bytes:
        """Raises `GlyphMissing` rather than print empty boxes."""
        ...


class FullRenderer:
    """Lays out every record by itself."""

    def render(self, data: RecordData) -> bytes:
        return render(data)


def render(data: RecordData) -> bytes:
    """The unsealed PDF of a record; raises `GlyphMissing` rather than print empty boxes."""
    files = attached_files(data)
    with one_at_a_time:
        try:
            return _pdf(html_of(data), files, data)
        except GlyphMissing:
            # A system font promised a character and Pango did not choose it: print code points instead.
            return _pdf(html_of(data, system_fonts=False), files, data)


def render_html(html: str) -> bytes:
    """A PDF of plain HTML under the same rules (no fetching, no missing glyphs); the start-up probe uses it."""
    with one_at_a_time:
        return _write(html, [], {})


def _pdf(html: str, files: tuple[AttachedFile, ...], data: RecordData) -> bytes:
    return _write(html, attachments_of(files, data), metadata_of(data))


def attachments_of(files: tuple[AttachedFile, ...], data: RecordData) -> list[Any]:
    """The files as WeasyPrint takes them, once each."""
    from weasyprint import Attachment

    moment = data.act.signed_at
    return [
        Attachment(
            string=file.content,
            name=file.name,
            description=file.description,
            relationship=file.relationship,
            created=moment,
            modified=moment,
        )
        for file in files
    ]


def metadata_of(data: RecordData) -> dict[str, str]:
    """What the metadata say of the record, by the names of `app.records.xmp.RECORD`."""
    return {
        "recordId": printable(data.record_id),
        "agreementDigest": data.agreement.digest,
        "logIndex": str(data.log.index),
    }


def _write(html: str, attachments: list[Any], metadata: Mapping[str, str]) -> bytes:
    return laid_out(html, attachments, metadata, _written)


def laid_out(
    html: str, attachments: list[Any], metadata: Mapping[str, str], write: Callable[[Any, Any], bytes]
) -> bytes:
    """What `write` makes of WeasyPrint's document and of the objects of its PDF, which are ready to be written."""
    from weasyprint import HTML

    from app.records.fetch import FetchRefused, PackagedFetcher

    def finish(document: Any, pdf: Any) -> None:
        _check_fonts(document)
        _list_attachments_once(pdf)
        straightened(list(document.fonts.values()))
        in_bytes(document, pdf)
        set_apart(pdf)
        slim(pdf)
        written = write(document, pdf)
        pdf.write = lambda output, *_: output.write(written)

    font_config, stylesheet = _style()
    source = HTML(string=html, base_url="about:blank", url_fetcher=PackagedFetcher(), media_type="print")
    options: dict[str, Any] = {"pdf_variant": "pdf/a-3a", "attachments": attachments}
    try:
        document = source.render(font_config=font_config, stylesheets=[stylesheet], **options)
        _add_metadata(document.metadata, metadata)
        pdf: bytes = document.write_pdf(finisher=finish, **options)
    except FetchRefused as error:  # not an Exception: it would end the worker
        raise RecordContentInvalid(str(error)) from error
    return pdf


def _written(document: Any, pdf: Any) -> bytes:
    slim_fonts(document, pdf)
    for content in drawn(pdf):
        content.stream = [joined(content.stream)]
    return Frame(objects_of(pdf)).write()


def _add_metadata(described: Any, values: Mapping[str, str]) -> None:
    # The library's own option `xmp_metadata` writes behind the RDF element, where no reader looks.
    written = described.generate_rdf_metadata
    described.generate_rdf_metadata = lambda *which: with_record(written(*which), values)


@cache
def _style() -> tuple[Any, Any]:
    """The style sheet and the fonts it loads: read once for a process."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    from app.records.fetch import PackagedFetcher

    # The library removes the fonts that it unpacked when this goes; among the last things of a process it cannot.
    atexit.register(_style.cache_clear)
    font_config = FontConfiguration()
    text = (HERE / "record.css").read_text(encoding="utf-8")
    return font_config, CSS(
        string=text, base_url="about:blank", url_fetcher=PackagedFetcher(FONTS), font_config=font_config
    )


def _check_fonts(document: Any) -> None:
    missing = sorted({code for font in document.fonts.values() for code in font.missing})
    if missing:
        raise GlyphMissing("no font at hand draws " + ", ".join(f"U+{code:04X}" for code in missing[:10]))
    pictures = [font.family for font in document.fonts.values() if font.bitmap or font.png or font.svg or font.colr]
    if pictures:
        raise GlyphMissing(f"{pictures[0]} draws pictures where PDF/A wants letters")


def _list_attachments_once(pdf: Any) -> None:
    # WeasyPrint lists each attachment twice in the catalog's /AF.
    listed = pdf.catalog.get("AF")
    if listed is not None:
        listed[:] = list(dict.fromkeys(listed))
