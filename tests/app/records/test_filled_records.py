# SPDX-License-Identifier: Apache-2.0
"""Records filled into a template say what the full renderer would, in the same bytes whichever record came first."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import needs
from record_samples import acceptance, contribution

from app.records.copies import FOUNDATION_SEES
from app.records.data import RecordData, attached_files
from app.records.faces import SETS
from app.records.filling import LAYOUTS, FillingRenderer
from app.records.parts import CompanyDetail, Declaration
from app.records.redaction import redacted
from app.records.render import render
from mcla.records.reading import opened, page_texts
from mcla.records.text import folded

Make = Callable[..., RecordData]
FILLING = FillingRenderer()
WORDS = st.text(SETS[-1], max_size=60) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HOSTILE = ("(0) Tj ET EMC Q", "\\) 0] TJ (", "<!--0-->", "</td><td>", 'data-value="3">', "\0value", "1 0 R", "%%EOF")


def pages(pdf: bytes) -> list[str]:
    """The words of every page as pypdf reads them."""
    return [folded(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages]


def read(pdf: bytes) -> list[str]:
    """The same as the rule reads them, which is quicker and says the same."""
    return [folded(text) for text in page_texts(opened(pdf))]


def files(pdf: bytes) -> dict[str, bytes]:
    return {name: content[0] for name, content in pypdf.PdfReader(io.BytesIO(pdf)).attachments.items()}


def other(data: RecordData, name: str = "Bela Example") -> RecordData:
    """Another record of the same shape."""
    later = data.act.signed_at + timedelta(days=3, seconds=7)
    signer, act = replace(data.signer, name=name, login="bela"), replace(data.act, signed_at=later)
    log = replace(data.log, index=48200, root="ab" * 32)
    return replace(data, record_id="rec_0a1b2c3d4e5f6g7h8j9k0m1n2p", signer=signer, act=act, log=log)


# A full layout of each example is what makes this dear; the odd letters of a few are enough.
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, st.sampled_from((None, FOUNDATION_SEES, ())))
def test_both_ways_show_the_same_words_and_carry_the_same_files(
    name: str, login: str, title: str, power: str, answer: str, agent: str, show: tuple[str, ...] | None
) -> None:
    data = contribution(2, declarations=(Declaration("a", "What is it called?", answer),))
    company = CompanyDetail("Example GmbH", "DE", "HRB 1234 B", title, power)
    signer = replace(data.signer, name=name, login=login, company=company)
    assert data.act.circumstance is not None
    seen = replace(data.act.circumstance, agent=agent)
    data = replace(data, signer=signer, act=replace(data.act, circumstance=seen))
    data = data if show is None else redacted(data, show, "cd" * 32)
    filled, full = FILLING.render(data), render(data)
    assert pages(filled) == pages(full) == read(filled) == read(full)
    assert files(filled) == files(full) == {each.name: each.content for each in attached_files(data)}


def test_stock_tools_read_the_same_words_and_metadata_in_both(make_contribution: Make, tmp_path: Path) -> None:
    data = other(make_contribution(8))
    told = []
    for way, pdf in (("filled", FILLING.render(data)), ("full", render(data))):
        path = tmp_path / f"{way}.pdf"
        path.write_bytes(pdf)
        texts = [
            subprocess.run([needs(tool[0]), *tool[1:], path, *more], capture_output=True, check=True).stdout
            for tool, more in ((("pdftotext",), ["-"]), (("mutool", "draw", "-F", "text"), []))
        ]
        info = subprocess.run([needs("pdfinfo"), path], capture_output=True, check=True, text=True).stdout
        told.append([*("".join(text.decode().split()) for text in texts), info.partition("File size")[0]])
    assert told[0] == told[1]
    assert data.record_id in told[0][2]


def test_the_bytes_follow_from_the_data_whichever_record_came_first(make_acceptance: Make) -> None:
    one = make_acceptance()
    two = other(one)
    first, second = FillingRenderer(), FillingRenderer()
    forward = [first.render(one), first.render(two)]
    backward = [second.render(two), second.render(one)]
    assert forward == backward[::-1]
    assert (first.counts.filled, first.counts.compiled, first.counts.in_full.total()) == (2, 1, 0)
    assert first.render(replace(two, origin="https://mcla.example.net")) != forward[1]


def test_what_somebody_wrote_is_never_taken_for_part_of_the_file(make_acceptance: Make) -> None:
    name, login, email, subject, *company = HOSTILE
    data = make_acceptance(name=name, login=login, email=email, subject=subject, company=CompanyDetail("X", *company))
    filled, full = FILLING.render(data), render(data)
    assert pages(filled) == pages(full) == read(filled) == read(full)


def test_what_a_template_cannot_set_is_rendered_in_full_and_counted(
    make_acceptance: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling, why = FillingRenderer(), "a character outside the template's faces"
    monkeypatch.setattr("app.records.filling.render", lambda data: data.signer.name.encode())
    for name in ("山田太郎", "محمد", "Ἀριστοτέλης", "A\u0301da"):
        assert filling.render(make_acceptance(name=name)) == name.encode()
        assert filling.take_reason() == why
    assert filling.take_reason() == ""
    assert (filling.counts.filled, dict(filling.counts.in_full)) == (0, {why: 4})
    assert "4 rendered in full (4 for a character outside" in str(filling.counts)


def test_no_record_makes_a_run_compile_without_end(make_acceptance: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    filling = FillingRenderer()
    tried: list[RecordData] = []

    def refuse(data: RecordData, *_: object) -> None:
        from app.records.faces import CannotFill

        tried.append(data)
        raise CannotFill("a value that stands on no page")

    monkeypatch.setattr("app.records.filling.compile_template", refuse)
    monkeypatch.setattr("app.records.filling.render", lambda _: b"%PDF")
    for _ in range(LAYOUTS + 5):
        filling.render(make_acceptance())
    assert len(tried) == LAYOUTS
    assert filling.counts.in_full.total() == LAYOUTS + 5


def test_records_of_another_agreement_or_with_other_labels_are_of_another_shape(make_contribution: Make) -> None:
    from app.records.chunks import Chunked

    def shape(data: RecordData) -> str:
        return Chunked.of(data).shape(data, attached_files(data))

    data = make_contribution(2)
    assert shape(other(data)) == shape(data)
    anew = replace(data, agreement=replace(data.agreement, digest="ab" * 32))
    answers = (Declaration("a", "Another question?", "yes"),)
    for different in (acceptance(), make_contribution(3), make_contribution(2, declarations=answers), anew):
        assert shape(different) != shape(data)
