# SPDX-License-Identifier: Apache-2.0
"""The answer of a verification: one of three words, why, and every step that led there.

`verified` says that all steps were taken and held. `not-verified` names what was expected and what was found.
`unknown` says that a thing needed for the answer was not given. A verdict also says what was independent of the
service, because keys under one roof prove nothing against that roof.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mcla.verify.standing import NOT_LOOKED_AT, Standing
from mcla.wording import Worded

Outcome = Literal["yes", "no", "not-checked"]
Word = Literal["verified", "not-verified", "unknown"]
ENDED_HINT = "Take a contribution that is in force; what was released before the end stays licensed."
OFFER_HINTS = {
    "pending": "Ask for the counter-signature (--counter-signature FILE or --service URL); use nothing of it before.",
    "lapsed": "Use nothing of it. The giver can make the offer again; the foundation then has the same days anew.",
    "declined": "Use nothing of it. The giver can offer it to another project, or give it under another agreement.",
}
UNKNOWN_HINT = (
    "Fetch the service's list of withdrawals (/.well-known/mcla/withdrawals) and give it, no older than allowed."
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A machine `code`, a sentence, and what to do next where there is something to do."""

    code: str
    message: str
    hint: str = ""

    def to_dict(self) -> dict[str, str]:
        shown = {"code": self.code, "message": self.message}
        return shown | {"hint": self.hint} if self.hint else shown


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its stable `name`, how it went, and what was seen."""

    name: str
    outcome: Outcome
    detail: str

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "outcome": self.outcome, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Independent:
    """What did not rest on the service's own word: a timestamp by somebody else, and witnesses that the reader's
    policy names (without a policy nobody is recognised)."""

    timestamp: bool = False
    seen_by: tuple[str, ...] = ()

    @property
    def witnesses(self) -> int:
        return len(self.seen_by)

    @property
    def sentence(self) -> str:
        other = self.timestamp
        names = f" ({', '.join(self.seen_by)})" if self.seen_by else ""
        one = Worded("1 independent witness%(names)s has countersigned the log", names=names)
        many = Worded(
            "%(witnesses)s independent witnesses%(names)s have countersigned the log",
            witnesses=self.witnesses,
            names=names,
        )
        return Worded(
            "%(stamp)s, and %(seen)s.",
            stamp=Worded("The timestamp is by another operator")
            if other
            else Worded("The timestamp is by the same operator"),
            seen=one if self.witnesses == 1 else many,
        )

    def to_dict(self) -> dict[str, Any]:
        told = {"timestamp": self.timestamp, "sentence": self.sentence}
        return {"witnesses": self.witnesses, "seen_by": list(self.seen_by)} | told


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """The log's head that the verdict was computed against; `root` in hex."""

    origin: str
    size: int
    root: str

    def to_dict(self) -> dict[str, Any]:
        return {"origin": self.origin, "size": self.size, "root": self.root}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole answer. `statement` is what the bundle says, present as soon as it could be read, believed or not."""

    verdict: Word
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...] = ()
    statement: dict[str, Any] | None = None
    independent: Independent = field(default_factory=Independent)
    checkpoint: SeenCheckpoint | None = None
    withdrawal: Standing = NOT_LOOKED_AT
    proof: tuple[Reason, ...] = ()
    """Of an offer whose every step holds: what is said of it once the foundation has counter-signed."""

    @property
    def sound(self) -> bool:
        """Whether every step of the proof holds, also of an offer that counts for nothing yet."""
        return self.verified or bool(self.proof)

    @property
    def verified(self) -> bool:
        return self.verdict == "verified"

    def step(self, name: str) -> Step:
        """The step of that name; raises `KeyError`."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "steps": [step.to_dict() for step in self.steps],
            "statement": self.statement,
            "independent": self.independent.to_dict(),
            "checkpoint": self.checkpoint.to_dict() if self.checkpoint else None,
            "withdrawal": self.withdrawal.to_dict(),
        }

    def standing(self, standing: Standing, *, in_force: bool = False) -> "Verdict":
        """This verdict with what is known of withdrawals.

        What was ended stays verified and says so; what was never in force is not verified. With `in_force`, neither is
        what was ended, and what is not known to be in force is unknown. An offer that waits for its counter-signature
        is unknown, and one that lapsed or was declined is not verified.
        """
        told = replace(self, withdrawal=standing)
        if not self.sound:
            return told
        if self.proof:
            told = replace(told, verdict="verified", reasons=self.proof)
        if hint := OFFER_HINTS.get(standing.state):
            word: Word = "unknown" if standing.state == "pending" else "not-verified"
            return replace(told, verdict=word, reasons=(Reason(standing.code, standing.sentence, hint),))
        if standing.valid_then is False or (in_force and standing.state == "ended"):
            return replace(
                told, verdict="not-verified", reasons=(Reason(standing.code, standing.sentence, ENDED_HINT),)
            )
        if in_force and standing.state == "unknown":
            return replace(told, verdict="unknown", reasons=(Reason(standing.code, standing.sentence, UNKNOWN_HINT),))
        if standing.state == "ended":
            return replace(told, reasons=(*told.reasons, Reason(standing.code, standing.sentence)))
        return told
