# SPDX-License-Identifier: Apache-2.0
"""Where the seal stands in a file, found in its bytes: nothing of a PDF is parsed before its seal holds.

A sealed record has one shape: exactly one signature dictionary in the clear, whose byte range (ISO 32000-2, 12.8.1) is
the whole file but for the hexadecimal text of the CMS. So the digest can be compared and the key be known before a
parser meets a byte that a stranger chose; files that are huge, broken or meant to keep a reader busy end here.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import islice

from mcla.records.errors import SealInvalid

MAX_PDF_BYTES = 64 * 1024 * 1024
MAX_CMS_BYTES = 256 * 1024
SAVED_AGAIN = "Give the file as it was issued: what a viewer saves, fills in or signs is another file."
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:<<|\d{1,10}\s+\d{1,5}\s+R)")
_FILLING = re.compile(rb"<([0-9A-F]+)>")
_TAIL = re.compile(rb"startxref\s+\d{1,10}\s+%%EOF\s*\Z")


@dataclass(frozen=True, slots=True)
class Frame:
    """The seal as bytes: the `cms` (DER, with the zeros behind it), and the SHA-256 of everything else."""

    cms: bytes
    digest: bytes


def find_frame(pdf: bytes) -> Frame:
    """The one seal of a file; raises `SealInvalid` naming the check that failed."""
    _check_file(pdf)
    start, end = _covered(pdf)
    filling = _FILLING.fullmatch(pdf, start, end)
    if filling is None or len(filling[1]) % 2 or len(filling[1]) > 2 * MAX_CMS_BYTES:
        raise SealInvalid("frame", "the space that is kept for the seal holds something else")
    digest = hashlib.sha256(memoryview(pdf)[:start])
    digest.update(memoryview(pdf)[end:])
    return Frame(bytes.fromhex(filling[1].decode("ascii")), digest.digest())


def _check_file(pdf: bytes) -> None:
    if len(pdf) > MAX_PDF_BYTES:
        why = f"a record has at most {MAX_PDF_BYTES:,} bytes, this file has more than that"
        raise SealInvalid("size", why, hint="Look for the record as it was issued: most have less than 100,000 bytes.")
    if not pdf.startswith(b"%PDF-"):
        raise SealInvalid("file", "this is no PDF file", hint="Give the PDF itself, not what it was packed into.")
    if _ENCRYPTED.search(pdf):
        hint = "Give the file as it was issued, before anybody put a password on it."
        raise SealInvalid("encrypted", "the file is encrypted; records never are", hint=hint)
    if b"startxref" not in pdf[-2048:]:
        raise _cut_short()


def _covered(pdf: bytes) -> tuple[int, int]:
    """Where the CMS begins and ends (offsets), of a seal that covers all the rest."""
    # No more than are told apart: a file can hold millions, and each takes memory.
    found = list(islice(_RANGE.finditer(pdf), 3))
    if not found:
        hint = "Give the file as the foundation issued it: a scan, a print or a converted file carries no seal."
        raise SealInvalid("unsealed", "expected exactly one seal, found 0", hint=hint)
    if len(found) > 1:
        hint = "Give the file as the foundation issued it, before anybody else signed it."
        several = "2" if len(found) == 2 else "more than 2"
        raise SealInvalid("seal", f"expected exactly one seal, found {several}", hint=hint)
    zero, start, end, rest = map(int, found[0].groups())
    if zero or not start < end or end + rest > len(pdf):
        raise SealInvalid("coverage", "the file is shorter than what was sealed", hint=SAVED_AGAIN)
    if end + rest < len(pdf):
        raise SealInvalid("coverage", "the file was added to or saved again after it was sealed", hint=SAVED_AGAIN)
    if _TAIL.search(pdf, max(0, len(pdf) - 2048)) is None:
        raise _cut_short()
    return start, end


def _cut_short() -> SealInvalid:
    hint = "Download the record again: this copy of it is not whole."
    return SealInvalid("cut-short", "the PDF is cut short, or its end was damaged", hint=hint)
