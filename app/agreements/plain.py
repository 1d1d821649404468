# SPDX-License-Identifier: Apache-2.0
"""A version as plain text, for mail, terminals and printers: every word that is signed, with the summaries marked."""

import re
import textwrap
from collections.abc import Iterator, Mapping

from app.agreements.folder import CLAUSE, TITLE, read_summaries
from mcla.terms import LETTERS, parse_terms

WIDTH = 78
_MARKS = re.compile(r"\*\*|`")
_ITEM = re.compile(r"- ")


def plain_text(documents: Mapping[str, bytes]) -> str:
    """The text and the schedules of a version, in lines of at most 78 characters."""
    summaries = read_summaries(documents["summaries.toml"])
    terms = parse_terms(documents["terms.toml"])
    head, *clauses = CLAUSE.split(documents["agreement.md"].decode())
    lines = [*_title(head), *_blocks(TITLE.sub("", head, count=1))]
    for number, title, body in zip(clauses[::3], clauses[1::3], clauses[2::3], strict=True):
        lines += ["", *_wrapped(f"{number}. {title}"), "", *_summary(summaries.clauses.get(number, "")), *_blocks(body)]
    for letter in LETTERS:
        content = documents.get(f"schedules/{letter}.md")
        if content is not None:
            text = content.decode()
            lines += ["", "", *_title(text), *_summary(summaries.schedules.get(letter, ""))]
            lines += _blocks(TITLE.sub("", text, count=1))
    lines += [
        "",
        "",
        f"{terms.agreement.id} {terms.agreement.version}, SHA-256 of the text:",
        terms.agreement.text_sha256,
    ]
    return "\n".join(lines) + "\n"


def _title(text: str) -> list[str]:
    found = TITLE.match(text)
    shown = found.group(1) if found else ""
    return [*_wrapped(shown), "=" * min(len(shown), WIDTH), ""]


def _summary(text: str) -> list[str]:
    return [*textwrap.wrap(f"In short: {text}", WIDTH, initial_indent="    | ", subsequent_indent="    | "), ""]


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n\n|\n(?=- )", text.strip()):
        shown = _MARKS.sub("", " ".join(block.split()))
        if _ITEM.match(shown):
            yield from textwrap.wrap(
                shown, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            )
        elif shown:
            yield from [*_wrapped(shown), ""]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)
