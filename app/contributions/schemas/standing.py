# SPDX-License-Identifier: Apache-2.0
"""What answers about an artifact and about a contribution share: under which terms, in force or not, shown to whom."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.contributions.schemas.digests import Digest
from app.platform.bodies import Answer
from mcla.statements.parts import DeclineReason
from mcla.verify.standing import State


class ReasonOut(Answer):
    """Why: a stable code, a sentence, and what to do next where there is something to do."""

    code: str
    message: str
    hint: str = ""


class AgreementOut(Answer):
    """The agreement version that a contribution was made under."""

    slug: str
    version: str
    digest: Literal[""] | Digest = Field(description="Empty where the proof cannot be read.")


class AsOfOut(Answer):
    """The state of the log that the answer was given against."""

    log_size: int = Field(ge=0)
    time: datetime


class SinceOut(Answer):
    """The withdrawal that ended it: its place in the log, and its time."""

    log_index: int = Field(ge=0)
    time: datetime


class StandingOut(Answer):
    """Whether it is in force. `valid_then`, `valid_now`: null where that is not known."""

    state: State = Field(description="As of the log's size in `as_of`, by the order of the log.")
    since: SinceOut | None
    valid_then: bool | None
    valid_now: bool | None


ShownTo = Annotated[
    Literal["everybody", "signers", "named"],
    Field(description="Who may see the contribution now: everybody, people bound by an agreement with the "
          "foundation, or named people alone. Its giver and those who handle reports always may."),
]  # fmt: skip


class OfferOut(Answer):
    """What was given under an agreement for these files alone: it counts from its counter-signature on, if that comes
    by `until`."""

    until: datetime
    answer: Literal["counter-signed", "declined"] | None = Field(
        description="Null while the foundation has not answered."
    )
    reason: DeclineReason | None = Field(description="Why it was declined.")
    answered: SinceOut | None = Field(description="The answer's place in the log, and its time.")
    answer_url: str | None = Field(description="The bundle of the answer; it verifies without this service.")
