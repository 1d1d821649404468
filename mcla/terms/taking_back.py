# SPDX-License-Identifier: Apache-2.0
"""Taking a contribution back: whether the terms allow it at a stage, what then has to be done, and what nobody can do.

A pure function of the terms, the stage, the reason and the time. It says what an agreement means; whether a cause is
well founded is decided by a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mcla.terms.vocabulary import Terms
from mcla.wording import Joined, Worded

Stage = Literal["S0", "S1", "S2", "S3", "S4"]
Answer = Literal["yes", "no", "depends"]
NO_REASON = "none-given"
OFFER_OPEN = "offer-open"
"""The code of what nobody had counter-signed: it bound nobody, so there is nothing to decide."""

STEPS: dict[str, str] = {
    "leave-unmerged": "The contribution is not merged.",
    "out-of-repository": "The contribution leaves the project's repository.",
    "out-of-next-release": "The next release is made without it.",
    "flag-old-releases": "Older releases that hold it are marked as holding something that was taken back.",
    "out-of-next-training": "The next training of each model is done without it.",
    "try-unlearning": "The project tries to filter or unlearn what the models in use learned from it.",
    "unlearn-in-time": "The project removes what the models in use learned from it, within the agreed days.",
    "publish-advisory": "An advisory is published for the released models that were trained with it.",
    "name-replacement": "The advisory names a replacement, if there is one.",
}
"""What is done about a contribution that was taken back: code -> sentence."""

LIMITS: dict[str, str] = {
    "S0": "The log entry and the proof stay: they show that it was given, and valid until it was taken back.",
    "S1": "Copies that others made of the repository, and its history, stay with them under the outbound licence.",
    "S2": "A published release cannot be called back, and copies of it stay licensed.",
    "S3": "A model that was trained with it may stay in use until its next training.",
    "S4": "A released model cannot be called back.",
}
"""What can no longer be undone once a stage is reached; those of earlier stages hold as well."""

_UNLEARNING = {
    "none": (),
    "next-training": ("out-of-next-training",),
    "best-effort": ("out-of-next-training", "try-unlearning"),
    "within-days": ("out-of-next-training", "unlearn-in-time"),
}
_ORDER: tuple[Stage, ...] = ("S0", "S1", "S2", "S3", "S4")


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What the terms say. `steps` are codes of `STEPS`; `limits` are sentences."""

    answer: Answer
    code: str
    sentence: str
    steps: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


def taking_back(terms: Terms, stage: Stage | None, reason: str, age: timedelta, *, granted: bool = True) -> TakingBack:
    """Whether a contribution of this age may be taken back for `reason` (`END_REASONS`); stage None: not known.

    `granted` False: under terms that want a counter-signature, there was none yet.
    """
    if terms.signature.counter_signature:
        answer, code, sentence = _of_grant(terms, reason, age, granted=granted)
    else:
        answer, code, sentence = _allowed(terms, stage, reason, age)
    steps = () if answer == "no" else steps_at(terms, stage)
    return TakingBack(answer, code, sentence, steps, limits_at(stage))


def steps_at(terms: Terms, stage: Stage | None) -> tuple[str, ...]:
    """What the steward does at this stage, in order."""
    if stage is None:
        return ()
    if stage == "S0":
        return ("leave-unmerged",)
    steps: tuple[str, ...] = ("out-of-repository", "out-of-next-release")
    if stage >= "S2":
        steps += ("flag-old-releases",)
    if stage >= "S3":
        steps += _UNLEARNING[terms.withdrawal.unlearning]
    if stage >= "S4":
        steps += ("publish-advisory", "name-replacement")
    return steps


def limits_at(stage: Stage | None) -> tuple[str, ...]:
    """What nobody can undo at this stage; every sentence where the stage is not known."""
    reached = _ORDER if stage is None else _ORDER[: _ORDER.index(stage) + 1]
    return tuple(LIMITS[each] for each in reached)


def first_answer_by(terms: Terms, asked_at: datetime) -> datetime:
    """When the foundation's first answer is due."""
    return asked_at + timedelta(days=terms.takedown.first_answer_days)


def _allowed(terms: Terms, stage: Stage | None, reason: str, age: timedelta) -> tuple[Answer, str, str]:
    window = terms.withdrawal.convenience_days
    if stage == "S0":
        return "yes", "not-merged", Worded("Before the merge it may be taken back at any time, without a reason.")
    if reason != NO_REASON:
        if terms.withdrawal.after_merge == "for-cause":
            return (
                "yes",
                "for-cause",
                Worded("The agreement names this cause: if it is well founded, it may be taken back."),
            )
        return _unless_merged(stage, "causes-not-taken", Worded("After the merge the agreement takes nothing back."))
    if age > timedelta(days=window):
        late = Worded(
            "Without a reason it could be taken back for %(days)s days after it was given; they are over.", days=window
        )
        return _unless_merged(stage, "window-over", late)
    if stage is None:
        what = Worded(
            "Without a reason it depends: up to the merge, or for %(days)s days while it is in no release.", days=window
        )
        return "depends", "stage-not-known", what
    if stage == "S1":
        return (
            "yes",
            "in-window",
            Worded("For %(days)s days it may be taken back without a reason, and they are not over.", days=window),
        )
    what = Worded("It is in a release or a model was trained with it, so a cause is needed: the agreement lists them.")
    return "no", "used-already", what


def _of_grant(terms: Terms, reason: str, age: timedelta, *, granted: bool) -> tuple[Answer, str, str]:
    """The same where the counter-signature and not the merge makes it binding."""
    if not granted:
        free = Worded("Until the foundation counter-signs, an offer may be taken back without a reason.")
        return "yes", OFFER_OPEN, free
    if reason != NO_REASON and terms.withdrawal.after_merge == "for-cause":
        named = Worded("The agreement names this cause: if it is well founded, it may be taken back.")
        return "yes", "for-cause", named
    if reason == NO_REASON and timedelta() < age <= timedelta(days=terms.withdrawal.convenience_days):
        days = terms.withdrawal.convenience_days
        kept = Worded("For %(days)s days it may be taken back without a reason, and they are not over.", days=days)
        return "yes", "in-window", kept
    late = Worded("Once counter-signed it is taken back only for a cause that the agreement lists.")
    return "no", "cause-needed", late


def _unless_merged(stage: Stage | None, code: str, sentence: str) -> tuple[Answer, str, str]:
    if stage is None:
        return "depends", "stage-not-known", Joined(" ", (Worded("Before the merge it may be taken back."), sentence))
    return "no", code, sentence
