# SPDX-License-Identifier: Apache-2.0
"""A case and an answer to it, as plain values. Nothing here names a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mcla.terms.taking_back import OFFER_OPEN, Stage, TakingBack

Answer = Literal["allowed", "refused"]


@dataclass(frozen=True, slots=True)
class Decided:
    """The foundation's last answer. `stage` and `steps` as in `mcla.terms.taking_back`."""

    answer: Answer
    stage: Stage
    steps: tuple[str, ...]
    replacement: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One contribution that was taken back. Nothing here names a person."""

    id: str
    contribution_id: str
    project: str
    kind: str
    root: str
    log_index: int
    signed_at: datetime
    reason: str
    claimed_stage: Stage | None
    recorded_stage: Stage | None
    said: TakingBack
    granted: bool
    """Of an offer: whether the foundation had counter-signed it before, by the order of the log."""
    due_at: datetime
    decided: Decided | None

    @property
    def stage(self) -> Stage | None:
        """What the foundation decided or recorded, else what the signer said."""
        return self.decided.stage if self.decided else self.recorded_stage or self.claimed_stage

    @property
    def never_bound(self) -> bool:
        """Whether it was an offer that nobody had counter-signed: it ended by itself, so nobody has to answer."""
        return self.said.code == OFFER_OPEN

    @property
    def state(self) -> Literal["waiting", "allowed", "refused", "never-bound"]:
        if self.decided:
            return self.decided.answer
        return "never-bound" if self.never_bound else "waiting"

    def overdue(self, now: datetime) -> bool:
        """Whether the first answer should have been given."""
        return self.state == "waiting" and now > self.due_at


@dataclass(frozen=True, slots=True)
class NewDecision:
    """An answer as somebody gives it. `steps` None: those that the terms ask for at the stage."""

    answer: Answer
    stage: Stage | None = None
    steps: Sequence[str] | None = None
    replacement: str | None = None
    evidence_sha256: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the terms say of taking a contribution back today, before its signer decides."""

    recorded_stage: Stage | None
    stages: tuple[tuple[Stage, TakingBack, tuple[str, ...]], ...]
    """For each stage: what holds without a reason, and what is done where it is taken back, with a cause or without."""
    for_cause: bool
    """Whether a cause is taken after the merge."""
    first_answer_days: int
    open_offer: bool
    """Whether it is an offer that nobody has counter-signed: it is taken back without more."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer as the foundation keeps it, with reasons and evidence that no notice shows."""

    answer: Answer
    stage: Stage
    steps: tuple[str, ...]
    replacement: str | None
    evidence_sha256: str | None
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class StageLine:
    """One recorded stage, with what shows it."""

    stage: Stage
    evidence: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with all that the foundation keeps on it: answers the newest first, stages in their order.

    `prospects`: what the terms say of it at each stage that the contribution may have had.
    """

    case: Case
    answers: tuple[AnswerLine, ...]
    stages: tuple[StageLine, ...]
    prospects: Mapping[Stage, TakingBack]
