# SPDX-License-Identifier: Apache-2.0
"""Markdown from a version becomes safe HTML, whatever it holds."""

import time

import pytest
from version_folders import SOURCE

from app.agreements.errors import AgreementFolderInvalid
from app.agreements.folder import MAX_FILE, read_folder
from app.agreements.render import render_documents, split_clauses, to_html


def test_the_real_version_has_numbered_clauses_with_anchors_and_summaries() -> None:
    rendered = render_documents(read_folder(SOURCE).documents)
    assert [clause.number for clause in rendered.clauses] == list(range(1, 26))
    assert rendered.clauses[4].anchor == "c-5"
    assert rendered.clauses[4].title == "The licence you give"
    assert '<p id="c-5-1">5.1 You license' in rendered.clauses[4].html
    assert all(clause.summary and clause.html for clause in rendered.clauses)
    assert [schedule.letter for schedule in rendered.schedules] == ["D", "W", "S"]
    assert '<p id="c-d-1">D.1 ' in rendered.schedules[0].html
    assert "template" in rendered.preamble


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![remote](https://evil.example/x.png)",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "[click](vbscript:x)",
        "[click](http://evil.example/)",
        '<https://evil.example/"onmouseover=alert(1)>',
        "[a]: javascript:alert(1)\n\n[a]",
        "<style>body{display:none}</style>",
        "<iframe src='https://evil.example'></iframe>",
        "<svg/onload=alert(1)>",
        "</article><form action=https://evil.example>",
        "<!-- --!> <b onclick=x>",
        "`<script>`",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_hostile_markdown_is_neutral(markdown: str) -> None:
    html = to_html(markdown).lower()
    for live in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<svg",
        "<form",
        "<b ",
        "javascript:",
        "data:text",
        "vbscript:",
    ):
        assert f'href="{live}' not in html
        if live.startswith("<"):
            assert live not in html
    assert "http://" not in html.replace("(http://", "")
    assert ' onmouseover="' not in html


def test_links_to_safe_places_stay_and_give_nothing_away() -> None:
    html = to_html("[terms](https://foundation.example/terms) and [mail](mailto:contact@foundation.example)")
    assert 'href="https://foundation.example/terms"' in html
    assert 'rel="noopener noreferrer"' in html
    assert 'href="mailto:contact@foundation.example"' in html


@pytest.mark.parametrize(
    "target", ["//evil.example/a", "/logout", "evil.html", "/%5Cevil.example", "///evil.example", "?next=x", "https:x"]
)
def test_a_link_without_a_scheme_leads_nowhere_but_within_the_page(target: str) -> None:
    assert "href" not in to_html(f"[click]({target})")
    assert 'href="#c-5-1"' in to_html("[clause](#c-5-1)")


def test_no_author_can_set_an_anchor() -> None:
    assert '<p id="' not in to_html('<p id="c-1">x</p>\n\n5. list\n\n5.1x no number')


@pytest.mark.parametrize(
    "bad", ["\u202e", "\u2066", "\u200b", "\u00ad", "\x00", "\x1b", "\ufeff", "\U000e0041", "\u2028"]
)
def test_invisible_characters_are_refused(bad: str) -> None:
    with pytest.raises(AgreementFolderInvalid, match=f"U\\+{ord(bad):04X}"):
        to_html(f"You keep{bad} your rights.")


def test_five_megabytes_are_refused_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(AgreementFolderInvalid, match="larger than"):
        to_html("x " * 2_500_000)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("unit", ["> ", "- ", "[", "*_", "`", "![", "<", "(", "&#"])
def test_a_text_made_to_be_slow_is_rendered_in_seconds(unit: str) -> None:
    started = time.process_time()
    to_html(unit * (MAX_FILE // len(unit)))
    assert time.process_time() - started < 20


def test_a_heading_inside_a_code_block_or_deeper_is_no_clause() -> None:
    title, _, clauses = split_clauses("# T\n\nHello\n\n## 1. One\n\n### 2. Not\n\nx\n", {"1": "Sum."})
    assert title == "T"
    assert [clause.title for clause in clauses] == ["One"]
    assert clauses[0].summary == "Sum."
