# SPDX-License-Identifier: Apache-2.0
"""The verifier's whole answer about a bundle."""

from typing import Any, Literal

from app.contributions.schemas.digests import Word
from app.contributions.schemas.standing import AsOfOut, ReasonOut, StandingOut
from app.platform.bodies import Answer


class StepOut(Answer):
    """One check of the verifier."""

    name: str
    outcome: Literal["yes", "no", "not-checked"]
    detail: str


class IndependentOut(Answer):
    """What did not rest on the service's own word."""

    witnesses: int
    seen_by: list[str]
    timestamp: bool
    sentence: str


class SeenCheckpointOut(Answer):
    """The log's head inside the bundle."""

    origin: str
    size: int
    root: str


class WithdrawalOut(StandingOut):
    """Whether it was ended since, as far as this service's log goes."""

    code: str
    sentence: str
    as_of: AsOfOut | None
    stale: bool


class VerdictOut(Answer):
    """The whole answer of the verifier, as `mcla verify --json` prints it."""

    verdict: Word
    reasons: list[ReasonOut]
    steps: list[StepOut]
    statement: dict[str, Any] | None
    independent: IndependentOut
    checkpoint: SeenCheckpointOut | None
    withdrawal: WithdrawalOut
