# SPDX-License-Identifier: Apache-2.0
"""A record given to the verify page: checked by the one rule, answered in words, and not kept."""

import io
from pathlib import Path
from typing import Any

import pytest
from applications import new_application
from real_records import Real
from spoken import english_left

from app.contributions.schemas.bundle import BundleIn


@pytest.fixture
def page(real: Real) -> Any:
    """A fresh browser at the very service that made the record."""
    return new_application(real.services).test_client()


def given(page: Any, pdf: bytes, **headers: str) -> Any:
    return page.post("/verify", data={"bundle": (io.BytesIO(pdf), "record.pdf")}, headers=headers)


def kept(real: Real) -> set[tuple[str, int]]:
    folder = Path(real.services.settings.home) / "storage"
    return {(str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_a_good_record_holds_and_every_check_is_named(real: Real, page: Any) -> None:
    before = kept(real)
    answer = given(page, real.pdf)
    assert answer.status_code == 200
    for words in (
        "The record holds.",
        "One seal, over the whole file",
        "Pages show what is attached",
        "Still in force",
    ):
        assert words in answer.text
    assert "Ada Li" not in answer.text
    assert kept(real) == before


def test_a_spoiled_record_is_refused_in_words(real: Real, page: Any) -> None:
    answer = given(page, real.pdf + b"more\n")
    assert "Not verified." in answer.text
    assert "added to or saved again after it was sealed" in answer.text


def test_a_paper_without_seal_is_told_to_carry_none(page: Any) -> None:
    answer = given(page, b"%PDF-1.7\nA paper.\nstartxref\n0\n%%EOF\n")
    assert "found 0" in answer.text


def test_a_record_beyond_the_limit_is_refused_unread(page: Any) -> None:
    answer = given(page, b"%PDF-1.7" + bytes(BundleIn.max_bytes))
    assert answer.status_code == 413
    assert "mcla verify" in answer.text


def test_the_answer_is_german_for_a_german(real: Real, page: Any) -> None:
    answer = given(page, real.pdf, **{"Accept-Language": "de"})
    assert english_left(answer) == set()
