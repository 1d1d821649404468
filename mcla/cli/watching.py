# SPDX-License-Identifier: Apache-2.0
"""One look at a log: whose key, which head, does it extend the last one, is every entry whole; then remember it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcla.cli import logstate
from mcla.cli.failure import Failure, Undecided
from mcla.cli.logkey import HeadUnknown, choose, must_count
from mcla.cli.logsource import HttpLog, split_url
from mcla.cli.logstate import LogState
from mcla.cli.output import Output
from mcla.cli.progress import shown
from mcla.cli.service import Service
from mcla.errors import MclaError
from mcla.log.audit import LogDamaged, audit
from mcla.log.checkpoint import Checkpoint
from mcla.log.monitor import HeadUnreadable, LogMisbehaves, check_follows, open_head
from mcla.log.vkey import VerifierKey


class Contradicted(Failure):
    """The log is not what it was: exit code 1, and where the evidence lies."""

    def __init__(self, error: MclaError, evidence: Path | None, damage: int | None = None) -> None:
        where = f" Both heads are kept in {evidence}." if evidence else ""
        super().__init__(f"DO NOT TRUST THIS LOG: {error.message}.{where}", hint=error.hint)
        self.reason, self.evidence, self.damage = error.code, evidence, damage

    @property
    def code(self) -> str:  # type: ignore[override]
        return self.reason


class HistoryWithheld(Undecided):
    """The log shows a new signed head and not the tiles that lead to it: unknown, and both heads are kept."""

    code = "log-history-withheld"
    hint = "Run the command again. If it stays so, show both heads to others who watch this log."

    def __init__(self, evidence: Path, error: Undecided) -> None:
        super().__init__(f"The log has a new head and does not show its history. Both heads are kept in {evidence}.",
                         why=f"{error.message} {error.why}".strip())  # fmt: skip
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Question:
    """What to look at and what to measure it by."""

    url: str
    state: Path
    vkey: str | None
    trust: Path | None
    everything: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """A log that was found consistent; `before` is None at the first look."""

    key: VerifierKey
    now: Checkpoint
    before: Checkpoint | None
    trusted_by: str
    checked: int | None
    withheld: tuple[Path, ...] = ()
    """Evidence of larger heads that were shown without their history: what is shown now cannot tell of them."""

    @property
    def sentence(self) -> str:
        name, size = self.now.origin, self.now.size
        if self.before is None:
            return f"{name} shows {size} entries. This is the first look, so nothing could be compared."
        if self.before.size == size:
            return f"{name} still shows the same {size} entries."
        return f"{name} grew from {self.before.size} to {size} entries, and those from before are unchanged."

    @property
    def remarks(self) -> list[str]:
        every = [f"All {self.checked} entries were read and every tile derived again."] if self.checked else []
        owed = [f"A larger head was shown before, and its history is still owed: {place}." for place in self.withheld]
        return [*every, f"Key {self.key.id.hex()}: {self.trusted_by}.", *owed]

    def to_dict(self) -> dict[str, Any]:
        return {
            "verdict": "recorded" if self.before is None else "consistent",
            "reasons": [{"code": "log-recorded" if self.before is None else "log-extends", "message": self.sentence}],
            "origin": self.now.origin,
            "key": self.key.line,
            "trusted_by": self.trusted_by,
            "size": self.now.size,
            "root": self.now.root.hex(),
            "previous_size": self.before.size if self.before else None,
            "entries_checked": self.checked,
            "withheld": [str(place) for place in self.withheld],
        }


def watch(question: Question, output: Output) -> Watched:
    """Look once and remember; raises `Contradicted` (exit 1), an `Undecided` (3) or `WrongUsage` (2)."""
    origin, prefix = split_url(question.url)
    before = logstate.load(question.state)
    with Service(origin) as service:
        log = HttpLog(service, prefix)
        note, clock = log.checkpoint(), datetime.now(UTC)
        believed = choose(question.vkey, question.trust, before, service, note, clock)
        now = _open(question, before, note, believed.key, log.url)
        if before is not None:
            _follow(question, before, note, now, log)
        must_count(believed, now, before, clock)
        settled = _settled(question, before, note, now, log) if before else []
        checked = _audit(question, log, now, output)
    since = before.saved_at if before and before.shows(now) else clock
    logstate.save(question.state, LogState(believed.key, note, since), before)
    for place in settled:
        place.unlink(missing_ok=True)
    owed = tuple(place for place, _, head in _withheld(question) if head.size > now.size)
    return Watched(believed.key, now, before.head if before else None, believed.why, checked, owed)


def _open(question: Question, before: LogState | None, note: str, key: VerifierKey, url: str) -> Checkpoint:
    try:
        return open_head(note, key)
    except HeadUnreadable as error:
        raise HeadUnknown(f"{url} shows no head.", why=error.message) from error
    except LogMisbehaves as error:
        raise _contradicted(question, before, note, error, url) from error


def _settled(question: Question, before: LogState, note: str, now: Checkpoint, log: HttpLog) -> list[Path]:
    """Evidence that proves nothing more: heads once shown without their history which lie in the one shown now."""
    settled = []
    for place, withheld, head in _withheld(question):
        if head.size <= now.size:
            try:
                check_follows(head, now, log)
            except LogMisbehaves as error:
                raise _contradicted(question, replace(before, checkpoint=withheld), note, error, log.url) from error
            except Undecided as error:
                raise HistoryWithheld(place, error) from error
            settled.append(place)
    return settled


def _withheld(question: Question) -> Iterator[tuple[Path, str, Checkpoint]]:
    return logstate.kept(question.state, HistoryWithheld.__name__)


def _follow(question: Question, before: LogState, note: str, now: Checkpoint, log: HttpLog) -> None:
    try:
        check_follows(before.head, now, log)
    except LogMisbehaves as error:
        raise _contradicted(question, before, note, error, log.url) from error
    except Undecided as error:
        why, row = f"{error.message} {error.why}", HistoryWithheld.__name__
        raise HistoryWithheld(logstate.keep_evidence(question.state, before, note, row, why, log.url), error) from error


def _contradicted(
    question: Question, before: LogState | None, note: str, error: LogMisbehaves, url: str
) -> Contradicted:
    if before is None:
        return Contradicted(error, None)
    row = type(error).__name__
    return Contradicted(error, logstate.keep_evidence(question.state, before, note, row, error.message, url))


def _audit(question: Question, log: HttpLog, now: Checkpoint, output: Output) -> int | None:
    if not question.everything:
        return None
    try:
        with shown("Reading", now.size, output, "entries") as advance:
            audit(log, now, advance)
    except LogDamaged as error:
        raise Contradicted(error, None, error.index) from error
    return now.size
