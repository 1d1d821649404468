# SPDX-License-Identifier: Apache-2.0
"""Adds to verdicts whether their statements were ended, and how offers were answered; one statement of SQL for each.

The same pure function as in the offline verifier decides, over the ends and answers that the database knows of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.grants.queries import answers_of
from app.platform.db import Reader
from app.withdrawals.queries import ends_of
from mcla.statements.parts import ENDABLE
from mcla.verify.offers import Answer, counted
from mcla.verify.standing import AsOf, End, standing_of
from mcla.verify.verdict import Verdict


def stand(reader: Reader, verdicts: Sequence[Verdict], as_of: AsOf) -> list[Verdict]:
    """The verdicts with what is known of ends and answers among the log's first entries. At most two statements."""
    statements = {digest for each in verdicts if each.sound and each.statement for digest in _endable(each.statement)}
    ends = ends_of(reader, statements, as_of.log_size) if statements else {}
    offers = {each.statement["statement_sha256"] for each in verdicts if each.statement and each.statement.get("offer")}
    answers = answers_of(reader, offers, as_of.log_size) if offers else {}
    return [_stood(each, ends, answers, as_of) for each in verdicts]


def _stood(verdict: Verdict, ends: Mapping[str, End], answers: Mapping[str, Answer], as_of: AsOf) -> Verdict:
    said = verdict.statement
    if not verdict.sound or said is None:
        return verdict
    return counted(verdict, answers.get(said.get("statement_sha256", "")), standing_of(said, ends, as_of))


def _endable(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The digests of the statements whose end would end this one."""
    if said["type"] not in ENDABLE:
        return ()
    own = str(said["statement_sha256"])
    accepted = said.get("acceptance")
    return (own, str(accepted["statement"])) if accepted else (own,)
