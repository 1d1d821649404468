# SPDX-License-Identifier: Apache-2.0
"""For a person in a hurry: the verdict, then what is wrong with the next step under it, then who is fine."""

import textwrap
from collections.abc import Sequence

import click

from mcla.checks.answer import SubjectAnswer, Word
from mcla.cli.check_formats.report import WORDS, Report, count, name_of, shown

COLOURS: dict[Word, str] = {"covered": "green", "not-covered": "red", "unknown": "yellow"}
WIDTH = 13
MARGIN = " " * (WIDTH + 2)
SHOWN_ALIKE = 8
"""Files with one and the same problem that are named."""
SHOWN_PEOPLE = 6


def lines_of(report: Report, width: int | None = None) -> list[str]:
    """The lines to print, with colours as terminals have them; folded for a terminal of `width` columns."""
    verdict, _, rest = report.headline.partition(":")
    lines = [click.style(verdict, fg=COLOURS[report.said.word], bold=True) + f":{rest}"]
    whole = not (report.subjects or report.artifacts)
    if whole and report.said.next:
        lines.append(f"Next: {shown(report.said.next)}")
    if not whole:
        lines += ["", *_problems(report, width), *_fine(report, width)]
    for notice in report.remarks:
        lines += _row("note", "cyan", shown(notice.message), shown(notice.next), width)
    return [*lines, *(["", report.footer] if report.footer else [])]


def _problems(report: Report, width: int | None) -> list[str]:
    lines: list[str] = []
    for same in report.groups:
        first, many = same[0], len(same) > 1
        title = count(len(same), "file") if many else first.title
        names = [each.title for each in same[:SHOWN_ALIKE]] if many else []
        if len(same) > SHOWN_ALIKE:
            names.append(f"and {len(same) - SHOWN_ALIKE:,} more: --format json names them all")
        word = WORDS[first.word].lower()
        lines += _row(word, COLOURS[first.word], f"{title}: {first.reason}", first.next, width, names)
    return lines


def _row(word: str, colour: str, text: str, step: str, width: int | None, names: Sequence[str] = ()) -> list[str]:
    first, *more = _folded(text, width)
    lines = [f"  {click.style(f'{word:<{WIDTH}}', fg=colour)}{first}", *(f"{MARGIN}{each}" for each in more)]
    lines += [f"{MARGIN}  {name}" for name in names]
    return [*lines, *(f"{MARGIN}{each}" for each in (_folded(f"Next: {step}", width) if step else ()))]


def _folded(text: str, width: int | None) -> list[str]:
    """A text in lines for its column; addresses and paths stay whole, so that they can be copied."""
    if width is None:
        return [text]
    room = max(30, width - len(MARGIN))
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [text]


def _fine(report: Report, width: int | None) -> list[str]:
    people = [_called(each) for each in report.subjects if each.said.word == "covered"]
    files = sum(each.said.word == "covered" for each in report.artifacts)
    more = [f"{len(people) - SHOWN_PEOPLE:,} more people"] if len(people) > SHOWN_PEOPLE else []
    told = ", ".join([*people[:SHOWN_PEOPLE], *more, *([count(files, "file")] if files else [])])
    return _row("covered", "green", told, "", width) if told else []


def _called(subject: SubjectAnswer) -> str:
    """Somebody who is exempt has signed nothing, and whoever typed an exempt address looks the same: so it is said."""
    return name_of(subject) + (" (exempt)" if subject.said.code.startswith("exempt-") else "")
