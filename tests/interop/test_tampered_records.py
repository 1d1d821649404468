# SPDX-License-Identifier: Apache-2.0
"""The seven ways to tamper with a record, before tools that others wrote and before our own rule, on the same files.

Poppler and MuPDF call four of them validly signed, pyHanko's validator one; none of them is a record to us.
"""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import seed_database
from needs import needs
from postgres import Fill
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from real_records import Real, make_record
from spoiled_records import FORGED, TAMPERED
from version_folders import brief_texts

from mcla.records import loop
from mcla.records.check import verify_record
from mcla.records.seal import to_asn1

VALID, WRONG = "Signature is Valid.", "Digest Mismatch."
TOTAL, PART = "\n  - Total document signed", "\n  - Not total document signed"
UNCHANGED = "The document is unchanged since signing."
EDITED = "The signature is valid but there have been edits since signing."
BOTH = "INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>,"


@dataclass(frozen=True)
class Said:
    """What each tool says of a file; `accepted` by pyHanko's validator as a whole."""

    pdfsig: tuple[str, ...]
    mutool: str
    pyhanko: tuple[str, ...]
    accepted: bool = False


GOOD = Said((VALID, TOTAL), UNCHANGED, (f"{BOTH}UNTOUCHED",), accepted=True)
SAID = {
    "bit flip": Said((WRONG,), "Digest error: Signature invalidated by change to document.", ("INVALID",)),
    "text added": Said((VALID, PART), EDITED, (f"{BOTH}EXTENDED_WITH_OTHER,ILLEGAL_MODIFICATIONS",)),
    "attachment replaced": Said((VALID, PART), EDITED, (f"{BOTH}EXTENDED_WITH_OTHER,ILLEGAL_MODIFICATIONS",)),
    "saved again": Said((WRONG, PART), "Verification error:", ("INVALID",)),
    "impostor": Said((VALID, TOTAL), UNCHANGED, ("INTACT:UNTRUSTED,UNTOUCHED",)),
    "seal removed": Said(("does not contain any signatures",), "", ()),
    "garbage": Said((VALID, PART), EDITED, (f"{BOTH}EXTENDED_WITH_NONE,ACCEPTABLE_MODIFICATIONS",), accepted=True),
}


@pytest.fixture(scope="session")
def sealed(
    tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Callable[[Fill | None], bytes], key_folder: Path
) -> Real:
    texts = brief_texts(tmp_path_factory.mktemp("texts"))
    database = filled_sqlite(partial(seed_database, texts=texts))
    return make_record(tmp_path_factory.mktemp("service"), database, key_folder)


def test_the_file_as_it_was_sealed_is_good_to_every_tool_and_to_our_rule(sealed: Real, tmp_path: Path) -> None:
    _compare(sealed, sealed.pdf, GOOD, tmp_path)
    assert verify_record(sealed.pdf, sealed.trust, sealed.now).verdict.verified


@pytest.mark.parametrize("case", TAMPERED)
def test_our_rule_refuses_by_the_named_check_what_tools_of_others_say_this_of(
    sealed: Real, tmp_path: Path, case: str
) -> None:
    spoil, code, _ = TAMPERED[case]
    pdf = spoil(sealed)
    _compare(sealed, pdf, SAID[case], tmp_path)
    verdict = verify_record(pdf, sealed.trust, sealed.now).verdict
    assert (verdict.verdict, [reason.code for reason in verdict.reasons]) == ("not-verified", [code])


def test_whom_a_yes_of_those_tools_would_fool_sees_the_added_text_and_gets_the_forged_file(
    sealed: Real, tmp_path: Path
) -> None:
    for case in ("text added", "attachment replaced"):
        (tmp_path / f"{case}.pdf").write_bytes(TAMPERED[case][0](sealed))
    assert "and your house" in _run(needs("pdftotext"), tmp_path / "text added.pdf", "-")
    _run(needs("pdfdetach"), "-saveall", "-o", tmp_path, tmp_path / "attachment replaced.pdf")
    assert FORGED in [path.read_bytes() for path in tmp_path.iterdir()]


def _compare(sealed: Real, pdf: bytes, said: Said, folder: Path) -> None:
    path = folder / "record.pdf"
    path.write_bytes(pdf)
    poppler, mupdf = _run(needs("pdfsig"), "-nocert", path), _run(needs("mutool"), "sign", "-v", path)
    assert (VALID in poppler) == (VALID in said.pdfsig), poppler
    assert all(words in poppler for words in said.pdfsig), poppler
    assert said.mutool in mupdf if said.mutool else not mupdf.strip(), mupdf
    found = [_pyhanko(each, sealed) for each in PdfFileReader(io.BytesIO(pdf)).embedded_signatures]
    assert tuple(summary for summary, _ in found) == said.pyhanko
    assert [accepted for _, accepted in found] == [said.accepted] * len(said.pyhanko)


def _pyhanko(signature: Any, sealed: Real) -> tuple[str, bool]:
    """The validator's summary and its last word, without network, under the service's own roots."""
    keys = sealed.services.keys
    roots = [to_asn1(one.chain[-1]) for one in (keys.document, keys.tsa)]
    context = ValidationContext(trust_roots=roots, moment=sealed.now)
    status = loop.run(async_validate_pdf_signature(signature, context))
    return status.summary(), status.bottom_line


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
