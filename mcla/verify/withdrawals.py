# SPDX-License-Identifier: Apache-2.0
"""The list of withdrawals: a signed, dated snapshot of what has been ended, to be used without the network.

A C2SP signed note by the log's key, an empty line, and a line for each end: the digest of the ended statement, the
withdrawal's log index, its time. The note binds the lines by number and SHA-256. Its first line keeps it apart from
every other text that this key signs; the three lines of the log's head follow, then time and next update. It names
nobody, and one content has one spelling.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.log.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from mcla.log.note import NoteInvalid, open_note, sign_note
from mcla.signer import Ed25519Signer
from mcla.statements.parts import format_time, parse_time
from mcla.verify.standing import AsOf, End
from mcla.verify.trust import TrustedRoot

FIRST_LINE = "mcla-withdrawals/v1"
MAX_ENDS = 400_000
MAX_BYTES = 48 * 1024 * 1024
MAX_AGE = timedelta(days=7)
AHEAD = timedelta(minutes=5)
"""How far another machine's clock may run before ours."""
_LINE = re.compile(
    r"([0-9a-f]{64}) (0|[1-9][0-9]{0,18}) ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n", re.ASCII
)


class WithdrawalsInvalid(MclaError):
    """A list of withdrawals is cut, malformed, or not in its one spelling."""

    code = "withdrawals-invalid"
    hint = "Fetch the list again from the service: /.well-known/mcla/withdrawals"


class WithdrawalsUntrusted(WithdrawalsInvalid):
    """A list of withdrawals was not signed by the log in the trust file."""

    code = "withdrawals-untrusted"
    hint = "Use the list of the service whose trust file you use; fetch both again if you are not sure."


class WithdrawalsFromFuture(WithdrawalsInvalid):
    """A list of withdrawals is dated after now."""

    code = "withdrawals-from-future"
    hint = "Set this computer's clock right. If it is right, do not use the list and tell the service."


class WithdrawalsRolledBack(WithdrawalsInvalid):
    """A list of withdrawals knows less than one that was seen before."""

    code = "withdrawals-rolled-back"
    hint = "Do not use it: withdrawals are never undone. Keep both lists as evidence and tell the service."


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every end among the first `head.size` entries of a log, by the digest of the ended statement."""

    head: Checkpoint
    time: datetime
    next_update: datetime
    ends: Mapping[str, End]

    @property
    def as_of(self) -> AsOf:
        return AsOf(self.head.size, self.time)

    def is_stale(self, now: datetime, max_age: timedelta = MAX_AGE) -> bool:
        return now - self.time > max_age

    def check_time(self, now: datetime) -> None:
        """Raise `WithdrawalsFromFuture` if it is dated after `now`."""
        if self.time > now + AHEAD:
            raise WithdrawalsFromFuture(f"expected a list made by now, got one of {format_time(self.time)}")

    def check_follows(self, seen: "Snapshot") -> None:
        """Raise `WithdrawalsRolledBack` if this one is older than `seen`, or lacks an end that `seen` has."""
        if self.head.size < seen.head.size or self.time < seen.time:
            ours, theirs = (f"{each.head.size} entries of {format_time(each.time)}" for each in (self, seen))
            raise WithdrawalsRolledBack(f"expected a list no older than the one kept ({theirs}), got {ours}")
        lost = [statement for statement, end in seen.ends.items() if self.ends.get(statement) != end]
        if lost:
            raise WithdrawalsRolledBack(f"expected every end of the list kept, got none for statement {min(lost)}")


def end_line(statement: str, end: End) -> str:
    """The line of one end, its newline included."""
    return f"{statement} {end.log_index} {format_time(end.time)}\n"


def sign_snapshot(
    head: Checkpoint, time: datetime, next_update: datetime, lines: Sequence[str], key: Ed25519Signer
) -> bytes:
    """The signed list of the ends in `lines` (of `end_line`), in the order of the log."""
    text, listed = _texts(head, time, next_update, lines)
    note = sign_note(text, head.origin, key)
    return (f"{note}\n{listed}" if lines else note).encode()


def format_snapshot(snapshot: Snapshot) -> tuple[str, str]:
    """The text that a list's signature covers, and the lines of its ends."""
    lines = [end_line(statement, end) for statement, end in snapshot.ends.items()]
    return _texts(snapshot.head, snapshot.time, snapshot.next_update, lines)


