# SPDX-License-Identifier: Apache-2.0
"""What `mcla verify` knows of withdrawals: the list in a file, one fetched now, or nothing.

A list that cannot be believed leaves the answer unknown. Where both a file and a service are named, the fetched list
counts, and it must not know less than the file.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mcla.cli.failure import Undecided
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.cli.service import Service
    from mcla.verify.offers import Answer
    from mcla.verify.trust import TrustedRoot
    from mcla.verify.verdict import Verdict
    from mcla.verify.withdrawals import Snapshot

LIST_PATH = "/.well-known/mcla/withdrawals"


class ListUnusable(Undecided):
    """A list of withdrawals was given or fetched, and cannot be believed."""

    code = "withdrawals-unusable"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: the file, the greatest age in days, and whether only what is in force will do."""

    path: Path | None
    max_days: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What a verdict is completed with."""

    snapshot: "Snapshot | None"
    wanted: Wanted
    now: datetime
    fault: MclaError | None = None

    def complete(self, verdict: "Verdict", answer: "Answer | None" = None) -> "Verdict":
        """The verdict with what is known of withdrawals and of the answer to an offer; no yes beyond what was asked.

        Raises what was wrong with the list, unless the proof does not hold anyway.
        """
        from mcla.verify.offers import counted
        from mcla.verify.standing import NOT_LOOKED_AT, standing_of

        if verdict.statement is None or not verdict.sound:
            return verdict
        if self.fault is not None:
            raise self.fault
        if self.snapshot is None:
            return counted(verdict, answer, NOT_LOOKED_AT, in_force=self.wanted.in_force)
        _must_be_of_its_log(self.snapshot, verdict)
        stale = self.snapshot.is_stale(self.now, timedelta(days=self.wanted.max_days))
        standing = standing_of(verdict.statement, self.snapshot.ends, self.snapshot.as_of, stale=stale)
        return counted(verdict, answer, standing, in_force=self.wanted.in_force)


def known_ends(wanted: Wanted, service: "Service | None", trust: "TrustedRoot") -> Known:
    """Read and fetch the lists. What is wrong with them is kept as the `fault`: the proof itself is judged first."""
    now = datetime.now(UTC)
    try:
        kept = _opened(read_file(wanted.path, "list of withdrawals"), trust, now) if wanted.path else None
        fresh = _opened(service.get_bytes(LIST_PATH), trust, now) if service else None
        if kept and fresh:
            _check_follows(fresh, kept)
    except MclaError as fault:
        return Known(None, wanted, now, fault)
    return Known(fresh or kept, wanted, now)


def _must_be_of_its_log(snapshot: "Snapshot", verdict: "Verdict") -> None:
    """Places in one log say nothing of another, and a trust file may believe several."""
    its, got = verdict.checkpoint.origin if verdict.checkpoint else "none", snapshot.head.origin
    if its != got:
        why = f"expected the list of {its}, which logged this proof, got that of {got}"
        hint = f"Fetch the list from the service that made the proof: {LIST_PATH}"
        raise ListUnusable("The list of withdrawals is of another log.", why=why, hint=hint)


def _check_follows(fresh: "Snapshot", kept: "Snapshot") -> None:
    try:
        fresh.check_follows(kept)
    except MclaError as error:
        raise _unusable(error) from error


def _opened(data: bytes, trust: "TrustedRoot", now: datetime) -> "Snapshot":
    from mcla.verify.withdrawals import open_snapshot

    try:
        snapshot = open_snapshot(data, trust)
        snapshot.check_time(now)
    except MclaError as error:
        raise _unusable(error) from error
    return snapshot


def _unusable(error: MclaError) -> ListUnusable:
    return ListUnusable("The list of withdrawals cannot be used.", why=error.message, hint=error.hint)
