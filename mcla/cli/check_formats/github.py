# SPDX-License-Identifier: Apache-2.0
"""Annotations of a GitHub Actions run (workflow commands), which Gitea and Forgejo read as well.

A step shows ten of each kind and drops the others without a word, so the first one tells the totals.
"""

from mcla.checks.answer import Word
from mcla.cli.check_formats.report import WORDS, Problem, Report, shown

MOST = 10
LEVELS: dict[Word, str] = {"not-covered": "error", "unknown": "warning", "covered": "notice"}


def annotations_of(report: Report) -> list[str]:
    """One line each; the verdict first, then at most nine problems of each kind."""
    if report.answer is None and report.said.word == "covered":
        return []  # there was nothing to check: silence
    lines = [_annotation(_level(report), "MCLA", " ".join((report.headline, shown(report.said.next or ""))).strip())]
    left = dict.fromkeys(LEVELS.values(), MOST)
    left[_level(report)] -= 1
    for problem in report.problems:
        level = LEVELS[problem.word]
        if left[level] > 0 and (report.subjects or report.artifacts):
            left[level] -= 1
            lines.append(_annotation(level, f"MCLA: {WORDS[problem.word].lower()}", problem.text, problem))
    for notice in report.remarks[: left["notice"]]:
        lines.append(_annotation("notice", "MCLA", f"{shown(notice.message)} {shown(notice.next)}".strip()))
    return lines


def _level(report: Report) -> str:
    """No warning for what stops a job: an unknown is no pass."""
    return "notice" if report.said.word == "covered" else "error"


def _annotation(level: str, title: str, text: str, problem: Problem | None = None) -> str:
    file = f"file={_property(shown(problem.path))}," if problem and problem.path else ""
    return f"::{level} {file}title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
