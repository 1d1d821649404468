# SPDX-License-Identifier: Apache-2.0
"""What every form of the answer is made of: the word for the whole, the problems first, and what else was noticed.

Names and paths come from whoever wrote the change. `shown` makes them harmless where the runner of a CI job reads
commands out of a log.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mcla.checks.answer import Answer, ArtifactAnswer, Said, Sign, SubjectAnswer, Word
from mcla.cli.output import plain
from mcla.statements.parts import format_time

WORDS: dict[Word, str] = {"covered": "Covered", "not-covered": "Not covered", "unknown": "Unknown"}
POLICIES = {
    "server": "the service's own copy of the policy",
    "repository": "the repository's .mcla.toml at the base",
    "default": "no policy: people are asked for code, files are not",
}
SIGN = "This is a sign, no accusation: ask its giver."
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was seen on the way and changes no verdict: a stable `code`, a sentence, what to do about it."""

    code: str
    message: str
    next: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "next": self.next}


@dataclass(frozen=True, slots=True)
class Problem:
    """One person or file that is not covered, or that nobody could tell about."""

    word: Word
    code: str
    title: str
    reason: str
    next: str
    path: str | None = None
    url: str = ""
    """A page of the service that `next` names."""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(part for part in (f"{self.title}: {self.reason}", self.next) if part)


@dataclass(frozen=True, slots=True)
class ChangeTold:
    """From which commit to which it went; of a merge group one for each change, with its `number` at the forge."""

    base: str
    head: str
    number: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"base": self.base, "head": self.head, "number": self.number}


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be told. `answer` is None where none could be had; `said` then says why."""

    said: Said
    answer: Answer | None = None
    notices: tuple[Notice, ...] = ()
    changes: tuple[ChangeTold, ...] = ()

    @property
    def subjects(self) -> tuple[SubjectAnswer, ...]:
        return self.answer.subjects if self.answer else ()

    @property
    def artifacts(self) -> tuple[ArtifactAnswer, ...]:
        return self.answer.artifacts if self.answer else ()

    @property
    def signs(self) -> tuple[Sign, ...]:
        """The signs of a lost licence that the policy asks for."""
        return self.answer.signs if self.answer else ()

    @property
    def headline(self) -> str:
        """`Covered: 3 people, 12 files, as of 2026-11-22T11:20:05Z`."""
        if self.answer is None or not (self.subjects or self.artifacts):
            reason = shown(self.said.reason)
            return reason if self.said.word == "covered" else f"{WORDS[self.said.word]}: {reason}"
        when = format_time(self.answer.as_of.time)
        return f"{WORDS[self.said.word]}: {self.counted}, as of {when}"

    @property
    def counted(self) -> str:
        """How many people and files; of what is no yes, how many of how many."""
        people = ["covered" if not each.required else each.said.word for each in self.subjects]
        files = [each.said.word for each in self.artifacts]
        return ", ".join(
            (_of(sum(word != "covered" for word in words), len(words), one, many))
            for words, one, many in ((people, "person", "people"), (files, "file", "files"))
            if words
        )

    @property
    def remarks(self) -> tuple[Notice, ...]:
        """What was noticed, with the co-authors whom the policy wants reported only and the signs of a lost licence."""
        reported = [each for each in self.subjects if not each.required and each.said.word != "covered"]
        told = [
            Notice(each.said.code, f"{name_of(each)} (co-author, reported only): {each.said.reason}", _next(each.said))
            for each in reported
        ]
        problem = self.answer.policy.problem if self.answer else None
        first = [Notice("policy-problem", problem)] if problem else []
        return (*first, *told, *(_noticed(each) for each in self.signs), *self.notices)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is no yes: the known no before the unknown; the whole by itself where no part explains it."""
        parts = [*_people([each for each in self.subjects if each.required]), *_files(self.artifacts)]
        found = sorted((each for each in parts if each.word != "covered"), key=lambda each: each.word)
        if self.said.word != "covered" and all(each.word != self.said.word for each in found):
            whole = Problem(self.said.word, self.said.code, "The change", shown(self.said.reason), _next(self.said))
            found.insert(0, whole)
        return tuple(found)

    @property
    def groups(self) -> tuple[tuple[Problem, ...], ...]:
        """The problems, files with one and the same trouble together; people are never lumped together."""
        found: dict[tuple[str, ...], list[Problem]] = {}
        for each in self.problems:
            alone = each.title if each.path is None else ""
            found.setdefault((each.word, each.code, each.reason, each.next, alone), []).append(each)
        return tuple(map(tuple, found.values()))

    @property
    def footer(self) -> str:
        """By which policy, and what was left out of the question."""
        answer = self.answer
        if answer is None:
            return ""
        parts = [f"By {POLICIES[answer.policy.source]}"]
        if answer.merges_skipped:
            parts.append(f"{count(answer.merges_skipped, 'merge')} skipped")
        if answer.files_free:
            parts.append(f"{count(answer.files_free, 'changed file')} that no rule asks about")
        return "; ".join(parts) + "."

    def to_dict(self) -> dict[str, Any]:
        """The answer with what this checkout adds to it; its members stay where nothing could be answered."""
        empty: dict[str, Any] = {"subjects": [], "artifacts": []}
        told = (self.answer.to_dict() if self.answer else empty) | self.said.to_dict()
        return told | {
            "changes": [each.to_dict() for each in self.changes],
            "notices": [each.to_dict() for each in self.notices],
        }


