# SPDX-License-Identifier: Apache-2.0
"""`Withdrawal`: a signer ends an own acceptance or contribution, or one of the company that they act for."""

from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.base import Statement, common_members, read_common
from mcla.statements.parts import END_REASONS, STAGES, EndedRef, Subject, require
from mcla.statements.shapes import check_members, part_of

WITHDRAWAL_TYPE = "https://w3id.org/mcla/withdrawal/v1"
ENDED_NAME = "statement.json"
"""The subject of a withdrawal that is the ended statement itself."""
_CAPACITIES = ("individual", "company")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Statement):
    """A signer ends an acceptance or contribution, from this statement's own place in the log on and not before.

    The subjects are the root and the statement of what is ended; `stage` is how far a contribution had come as far as
    the signer knows, None for not known. The capacity is that of what is ended: whoever ends what was made for a
    company acts for the company, also where they made it themselves, and `ends` leads to which company that is.
    """

    TYPE: ClassVar[str] = WITHDRAWAL_TYPE

    ends: EndedRef
    reason: str
    stage: str | None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        require(self.capacity in _CAPACITIES, f"capacity {' or '.join(_CAPACITIES)}", self.capacity)
        require(self.reason in END_REASONS, f"reason to be one of {', '.join(END_REASONS)}", self.reason)
        require(self.stage is None or self.stage in STAGES, "stage S0 to S4 or none", self.stage)
        require(self.stage is None or self.ends.type == "contribution", "a stage of contributions only", self.stage)
        ended = ended_subjects(self.ends)
        require(self.subjects == ended, "root and statement of what is ended as subjects", self.subjects)

    def predicate(self) -> dict[str, Any]:
        return Statement.predicate(self) | {"ends": self.ends.to_dict(), "reason": self.reason, "stage": self.stage}


def ended_subjects(ends: EndedRef) -> tuple[Subject, ...]:
    """The subjects of a withdrawal: the root and the statement of what is ended."""
    return (Subject(name=MANIFEST_NAME, sha256=ends.root), Subject(name=ENDED_NAME, sha256=ends.statement))


def read_withdrawal(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> Withdrawal:
    """A withdrawal of these parts; raises `StatementInvalid`."""
    check_members(predicate, common_members(predicate) | {"ends", "reason", "stage"}, "the predicate")
    ends = part_of(predicate, "ends", {"type", "statement", "root", "logIndex"})
    return Withdrawal(
        subjects=subjects,
        **read_common(predicate),
        ends=EndedRef(ends["type"], ends["statement"], ends["root"], ends["logIndex"]),
        reason=predicate["reason"],
        stage=predicate["stage"],
    )
