# SPDX-License-Identifier: Apache-2.0
"""For a job's summary or a comment: Markdown in which nothing that came from the change is more than text."""

import html
import re
from collections.abc import Sequence

from mcla.cli.check_formats.report import WORDS, Problem, Report, shown

MAX_COMMENT = 60_000
"""Bytes; a comment may have 64 KiB, and who posts it may add a line."""
MAX_SUMMARY = 1_000_000
"""Bytes; a job's summary may have 1 MiB a step."""
SHOWN_ALIKE = 3
"""Files with one and the same trouble that are named."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-!|~])")
_WAKES = re.compile(r"(@|(?<=http)(?=s?:)|(?<=www)(?=\.))", re.IGNORECASE)
"""Where a forge would notify somebody, or make a link of bare text."""


def text_of(report: Report, most: int = MAX_COMMENT) -> str:
    """The report in at most `most` bytes: rows that do not fit are counted."""
    head = [f"### {_icon(report)} {_words(report.headline)}", ""]
    if not (report.subjects or report.artifacts) and report.said.next:
        head += [_words(report.said.next), ""]
    if report.problems and report.answer:
        head += ["| | who or what | why | next |", "|---|---|---|---|"]
    notes = [f"- {_words(each.message)} {_words(each.next)}".rstrip() for each in report.remarks]
    tail = ["", *notes[:20], "", f"<sub>{_words(report.footer)}</sub>"] if report.answer else ["", *notes[:20]]
    rows = [_row(each) for each in report.groups] if report.answer else []
    return _fitting(head, rows, tail, most)


def _fitting(head: list[str], rows: list[str], tail: list[str], most: int) -> str:
    left = most - sum(len(line.encode()) + 1 for line in (*head, *tail)) - 80
    kept: list[str] = []
    for row in rows:
        left -= len(row.encode()) + 1
        if left < 0:
            kept.append(f"| | and {len(rows) - len(kept):,} more | the job's log or its JSON names them | |")
            break
        kept.append(row)
    return "\n".join([*head, *kept, *tail]).rstrip() + "\n"


def _row(same: Sequence[Problem]) -> str:
    first = same[0]
    names = ", ".join(_code(each.title) for each in same[:SHOWN_ALIKE])
    if len(same) > SHOWN_ALIKE:
        names = f"{len(same):,} files: {names} and {len(same) - SHOWN_ALIKE:,} more"
    return f"| {WORDS[first.word]} | {names} | {_words(first.reason)} | {_linked(first)} |"


def _icon(report: Report) -> str:
    return {"covered": "✅", "not-covered": "❌", "unknown": "❔"}[report.said.word]


def _words(text: str) -> str:
    return _WAKES.sub(r"\1<!-- -->", _SPECIAL.sub(r"\\\1", html.escape(shown(text), quote=False)))


def _linked(problem: Problem) -> str:
    """The next step, in which the page that the service names is a link, and nothing else."""
    if not problem.url:
        return _words(problem.next)
    return f"<{problem.url}>".join(_words(each) for each in problem.next.split(problem.url))


def _code(text: str) -> str:
    """A name in a code span, in which nobody is notified and nothing is a link; pipes end a cell even there."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    inner = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{inner}{fence}".replace("|", "\\|")
