# SPDX-License-Identifier: Apache-2.0
"""What a monitor remembers of a log: one small file with its key and the last head, and evidence files beside it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from hashlib import sha256
from pathlib import Path
from typing import Any

from mcla.artifacts.jsontext import parse_json
from mcla.cli.failure import Undecided
from mcla.cli.target import read_file
from mcla.cli.writing import write_whole
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, parse_checkpoint
from mcla.log.monitor import open_head
from mcla.log.note import parse_note
from mcla.log.vkey import VerifierKey, parse_vkey

FORMAT = "mcla-log-state/1"


class StateUnusable(Undecided):
    """The state file is there but cannot be read, written or believed."""

    code = "log-state-unusable"
    hint = "Bring the file back from a copy. A new one would forget what the log has shown."


@dataclass(frozen=True, slots=True)
class LogState:
    """The log's key (its name is the log's) and the last head that was accepted, a signed note.

    `saved_at` is when a head of this size and root was first accepted; one more signature does not make it new.
    """

    key: VerifierKey
    checkpoint: str
    saved_at: datetime

    @property
    def head(self) -> Checkpoint:
        return open_head(self.checkpoint, self.key)

    def shows(self, head: Checkpoint) -> bool:
        """Whether `head` is the one remembered, whoever signed it."""
        return (self.head.size, self.head.root) == (head.size, head.root)

    def encode(self) -> bytes:
        saved = self.saved_at.isoformat(timespec="microseconds")
        value = {"format": FORMAT, "key": self.key.line, "checkpoint": self.checkpoint, "saved_at": saved}
        return json.dumps(value, indent=2).encode() + b"\n"


def load(path: Path) -> LogState | None:
    """The state at `path`, None if there is none yet; raises `StateUnusable`."""
    if not path.exists():
        return None
    try:
        value: Any = parse_json(read_file(path, "state file"))
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise StateUnusable(f"{path} is not a state file.", why=f"expected format {FORMAT}")
        key, saved_at = parse_vkey(str(value.get("key"))), _moment(value.get("saved_at"))
        state = LogState(key, str(value.get("checkpoint")), saved_at)
        state.head  # noqa: B018  it must open
        return state
    except StateUnusable:
        raise
    except MclaError as error:
        raise StateUnusable(f"{path} cannot be used.", why=error.message) from error


def save(path: Path, state: LogState, before: LogState | None) -> None:
    """Replace the state in one step where it changed; raises `StateUnusable` if another run did so meanwhile."""
    if state == before:
        return
    if load(path) != before:
        raise StateUnusable(
            f"{path} was changed meanwhile.", why="expected one run at a time", hint="Run the command again."
        )
    _write(path, state.encode())


def keep_evidence(path: Path, state: LogState, shown: str, row: str, why: str, url: str) -> Path:
    """Store both heads beside the state, and say where.

    Of all that contradicts one state in one way (a `row`) the first is kept for ever and the last until the next, so
    that a log which grows on cannot fill the disk of its watcher.
    """
    digest = sha256(f"{state.checkpoint}\0{row}".encode()).hexdigest()[:16]
    first = path.with_name(f"{path.name}.evidence-{digest}.json")
    last = first.with_name(f"{first.stem}-last.json")
    place = last if first.exists() and _shown_in(first) != shown else first
    if not place.exists() or _shown_in(place) != shown:
        value = {"log": url, "key": state.key.line, "row": row, "why": why, "found_at": _now()}
        _write(place, json.dumps(value | {"before": state.checkpoint, "now": shown}, indent=2).encode() + b"\n")
    return place


def kept(path: Path, row: str) -> Iterator[tuple[Path, str, Checkpoint]]:
    """The evidence of a row beside the state, whatever the state was then: each file, and the head that was shown.

    Its signature was checked before it was kept.
    """
    for place in sorted(path.parent.glob(f"{escape(path.name)}.evidence-*.json")):
        value = _evidence(place)
        note = str(value.get("now"))
        try:
            head = parse_checkpoint(parse_note(note).text)
        except MclaError:
            continue  # spoilt by somebody: no evidence any more
        if value.get("row") == row:
            yield place, note, head


def _shown_in(place: Path) -> object:
    """The head that the evidence at `place` holds; None if it is no evidence any more."""
    return _evidence(place).get("now")


def _evidence(place: Path) -> dict[str, Any]:
    try:
        value = parse_json(read_file(place, "evidence"))
    except MclaError:
        return {}
    return value if isinstance(value, dict) else {}


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise StateUnusable(
            f"{path} cannot be written.", why=f"expected to, got: {error.strerror}", hint="Free space or another place."
        ) from error


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise StateUnusable("The state file cannot be used.", why=f"expected a time as saved_at, got {value!a:.40}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
