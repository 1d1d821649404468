# SPDX-License-Identifier: Apache-2.0
"""A file given to the verify page, before anything reads it: whether it can be a record or a proof at all."""

from app.platform.languages import number
from mcla.wording import Worded

MIB = 1024**2
_BLANK = b" \t\r\n"


def is_record(content: bytes) -> bool:
    """Whether it says that it is a PDF, by its first bytes."""
    return content.startswith(b"%PDF-")


def fault_of(content: bytes, most: int) -> tuple[str, int] | None:
    """A sentence that says what to do instead, with the HTTP status; None for what is worth reading.

    `most` is in bytes; of a larger file it is enough to give the first `most` + 1.
    """
    if not content:
        return Worded("The file is empty. Choose the file again; if it stays empty, download or save it anew."), 400
    if len(content) > most:
        return _too_large(content, most), 413
    if is_record(content) or _is_json(content):
        return None
    return Worded(
        "This file is neither a record (PDF) nor a proof (JSON). To check any other file, paste its SHA-256 above; "
        "if it should be a record or a proof, download that again."
    ), 400


def _too_large(content: bytes, most: int) -> str:
    # Anybody may ask, and reading costs more than sending: the page takes what the API takes.
    limit = number(most // MIB)
    if is_record(content):
        return Worded(
            "This PDF is larger than %(most)s MiB; most records have less than 100 KB, so look for the record as it "
            "was issued. To check this one, run `mcla verify FILE.pdf` on your own computer.",
            most=limit,
        )
    return Worded(
        "This file is larger than %(most)s MiB, and a proof is far smaller. To check the file itself, paste its "
        "SHA-256 above; if it is a proof, run `mcla verify FILE` on your own computer.",
        most=limit,
    )


def _is_json(content: bytes) -> bool:
    """Whether it is text that begins as an object or a list; what is inside is the verifier's to judge."""
    if content.lstrip(_BLANK)[:1] not in (b"{", b"["):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
