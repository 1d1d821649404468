# SPDX-License-Identifier: Apache-2.0
"""What the foundation keeps on a case beyond its public notice: every answer with its reasons, and every stage."""

from datetime import timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.withdrawals.models import Decision, ReachedStage
from app.withdrawals.values import Answer, AnswerLine, Case, StageLine
from mcla.statements.parts import STAGES
from mcla.terms import Terms
from mcla.terms.taking_back import Stage, TakingBack, taking_back


def answers_to(session: Session, withdrawal_id: str) -> tuple[AnswerLine, ...]:
    """The answers to one withdrawal, the newest first."""
    query = select(Decision).where(Decision.withdrawal_id == withdrawal_id).order_by(Decision.number.desc())
    return tuple(
        AnswerLine(
            cast("Answer", row.answer),
            cast("Stage", row.stage),
            tuple(row.steps),
            row.replacement,
            row.evidence_sha256,
            row.note,
            row.decided_at,
        )
        for row in session.scalars(query)
    )


def stages_of(session: Session, signing_id: str) -> tuple[StageLine, ...]:
    """The stages that were recorded of a contribution, in their order."""
    query = select(ReachedStage).where(ReachedStage.signing_id == signing_id).order_by(ReachedStage.stage)
    return tuple(StageLine(cast("Stage", row.stage), row.evidence, row.recorded_at) for row in session.scalars(query))


def prospects(terms: Terms, case: Case, age: timedelta) -> dict[Stage, TakingBack]:
    """What the terms say of this withdrawal at each stage that the contribution may have had; `age` when taken back."""
    possible = (cast("Stage", each) for each in STAGES if case.recorded_stage is None or each >= case.recorded_stage)
    return {stage: taking_back(terms, stage, case.reason, age) for stage in possible}
