# SPDX-License-Identifier: Apache-2.0
"""Is what was signed still in force? Told from the ends that are known, by their places in the log and never by clock.

"Was valid then" and "is valid now" are two answers. Without knowledge of withdrawals neither is a yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from mcla.statements.parts import ENDABLE, format_time
from mcla.wording import Worded

FIRST_ENTRY = "hashedrekord"
"""The kind of log entry in which every statement of this protocol is recorded first."""
State = Literal["in-force", "ended", "unknown", "pending", "declined", "lapsed"]
"""The last three are those of an offer (`mcla.verify.offers`): none of them is in force."""


@dataclass(frozen=True, slots=True)
class End:
    """A withdrawal: its place in the log, and the time at which it was signed."""

    log_index: int
    time: datetime

    def to_dict(self) -> dict[str, Any]:
        return {"log_index": self.log_index, "time": format_time(self.time)}


@dataclass(frozen=True, slots=True)
class AsOf:
    """What an answer knows of: the first `log_size` entries of the log, at `time`."""

    log_size: int
    time: datetime

    def to_dict(self) -> dict[str, Any]:
        return {"log_size": self.log_size, "time": format_time(self.time)}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a statement is in force. `valid_then`, `valid_now`: None where it is not known."""

    state: State
    code: str
    sentence: str
    valid_then: bool | None = None
    valid_now: bool | None = None
    since: End | None = None
    as_of: AsOf | None = None
    stale: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "code": self.code,
            "sentence": self.sentence,
            "valid_then": self.valid_then,
            "valid_now": self.valid_now,
            "since": self.since.to_dict() if self.since else None,
            "as_of": self.as_of.to_dict() if self.as_of else None,
            "stale": self.stale,
        }


NOT_LOOKED_AT = Standing(
    "unknown",
    "withdrawals-not-looked-at",
    "It was not looked at whether the signer has ended this since: that takes a list of withdrawals.",
)


def standing_of(said: Mapping[str, Any], ends: Mapping[str, End], as_of: AsOf, *, stale: bool = False) -> Standing:
    """How the statement `said` (of a verified verdict) stands.

    `ends` are the withdrawals among the first `as_of.log_size` entries, by the digest of the statement that each ends.
    """
    known: dict[str, Any] = {"as_of": as_of, "stale": stale}
    if said["type"] not in ENDABLE:
        what = (
            "This is neither an acceptance nor a contribution, so nothing ends it: verify the contribution's own proof."
        )
        return Standing("unknown", "nothing-to-end-here", what, **known)
    index, before, own = int(said["log_index"]), _ended_before(said, ends), ends.get(said["statement_sha256"])
    if before is not None and said["entry_kind"] == FIRST_ENTRY:
        never = Worded(
            "It was never in force: it is log entry %(index)s, and its agreement was ended before: %(place)s.",
            index=index,
            place=_place(before),
        )
        return Standing("ended", "given-after-end", never, valid_then=False, valid_now=False, since=before, **known)
    if own is not None:
        until = Worded("It has been ended: %(place)s. It was valid until then and is not any more.", place=_place(own))
        return Standing("ended", "ended", until, valid_then=True, valid_now=False, since=own, **known)
    if before is not None:
        # A statement is logged once more for older clients, at any later time: its first entry is the one that counts.
        again = Worded(
            "Its agreement was ended: %(place)s. This proof is of a later copy of its entry: it cannot tell.",
            place=_place(before),
        )
        return Standing("unknown", "withdrawals-other-entry", again, **known)
    if index >= as_of.log_size:
        short = Worded(
            "The list of withdrawals covers %(log_size)s log entries; this is entry %(index)s, so it cannot tell.",
            log_size=as_of.log_size,
            index=index,
        )
        return Standing("unknown", "withdrawals-too-short", short, **known)
    if stale:
        old = Worded(
            "The list of withdrawals is too old: on %(format_time)s this was in force, now it is not known.",
            format_time=format_time(as_of.time),
        )
        return Standing("unknown", "withdrawals-stale", old, valid_then=True, **known)
    now = Worded(
        "It has not been ended, as of %(log_size)s log entries on %(format_time)s.",
        log_size=as_of.log_size,
        format_time=format_time(as_of.time),
    )
    return Standing("in-force", "in-force", now, valid_then=True, valid_now=True, **known)


def _ended_before(said: Mapping[str, Any], ends: Mapping[str, End]) -> End | None:
    """The end of the acceptance that a contribution rests on, if it has an earlier place in the log."""
    end = ends.get(said["acceptance"]["statement"]) if said["type"] == "contribution" and said["acceptance"] else None
    return end if end is not None and end.log_index < said["log_index"] else None


def _place(end: End) -> str:
    return log_place(end.log_index, end.time)


def log_place(log_index: int, time: datetime) -> str:
    """A place in the log with its time, as sentences name it."""
    return Worded("log entry %(log_index)s of %(format_time)s", log_index=log_index, format_time=format_time(time))
