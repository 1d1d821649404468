# SPDX-License-Identifier: Apache-2.0
"""When does an offer count? Once the foundation has counter-signed it in time, and never before: decided here alone.

The time of both signatures is that of their timestamps, so a counter-signature at the limit is in time or late for
everybody alike. Between a counter-signature and a withdrawal the order of the log decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from mcla.statements.parts import OfferWord, format_time, parse_time
from mcla.verify.standing import Standing, log_place
from mcla.verify.verdict import Verdict
from mcla.wording import Joined, Worded


@dataclass(frozen=True, slots=True)
class Answer:
    """A foundation's answer to an offer: its place in the log, and the time of its timestamp."""

    word: OfferWord
    reason: str | None
    log_index: int
    time: datetime

    def to_dict(self) -> dict[str, Any]:
        at = {"log_index": self.log_index, "time": format_time(self.time)}
        return {"answer": self.word, "reason": self.reason} | at

    @property
    def place(self) -> str:
        return log_place(self.log_index, self.time)


def stands_until(offered_at: datetime, days: int) -> datetime:
    """The last moment at which an offer can be counter-signed; to the second, as timestamps are."""
    return offered_at + timedelta(days=days)


def in_time(until: datetime, answered_at: datetime) -> bool:
    """Whether an answer of this time has an effect."""
    return answered_at <= until


def stand(said: Mapping[str, Any], answer: Answer | None, standing: Standing) -> Standing:
    """How the offer `said` (of a verdict whose steps held) stands with this answer, None for none that is known.

    `standing` is what is known of its withdrawal, and as of when.
    """
    until = parse_time(said["offer"]["until"])
    late = answer is not None and not in_time(until, answer.time)
    counts = answer if answer and answer.word == "counter-signed" and not late else None
    if standing.since is not None and (counts is None or standing.since.log_index < counts.log_index):
        what = Worded(
            "Its giver took the offer back before it was counter-signed: log entry %(log_index)s.",
            log_index=standing.since.log_index,
        )
        return replace(standing, state="ended", code="offer-taken-back", sentence=what, valid_then=False)
    if counts is not None:
        both = Worded("The foundation counter-signed it in time: %(place)s.", place=counts.place)
        return replace(standing, sentence=Joined(" ", (both, standing.sentence)))
    return _not_counting(until, answer, standing, late=late)


def _not_counting(until: datetime, answer: Answer | None, standing: Standing, *, late: bool) -> Standing:
    never = replace(standing, valid_then=False, valid_now=False)
    if answer is not None and not late:
        what = Worded(
            "The foundation declined the offer (%(reason)s): %(place)s. Nothing is licensed.",
            reason=answer.reason,
            place=answer.place,
        )
        return replace(never, state="declined", code="offer-declined", sentence=what)
    now = standing.as_of.time if standing.as_of else None
    if late or (now is not None and not in_time(until, now)):
        end = Worded(
            "The offer stood until %(until)s and was not counter-signed in time. Nothing is licensed.",
            until=format_time(until),
        )
        return replace(never, state="lapsed", code="offer-lapsed", sentence=end)
    open_ = Worded(
        "Signed, not in force yet: an offer counts once the foundation counter-signs it, by %(until)s, and no "
        "counter-signature is known here.",
        until=format_time(until),
    )
    waiting = replace(standing, state="pending", code="counter-signature-missing", sentence=open_)
    return replace(waiting, valid_then=None, valid_now=False if standing.as_of else None)


def counted(verdict: Verdict, answer: Answer | None, standing: Standing, *, in_force: bool = False) -> Verdict:
    """The verdict with what is known of withdrawals and, for an offer, of the foundation's answer.

    `in_force` as in `Verdict.standing`. What is no offer is told as it was.
    """
    said = verdict.statement
    if said is None or not verdict.sound or not said.get("offer"):
        return verdict.standing(standing, in_force=in_force)
    offer = said["offer"] | {"answered": answer.to_dict() if answer else None}
    told = replace(verdict, statement=said | {"offer": offer})
    return told.standing(stand(said, answer, standing), in_force=in_force)


def answer_of(said: Mapping[str, Any]) -> Answer:
    """The answer in `said`, of a verified verdict on an answer's bundle."""
    word = cast("OfferWord", said["answer"])
    return Answer(word, said["reason"], int(said["log_index"]), parse_time(said["time"]))
