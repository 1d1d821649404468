# SPDX-License-Identifier: Apache-2.0
"""One look at a log: whose key, which head, does it extend the last one, is every entry whole; then remember it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcla.cli import logstate
from mcla.cli.failure import Failure, Undecided, WrongUsage
from mcla.cli.logsource import HttpLog, split_url
from mcla.cli.logstate import LogState
from mcla.cli.output import Output
from mcla.cli.progress import shown
from mcla.cli.service import Service
from mcla.cli.target import read_file
from mcla.errors import MclaError
from mcla.log.audit import LogDamaged, audit
from mcla.log.checkpoint import Checkpoint, parse_checkpoint
from mcla.log.monitor import HeadUnreadable, LogMisbehaves, check_follows, open_head
from mcla.log.note import parse_note
from mcla.log.policyfile import MAX_BYTES, parse_policy
from mcla.log.vkey import VerifierKey, parse_vkey

POLICY_PATH = "/.well-known/mcla/policy"


class Contradicted(Failure):
    """The log is not what it was: exit code 1, and where the evidence lies."""

    def __init__(self, error: MclaError, evidence: Path | None, damage: int | None = None) -> None:
        where = f" Both heads are kept in {evidence}." if evidence else ""
        super().__init__(f"DO NOT TRUST THIS LOG: {error.message}.{where}", hint=error.hint)
        self.reason, self.evidence, self.damage = error.code, evidence, damage

    @property
    def code(self) -> str:  # type: ignore[override]
        return self.reason


class KeyMissing(Undecided):
    """Nobody has said by which key the log signs."""

    code = "log-key-missing"
    hint = "Give --key VKEY or --trust FILE."


class HeadUnknown(Undecided):
    """The log presents nothing that can be read as a head."""

    code = "head-unknown"
    hint = HeadUnreadable.hint


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
        return [*every, f"Key {self.key.id.hex()}: {self.trusted_by}."]

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
        }


def watch(question: Question, output: Output) -> Watched:
    """Look once and remember; raises `Contradicted` (exit 1), an `Undecided` (3) or `WrongUsage` (2)."""
    origin, prefix = split_url(question.url)
    before = logstate.load(question.state)
    with Service(origin) as service:
        log = HttpLog(service, prefix)
        note = log.checkpoint()
        key, trusted_by = _key(question, before, service, note)
        now = _open(question, before, note, key, log.url)
        if before is not None:
            _follow(question, before, note, now, log)
        checked = _audit(question, log, now, output)
    if before is None or before.checkpoint != note:
        logstate.save(question.state, LogState(key, note), before)
    return Watched(key, now, before.head if before else None, trusted_by, checked)


def _open(question: Question, before: LogState | None, note: str, key: VerifierKey, url: str) -> Checkpoint:
    try:
        return open_head(note, key)
    except HeadUnreadable as error:
        raise HeadUnknown(f"{url} shows no head.", why=error.message) from error
    except LogMisbehaves as error:
        raise _contradicted(question, before, note, error, url) from error


def _follow(question: Question, before: LogState, note: str, now: Checkpoint, log: HttpLog) -> None:
    try:
        check_follows(before.head, now, log)
    except LogMisbehaves as error:
        raise _contradicted(question, before, note, error, log.url) from error
    except Undecided as error:
        raise HistoryWithheld(
            logstate.keep_evidence(question.state, before, note, f"{error.message} {error.why}", log.url), error
        ) from error


def _contradicted(
    question: Question, before: LogState | None, note: str, error: LogMisbehaves, url: str
) -> Contradicted:
    evidence = logstate.keep_evidence(question.state, before, note, error.message, url) if before else None
    return Contradicted(error, evidence)


def _audit(question: Question, log: HttpLog, now: Checkpoint, output: Output) -> int | None:
    if not question.everything:
        return None
    try:
        with shown("Reading", now.size, output, "entries") as advance:
            audit(log, now, advance)
    except LogDamaged as error:
        raise Contradicted(error, None, error.index) from error
    return now.size


def _key(question: Question, before: LogState | None, service: Service, note: str) -> tuple[VerifierKey, str]:
    """The log's key, and in words why it is believed: the one given or the one remembered, whichever signed the head.

    So a log may go on under a new key that its watcher was told of; its head has to extend the last all the same.
    """
    given = _given_key(question, note)
    if before is None:
        return given or (
            _first_use(service, note),
            "taken from the service itself at this first look, on its word alone",
        )
    if given is None or given[0] == before.key or _signing([before.key, given[0]], note) == before.key:
        return before.key, "the one in this state file"
    return given[0], f"{given[1]}, in place of {before.key.id.hex()}"


def _given_key(question: Question, note: str) -> tuple[VerifierKey, str] | None:
    try:
        if question.vkey is not None:
            return parse_vkey(question.vkey.strip()), "given with --key"
        if question.trust is not None:
            return _from_trust(read_file(question.trust, "trust file"), note), f"from {question.trust}"
    except Undecided:
        raise
    except MclaError as error:
        raise WrongUsage("The log's key cannot be used.", why=error.message, hint=error.hint) from error
    return None


def _from_trust(data: bytes, note: str) -> VerifierKey:
    from mcla.verify.trust import TrustedRoot

    name = _origin_of(note)
    keys = [VerifierKey.of_log(name, log.key) for log in TrustedRoot.from_json(data).logs if log.name == name]
    if not keys:
        raise KeyMissing("The trust file does not name this log.", why=f"expected {name} among its logs")
    return _signing(keys, note)


def _first_use(service: Service, note: str) -> VerifierKey:
    try:
        policy = parse_policy(service.get_bytes(POLICY_PATH, MAX_BYTES))
    except MclaError as error:
        raise KeyMissing("Nothing says by which key this log signs.", why=error.message) from error
    keys = [log.key for log in policy.logs if log.key.name == _origin_of(note)]
    if not keys:
        raise KeyMissing("The service's policy does not name this log.", why="expected a line: log VKEY")
    return _signing(keys, note)


def _signing(keys: Sequence[VerifierKey], note: str) -> VerifierKey:
    """The first of several keys of one log that has a line in its head; whether the line is right is seen later."""
    try:
        parsed = parse_note(note)
    except MclaError as error:
        raise HeadUnknown("The log shows no head.", why=error.message) from error
    return next((key for key in keys if parsed.by(key.name, key.id)), keys[0])


def _origin_of(note: str) -> str:
    try:
        return parse_checkpoint(parse_note(note).text).origin
    except MclaError as error:
        raise HeadUnknown("The log shows no head.", why=error.message) from error
