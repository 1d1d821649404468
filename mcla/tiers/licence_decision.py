# SPDX-License-Identifier: Apache-2.0
"""A signed answer about licences (`mcla.verify.svr`): may something with these bases go out under these terms.

Its subjects are the files that were named, or the question alone; it binds the whole answer and the question by digest
and ends soon. Its property says that the answer is yes; duties missing, a person to ask and a no have none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.jsontext import canonical_json
from mcla.errors import MclaError
from mcla.licences.asking import QuestionInvalid
from mcla.statements.parts import format_time
from mcla.tiers.decision import LIFE, DecisionExpired, DecisionOther, counts_at, opened
from mcla.verify.svr import Proven, Purpose, SignedAnswerInvalid, statement_of
from mcla.verify.trust import TrustedRoot

SCHEMA = "mcla.licence-decision/1"
PURPOSE = Purpose("decisions", "mclaLicenceDecision", "decisions on licences")
LICENCE_ALLOWED = "MCLA_LICENCE_ALLOWED"


@dataclass(frozen=True, slots=True)
class SignedLicenceDecision:
    """An answer about licences whose signature holds: by whom, from when until when."""

    document: Mapping[str, Any]
    origin: str
    time: datetime
    expires: datetime

    @property
    def verdict(self) -> str:
        """`allowed`, `needs-notice`, `needs-review` or `denied`."""
        return str(self.document["answer"]["verdict"])

    def check_now(self, now: datetime, question: Mapping[str, Any] | None = None) -> None:
        """Raise `DecisionExpired`, or `DecisionOther` unless it answers this question, if one is given."""
        if not counts_at(self.time, self.expires, now):
            raise DecisionExpired(f"expected a decision that counts at {now:%Y-%m-%d %H:%M} UTC, until {self.expires}")
        if question is not None and self.document["question"] != question_digest(question):
            raise DecisionOther("expected a decision on the question that was given, got one on another")


def question_digest(question: Mapping[str, Any]) -> str:
    """What names a question, as JSON, 64 hex; what is null counts as left out. Raises `QuestionInvalid`."""
    try:
        return sha256_hex(canonical_json({name: each for name, each in question.items() if each is not None}))
    except MclaError as error:
        raise QuestionInvalid(error.message) from error


def document_of(
    answer: Mapping[str, Any], question: Mapping[str, Any], now: datetime, *, files: bool = False
) -> dict[str, Any]:
    """What is decided, as it is bound: `answer` is an `Answer.to_dict`. It says what it rests on: what the asker
    claimed, which nobody looked at, and what the service itself knows."""
    told = [name for name, each in question.items() if each is not None and name != "project"]
    claimed = sorted([*told, *(["files"] if files else [])])
    rests_on = {"claimed": claimed, "own": {"licences": answer["data"], "policy": answer.get("policy_of")}}
    document = {"schema": SCHEMA, "answer": dict(answer), "question": question_digest(question)}
    return document | {"rests_on": rests_on, "expires": format_time(now + LIFE)}


def licence_statement(
    document: Mapping[str, Any], files: Sequence[Mapping[str, Any]], origin: str, now: datetime
) -> bytes:
    """The statement (RFC 8785) that is signed; without `files` it is about the question."""
    subjects = list(files) or [{"name": "question", "digest": {"sha256": document["question"]}}]
    data = document["answer"]["data"]["digest"].removeprefix("sha256:")
    policies = [{"uri": "mcla:licences", "digest": {"sha256": data}}]
    bound = {"decision": {"sha256": sha256_hex(canonical_json(document))}, "expires": document["expires"]}
    return statement_of(PURPOSE, origin, now, subjects, policies, _properties(document), bound)


def verify_licence_decision(data: bytes, trust: TrustedRoot) -> SignedLicenceDecision:
    """Read a decision with its `envelope` and check that the trust file's service signed exactly it.

    Whether it counts now is `check_now`. Raises `SignedAnswerInvalid`, or what the failing part raises.
    """

    def read(document: Mapping[str, Any], result: Proven, expires: datetime) -> SignedLicenceDecision:
        if document["schema"] != SCHEMA or document["answer"]["verdict"] not in _WORDS:
            raise SignedAnswerInvalid("expected a decision on licences, got another")
        return SignedLicenceDecision(document, result.origin, result.time, expires)

    return opened(data, trust, PURPOSE, _properties, read)


_WORDS = ("allowed", "needs-notice", "needs-review", "denied")


def _properties(document: Mapping[str, Any]) -> tuple[str, ...]:
    return (LICENCE_ALLOWED,) if document["answer"]["verdict"] == "allowed" else ()
