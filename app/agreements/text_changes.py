# SPDX-License-Identifier: Apache-2.0
"""What changed in the words of two versions, clause by clause and word by word; pure functions of their documents.

Clauses are matched by their headings, so that a new clause in between does not make every later one look changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from app.agreements.folder import CLAUSE, TITLE
from mcla.terms import LETTERS

MOST_WORDS = 2000
"""In one paragraph; a longer one is shown whole, because matching words takes time by their square."""
_WORD = re.compile(r"\S+\s*")
_MARKS = re.compile(r"\*\*|`")


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words: in both versions, only in the old one (`out`), or only in the new one (`in`)."""

    kind: Literal["same", "out", "in"]
    text: str


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A clause or schedule with the paragraphs of it that differ, each as runs of words.

    `anchor` is its place in the new version, empty where it is gone. `state` says whether all of it is new or gone.
    """

    title: str
    anchor: str
    state: Literal["changed", "new", "gone"]
    paragraphs: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    name: str
    anchor: str
    paragraphs: tuple[str, ...]


def text_changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[ChangedPart, ...]:
    """The parts that differ, in the order of the new version, then those that are gone."""
    before = {part.name: part for part in _parts(old)}
    after = list(_parts(new))
    changed = [_changed(before.get(part.name), part) for part in after]
    names = {part.name for part in after}
    gone = [_gone(part) for name, part in before.items() if name not in names]
    return tuple(part for part in (*changed, *gone) if part.paragraphs)


def _parts(documents: Mapping[str, bytes]) -> Iterator[_Part]:
    head, *clauses = CLAUSE.split(documents["agreement.md"].decode())
    yield _Part("Before the first clause", "", "main", _paragraphs(head))
    for number, title, body in zip(clauses[::3], clauses[1::3], clauses[2::3], strict=True):
        yield _Part(f"{number}. {title}", title, f"c-{number}", _paragraphs(body))
    for letter in LETTERS:
        text = documents.get(f"schedules/{letter}.md", b"").decode()
        if text:
            title = TITLE.match(text)
            name = title.group(1) if title else f"Schedule {letter}"
            yield _Part(name, f"schedule {letter}", f"schedule-{letter.lower()}", _paragraphs(text))


def _paragraphs(text: str) -> tuple[str, ...]:
    parts = (" ".join(_MARKS.sub("", part).split()) for part in re.split(r"\n\n|\n(?=- )", text))
    return tuple(part for part in parts if part)


def _changed(old: _Part | None, new: _Part) -> ChangedPart:
    if old is None:
        return ChangedPart(new.title, new.anchor, "new", tuple((Words("in", each),) for each in new.paragraphs))
    matcher = SequenceMatcher(None, old.paragraphs, new.paragraphs, autojunk=False)
    found: list[tuple[Words, ...]] = []
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what != "equal":
            found += _pairs(old.paragraphs[start:end], new.paragraphs[new_start:new_end])
    return ChangedPart(new.title, new.anchor, "changed", tuple(found))


def _gone(old: _Part) -> ChangedPart:
    return ChangedPart(old.title, "", "gone", tuple((Words("out", each),) for each in old.paragraphs))


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Words, ...]]:
    paired = min(len(old), len(new))
    for before, after in zip(old[:paired], new[:paired], strict=True):
        yield tuple(_words(before, after))
    yield from ((Words("out", each),) for each in old[paired:])
    yield from ((Words("in", each),) for each in new[paired:])


def _words(old: str, new: str) -> Iterator[Words]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, [each.strip() for each in before], [each.strip() for each in after], autojunk=False)
    if max(len(before), len(after)) > MOST_WORDS or matcher.quick_ratio() < 0.3:
        yield from (Words("out", old), Words("in", new))
        return
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            yield Words("same", "".join(after[new_start:new_end]))
            continue
        if end > start:
            yield Words("out", "".join(before[start:end]))
        if new_end > new_start:
            yield Words("in", "".join(after[new_start:new_end]))