def _texts(head: Checkpoint, time: datetime, next_update: datetime, lines: Sequence[str]) -> tuple[str, str]:
    listed = "".join(lines)
    bound = f"{format_time(time)}\n{format_time(next_update)}\n{len(lines)}\n{sha256_hex(listed.encode())}\n"
    return f"{FIRST_LINE}\n{format_checkpoint(head)}{bound}", listed


def open_snapshot(data: bytes, trust: TrustedRoot) -> Snapshot:
    """The snapshot in `data`, signed by a log of `trust` that was trusted at the snapshot's time.

    Raises `WithdrawalsInvalid` or `WithdrawalsUntrusted`. Its time is still to be held against the clock.
    """
    return parse_snapshot(data, lambda note, origin, made: _check_signed(note, origin, made, trust))


def parse_snapshot(data: bytes, check: Callable[[str, str, datetime], None]) -> Snapshot:
    """Read a list; `check` gets its note, origin and time before the ends are read, and raises to refuse it."""
    text, signatures, listed = _split(data)
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != 8:
        raise WithdrawalsInvalid(f"expected 8 lines above the signature, got {len(lines)}")
    _, *head, time, update, count, digest = lines
    with _readable():
        checkpoint, made, next_update = parse_checkpoint("\n".join(head) + "\n"), parse_time(time), parse_time(update)
    check(f"{text}\n{signatures}", checkpoint.origin, made)
    if digest != sha256_hex(listed.encode()):
        raise WithdrawalsInvalid(
            "expected the lines that the list's signature binds, got others: it was cut or changed"
        )
    with _readable():
        ends = dict(_ends(listed, checkpoint.size))
    if count != str(len(ends)) or next_update <= made:
        raise WithdrawalsInvalid(f"expected {count[:20]!a} ends, and an update after the list's own time")
    return Snapshot(checkpoint, made, next_update, ends)


def _split(data: bytes) -> tuple[str, str, str]:
    """The note's text, its signature lines, and the lines of the ends."""
    if len(data) > MAX_BYTES:
        raise WithdrawalsInvalid(f"expected at most {MAX_BYTES} bytes, got {len(data)}")
    try:
        parts = data.decode().split("\n\n", 2)
    except UnicodeDecodeError as error:
        raise WithdrawalsInvalid("expected text in UTF-8, got other bytes") from error
    if not parts[0].startswith(f"{FIRST_LINE}\n") or len(parts) < 2 or not parts[-1]:
        raise WithdrawalsInvalid(f"expected a signed list that begins with {FIRST_LINE}, got {parts[0][:40]!a}")
    text, signatures, *listed = parts
    return f"{text}\n", f"{signatures}\n" if listed else signatures, listed[0] if listed else ""


def _check_signed(note: str, origin: str, made: datetime, trust: TrustedRoot) -> None:
    known = [log for log in trust.logs if log.name == origin and log.validity.covers(made)]
    if not any(_opens(note, origin, log.key) for log in known):
        names = ", ".join(log.name for log in trust.logs)
        raise WithdrawalsUntrusted(
            f"expected a list signed by a log of the trust file ({names}), got one of {origin!a} that is not"
        )


def _opens(note: str, origin: str, key: Ed25519PublicKey) -> bool:
    try:
        open_note(note, origin, key)
    except NoteInvalid:
        return False
    return True


@contextmanager
def _readable() -> Iterator[None]:
    """Tell what the parsers of its parts refuse as a fault of the list."""
    try:
        yield
    except WithdrawalsInvalid:
        raise
    except MclaError as error:
        raise WithdrawalsInvalid(f"the list cannot be read: {error.message}") from error


def _ends(listed: str, size: int) -> Iterator[tuple[str, End]]:
    """Each end once, in the order of the log, below `size`."""
    last = -1
    seen: set[str] = set()
    for line in listed.splitlines(keepends=True):
        statement, end = _end(line)
        if not last < end.log_index < size or statement in seen or len(seen) >= MAX_ENDS:
            raise WithdrawalsInvalid(f"expected each end once, in the order of a log of {size} entries, got {line!a}")
        last = end.log_index
        seen.add(statement)
        yield statement, end


def _end(line: str) -> tuple[str, End]:
    found = _LINE.fullmatch(line)
    try:
        # Hundreds of thousands of lines: the pattern settles the spelling, so the fast reader will do.
        time = datetime.fromisoformat(found[3]) if found else None
    except ValueError:
        time = None
    if found is None or time is None:
        raise WithdrawalsInvalid(f"expected a statement, a log index and a time, got {line[:120]!a}")
    return found[1], End(int(found[2]), time)