def places_of(sign: Sign) -> str:
    """The files that a sign is about: `weights/a.safetensors and 3 more`."""
    more = f" and {sign.paths_total - 1:,} more" if sign.paths_total > 1 else ""
    return shown(sign.paths[0] if sign.paths else sign.contribution) + more


def _noticed(sign: Sign) -> Notice:
    return Notice(sign.code, f"{places_of(sign)}: {sign.sentence}", SIGN)


def shown(text: str) -> str:
    """Text in one line, without control characters, and without what a CI runner takes for a command (`##[error]`)."""
    return plain(text, keep="").replace("##", "# #")


def name_of(subject: SubjectAnswer) -> str:
    """How a person is called; of an account without any name the provider and the number, as `--opener` takes them."""
    account = subject.account
    if account is not None and subject.label == account.subject:
        return shown(f"{account.provider}:{account.subject}")
    return shown(subject.label)


def count(number: int, one: str, many: str = "") -> str:
    """`1 file`, `12,000 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _of(bad: int, number: int, one: str, many: str) -> str:
    return f"{bad:,} of {count(number, one, many)}" if bad else count(number, one, many)


def _people(subjects: Sequence[SubjectAnswer]) -> Iterator[Problem]:
    for each in subjects:
        commits = count(each.commits_total, "commit") if each.commits_total else ""
        role = ", ".join(part for part in (" and ".join(each.roles), commits) if part)
        title = "The opener" if each.said.code == "opener-missing" else f"{name_of(each)} ({role})"
        step, page = _next(each.said, each.sign_url), _page(each.sign_url)
        yield Problem(each.said.word, each.said.code, title, shown(each.said.reason), step, url=page)


def _files(artifacts: Sequence[ArtifactAnswer]) -> Iterator[Problem]:
    for each in artifacts:
        title, step = shown(each.path), _next(each.said, each.sign_url)
        page = _page(each.sign_url)
        yield Problem(each.said.word, each.said.code, title, shown(each.said.reason), step, each.path, page)


def _next(said: Said, url: str | None = None) -> str:
    step, page = shown(said.next or ""), _page(url)
    return step if page in step else f"{step} {page}".strip()


def _page(url: str | None) -> str:
    """An address that is one wherever it stands; anything else is left out."""
    return url if url and _URL.fullmatch(url) else ""
