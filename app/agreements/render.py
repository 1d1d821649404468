# SPDX-License-Identifier: Apache-2.0
"""Markdown to safe HTML, clause by clause, and the consent words; pure functions of a version's documents.

CommonMark without raw HTML, then an allow-list of elements: whatever a text holds, no script, image, style or
address other than https, mailto and in-page reaches a reader. Paragraph numbers (`5.1`) become anchors (`c-5-1`).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt

from app.agreements.deed import DeedLine, deed
from app.agreements.errors import AgreementFolderInvalid
from app.agreements.folder import CLAUSE, MAX_FILE, TITLE, read_consent, read_summaries
from mcla.terms import Kind, Letter, kinds_of, parse_terms, schedules_of
from mcla.terms.strict import unfit_character

WORDS_PER_MINUTE = 240
TAGS = {"a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "strong", "ul"}
ATTRIBUTES = {"a": {"href"}, "p": {"id"}, "li": {"id"}, "ol": {"start"}}
SAFE_LINK = re.compile(r"https://|mailto:|#", re.IGNORECASE)
"""A list of schemes alone would let `//elsewhere.example` and our own `/logout` through: they have no scheme."""
NUMBERED = re.compile(r"([1-9DWS][0-9]?)\.([1-9][0-9]?) ")


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered clause: `anchor` is its id in the page, `html` its body without the heading."""

    number: int
    anchor: str
    title: str
    html: str
    summary: str


@dataclass(frozen=True, slots=True)
class ScheduleText:
    """One schedule's text: `anchor` is `schedule-d`, `html` its body without the title."""

    letter: Letter
    kinds: tuple[Kind, ...]
    anchor: str
    title: str
    html: str
    summary: str


@dataclass(frozen=True, slots=True)
class RenderedAgreement:
    """A version as it is read: what stands before clause 1, the clauses, schedules, the deed and the time it takes."""

    title: str
    preamble: str
    clauses: tuple[Clause, ...]
    schedules: tuple[ScheduleText, ...]
    deed: tuple[DeedLine, ...]
    reading_minutes: int


@dataclass(frozen=True, slots=True)
class Consent:
    """The words of the act. `text` is `box` and `disclosure` joined, the same for everybody; `sha256` is its digest.

    `beside` names who and how much; it is shown with the box and stays out of the digested words.
    """

    text: str
    sha256: str
    box: str
    disclosure: tuple[str, ...]
    button: str
    decline: str
    beside: str


def render_documents(documents: Mapping[str, bytes]) -> RenderedAgreement:
    """Render the documents of a version that passed `check_documents`."""
    return _render(tuple(sorted(documents.items())))


@lru_cache(maxsize=16)
def _render(documents: tuple[tuple[str, bytes], ...]) -> RenderedAgreement:
    files = dict(documents)
    terms, summaries = parse_terms(files["terms.toml"]), read_summaries(files["summaries.toml"])
    text = files["agreement.md"].decode()
    title, preamble, clauses = split_clauses(text, summaries.clauses)
    schedules = tuple(
        _schedule(letter, files[f"schedules/{letter}.md"].decode(), summaries.schedules[letter])
        for letter in schedules_of(terms)
    )
    words = sum(any(map(str.isalpha, word)) for word in text.split())
    minutes = max(1, round(words / WORDS_PER_MINUTE))
    return RenderedAgreement(title, preamble, clauses, schedules, deed(terms), minutes)


def split_clauses(text: str, summaries: Mapping[str, str]) -> tuple[str, str, tuple[Clause, ...]]:
    """Title, preamble as HTML, and the clauses of an agreement text."""
    head, *parts = CLAUSE.split(text)
    clauses = tuple(
        Clause(int(number), f"c-{number}", title, to_html(body), summaries.get(number, ""))
        for number, title, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )
    title = TITLE.match(head)
    return (title.group(1) if title else ""), to_html(TITLE.sub("", head, count=1)), clauses


def to_html(markdown: str) -> str:
    """Safe HTML; raises `AgreementFolderInvalid` for a text that is too large or has invisible characters."""
    if len(markdown) > MAX_FILE:
        raise AgreementFolderInvalid(f"The text is larger than {MAX_FILE:,} characters.")
    if bad := unfit_character(markdown):
        raise AgreementFolderInvalid(f"The text carries the invisible or control character {bad}.")
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(markdown)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and (number := NUMBERED.match(inline.content)):
            opening.attrSet("id", f"c-{number[1].lower()}-{number[2]}")
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style"},
    )


def _safe_attribute(_element: str, name: str, value: str) -> str | None:
    return value if name != "href" or SAFE_LINK.match(value) else None


def consent_words(documents: Mapping[str, bytes], name: str, files: int) -> Consent:
    """The words for accepting the agreement (`files` 0) or for giving `files` files under it."""
    words = read_consent(documents["consent.toml"])
    box = words.contribution if files else words.acceptance
    text = "\n".join((box, *words.disclosure))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Consent(text, digest, box, words.disclosure, words.button, words.decline, _beside(name, files))


def _beside(name: str, files: int) -> str:
    return name if not files else f"{name}, for {files:,} {'file' if files == 1 else 'files'}"


def _schedule(letter: Letter, text: str, summary: str) -> ScheduleText:
    title = TITLE.match(text)
    body = to_html(TITLE.sub("", text, count=1))
    shown = title.group(1) if title else f"Schedule {letter}"
    return ScheduleText(letter, kinds_of(letter), f"schedule-{letter.lower()}", shown, body, summary)
