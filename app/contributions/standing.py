# SPDX-License-Identifier: Apache-2.0
"""Adds to verdicts whether their statements were ended, with at most one statement of SQL for all of them.

The same pure function as in the offline verifier decides, over the ends that the database knows of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.withdrawals.queries import ends_of
from mcla.statements.parts import ENDABLE
from mcla.verify.standing import AsOf, End, standing_of
from mcla.verify.verdict import Verdict


def stand(session: Session, verdicts: Sequence[Verdict], as_of: AsOf) -> list[Verdict]:
    """The verdicts with what is known of withdrawals among the log's first entries. At most one statement."""
    statements = {
        digest for each in verdicts if each.verified and each.statement for digest in _endable(each.statement)
    }
    ends = ends_of(session, statements, as_of.log_size) if statements else {}
    return [_stood(each, ends, as_of) for each in verdicts]


def _stood(verdict: Verdict, ends: Mapping[str, End], as_of: AsOf) -> Verdict:
    if not verdict.verified or verdict.statement is None:
        return verdict
    return verdict.standing(standing_of(verdict.statement, ends, as_of))


def _endable(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The digests of the statements whose end would end this one."""
    if said["type"] not in ENDABLE:
        return ()
    own = str(said["statement_sha256"])
    return (own, str(said["acceptance"]["statement"])) if said["type"] == "contribution" else (own,)
