# SPDX-License-Identifier: Apache-2.0
"""JSON of checks that wait, for the API document. Field names are a contract with outside scripts."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from app.checks.schemas import EXAMPLE, CheckOut, Provider, QuestionIn, Subject
from app.checks.waiting import Reference, WaitingInfo
from app.platform.bodies import Answer, Body, RequestInvalid
from mcla.artifacts.jsontext import MAX_INT
from mcla.checks import change as limits
from mcla.checks.change import Change, ChangeInvalid, read_change
from mcla.statements.parts import format_time

WAITING_EXAMPLE: dict[str, Any] = {
    "check": EXAMPLE,
    "reference": {"forge": "github", "repository": "1296269", "change": 1347, "head": "f" * 40},
}
Head = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]


class ReferenceIn(Body):
    """The change at its forge; there is one waiting check for each."""

    forge: Provider = Field(description="The provider as this service names it.")
    repository: Subject = Field(description="The repository's id at the forge, which a rename leaves as it is.")
    change: int = Field(ge=1, le=MAX_INT, description="The number of the pull or merge request.")
    head: Head = Field(description="The commit that the answer is about.")


class WaitingQuestion(NamedTuple):
    """A question that was read, and what it is about."""

    change: Change
    reference: Reference


class _Parts(Body):
    check: dict[str, Any]
    reference: ReferenceIn


class WaitingIn(Body):
    """A question to ask again whenever something changed."""

    max_bytes: ClassVar[int] = limits.MAX_BYTES
    max_depth: ClassVar[int] = limits.MAX_DEPTH + 1
    max_values: ClassVar[int] = limits.MAX_VALUES

    check: QuestionIn
    reference: ReferenceIn

    @classmethod
    def read(cls, value: object) -> Any:
        """A `WaitingQuestion`; raises `RequestInvalid`, `ChangeInvalid` or `ChangeEmpty`."""
        parts: _Parts = _Parts.read(value)
        if "as_of" in parts.check:
            raise RequestInvalid([{"pointer": "/check/as_of", "detail": "What waits is asked about now: leave it out"}])
        try:
            change = read_change(parts.check)
        except ChangeInvalid as error:
            told = [each | {"pointer": f"/check{each['pointer']}"} for each in error.extra["errors"]]
            error.extra = {"errors": told}
            raise
        of = parts.reference
        return WaitingQuestion(change, Reference(of.forge, of.repository, of.change, of.head))


class ReferenceOut(Answer):
    """The change at its forge."""

    forge: str
    repository: str
    change: int
    head: str


class WaitingOut(Answer):
    """How a waiting check stands, with the last answer."""

    id: str | None = Field(description="None for a check that is covered already: it is not kept.")
    project: str
    reference: ReferenceOut
    state: Literal["waiting", "covered", "ended"]
    number: int = Field(description="Grows with each question and each other answer; deliveries tell it too.")
    registered_at: datetime
    until: datetime = Field(description="When it is gone at the latest.")
    asked_at: datetime | None
    answer: CheckOut | None


def waiting_out(info: WaitingInfo) -> dict[str, Any]:
    """A waiting check as JSON."""
    of = info.reference
    return {
        "id": info.id,
        "project": info.project,
        "reference": {"forge": of.forge, "repository": of.repository, "change": of.change, "head": of.head},
        "state": info.state,
        "number": info.number,
        "registered_at": format_time(info.registered_at),
        "until": format_time(info.until),
        "asked_at": format_time(info.asked_at) if info.asked_at else None,
        "answer": info.answer,
    }
