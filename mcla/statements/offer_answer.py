# SPDX-License-Identifier: Apache-2.0
"""`OfferAnswer`: a foundation counter-signs an offer, from when on it counts, or declines it.

Signed in the foundation's own name, which the offer gives, with a key that the service holds for this one statement. It
counts only if its timestamp lies within the days of the offer: `mcla.verify.offers` decides that, for everybody.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.artifacts.paths import MANIFEST_NAME
from mcla.statements.base import Statement, common_members, read_common
from mcla.statements.parts import DECLINE_REASONS, OFFER_WORDS, AnsweredRef, Subject, require
from mcla.statements.shapes import check_members, part_of

OFFER_ANSWER_TYPE = "https://w3id.org/mcla/offer-answer/v1"
ANSWERED_NAME = "statement.json"
"""The subject of an answer that is the answered statement itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswer(Statement):
    """The foundation's answer to one offer. `reason` is a code, with `declined` alone.

    The subjects are the root and the statement of the offer. The identity commitment is that of the person who acts
    for the foundation.
    """

    TYPE: ClassVar[str] = OFFER_ANSWER_TYPE

    answers: AnsweredRef
    answer: str
    reason: str | None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        require(self.capacity == "foundation", "capacity foundation", self.capacity)
        require(self.key_holder == "service", "keyHolder service", self.key_holder)
        require(self.answer in OFFER_WORDS, f"answer to be one of {', '.join(OFFER_WORDS)}", self.answer)
        if self.answer == "declined":
            require(self.reason in DECLINE_REASONS, f"reason to be one of {', '.join(DECLINE_REASONS)}", self.reason)
        else:
            require(self.reason is None, "no reason with a counter-signature", self.reason)
        expected = answered_subjects(self.answers)
        require(self.subjects == expected, "root and statement of the offer as subjects", self.subjects)

    def predicate(self) -> dict[str, Any]:
        said = {"answers": self.answers.to_dict(), "answer": self.answer, "reason": self.reason}
        return Statement.predicate(self) | said


def answered_subjects(answers: AnsweredRef) -> tuple[Subject, ...]:
    """The subjects of an answer: the root and the statement of the offer."""
    return (Subject(name=MANIFEST_NAME, sha256=answers.root), Subject(name=ANSWERED_NAME, sha256=answers.statement))


def read_offer_answer(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> OfferAnswer:
    """An answer of these parts; raises `StatementInvalid`."""
    check_members(predicate, common_members(predicate) | {"answers", "answer", "reason"}, "the predicate")
    answers = part_of(predicate, "answers", {"statement", "root", "logIndex"})
    return OfferAnswer(
        subjects=subjects,
        **read_common(predicate),
        answers=AnsweredRef(answers["statement"], answers["root"], answers["logIndex"]),
        answer=predicate["answer"],
        reason=predicate["reason"],
    )
