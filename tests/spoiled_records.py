# SPDX-License-Identifier: Apache-2.0
"""Records that somebody tampered with, in seven ways, and by which check the rule refuses each."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from real_records import Real

from app.platform.keys import create_keys, load_keys
from app.records.seal import seal

FORGED = b"forged"


def flipped(real: Real) -> bytes:
    place = real.pdf.index(b"stream") + 40
    return real.pdf[:place] + bytes([real.pdf[place] ^ 1]) + real.pdf[place + 1 :]


def with_more_text(real: Real) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(real.pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    drawn = StreamObject(stream_data=b"BT /F 24 Tf 72 400 Td (and your house) Tj ET")
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    page["/Contents"] = ArrayObject([writer.add_object(drawn), page.raw_get("/Contents")])
    page["/Resources"]["/Font"][NameObject("/F")] = font
    for changed in (page, page["/Resources"], page["/Resources"]["/Font"]):
        writer.update_container(changed)
    return written(writer)


def with_another_attachment(real: Real) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(real.pdf))
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"]
    stream._data, stream._encoded_data = FORGED, zlib.compress(FORGED)
    writer.update_container(stream)
    return written(writer)


def saved_again(real: Real) -> bytes:
    out = io.BytesIO()
    pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(real.pdf))).write(out)
    return out.getvalue()


def by_an_impostor(real: Real) -> bytes:
    """Stripped, and sealed anew by another service's key under the very same names."""
    home = Path(real.services.settings.home) / "impostor"
    if not home.exists():
        create_keys(home, "127.0.0.1", real.now)
    return seal(unsealed(real), load_keys(home).document, real.now, foundation="Example Foundation")


def unsealed(real: Real) -> bytes:
    """The file before its seal was added, which is one revision at the end."""
    return real.pdf[: real.pdf.index(b"%%EOF") + 6]


def with_garbage(real: Real) -> bytes:
    return real.pdf + b"garbage after the end\n"


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_ADDED = "added to or saved again"
TAMPERED: dict[str, tuple[Callable[[Real], bytes], str, str]] = {
    "bit flip": (flipped, "record-intact", "not those that were sealed"),
    "text added": (with_more_text, "record-coverage", _ADDED),
    "attachment replaced": (with_another_attachment, "record-coverage", _ADDED),
    "saved again": (saved_again, "record-coverage", _ADDED),
    "impostor": (by_an_impostor, "record-root", "does not lead to a sealer in the trust file"),
    "seal removed": (unsealed, "record-unsealed", "exactly one seal, found 0"),
    "garbage": (with_garbage, "record-coverage", _ADDED),
}
"""How, the code of the reason, and words of its message."""
