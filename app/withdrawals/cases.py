# SPDX-License-Identifier: Apache-2.0
"""Cases: a contribution that its signer took back, how far it had come, and what the foundation answered.

The signed withdrawal is the request, and its signer was identified when signing it; it names what it is about by
digest. Every recorded withdrawal of a contribution is a case from that moment on, with a day by which the first answer
is due: none has to be opened, so none is forgotten. An offer that nobody had counter-signed waits for none. What the
log says of the end is not touched by any answer.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.agreements.service import AgreementService, PublishedVersion
from app.grants.queries import counted_before
from app.log.models import LogEntry
from app.mail.outbox import Outbox
from app.platform.clock import Clock, is_id, new_id
from app.platform.db import Database
from app.projects.models import Project
from app.signing.ids import result_id, signing_of
from app.signing.lookup import statement_of
from app.signing.models import Signing, Withdrawal
from app.withdrawals.dossier import answers_to, prospects, stages_of
from app.withdrawals.errors import DecisionUnfit, StageUnfit, WithdrawalUnknown
from app.withdrawals.models import Decision, ReachedStage
from app.withdrawals.telling import answer_letter, contributor_of
from app.withdrawals.values import Answer, Case, Decided, Dossier, NewDecision, Outlook
from mcla.artifacts.digest import check_sha256
from mcla.statements.parts import STAGES
from mcla.statements.statement import Contribution
from mcla.terms.taking_back import NO_REASON, STEPS, Stage, first_answer_by, steps_at, taking_back
from mcla.wording import Worded

MOST = 100
"""Cases of one page of the list."""
MAX_NOTE = 4000
_Found = Row[Withdrawal, Signing, int]
__all__ = ["MAX_NOTE", "MOST", "Case", "CaseService", "Decided", "NewDecision", "Outlook"]


class CaseService:
    """The cases of one service. Reading any number of them takes four statements of SQL, and one for each version."""

    def __init__(self, db: Database, clock: Clock, agreements: AgreementService, outbox: Outbox, origin: str) -> None:
        self._db, self._clock, self._agreements, self._outbox = db, clock, agreements, outbox
        self._origin = origin

    def reach(self, contribution_id: str, stage: str, evidence: str) -> None:
        """Record that a contribution has come as far as `stage` (S1 to S4); raises `StageUnfit`."""
        if stage not in STAGES[1:]:
            raise StageUnfit(
                Worded("expected one of %(value)s, got %(stage)s", value=", ".join(STAGES[1:]), stage=repr(stage[:20]))
            )
        signing_id, kind = signing_of(contribution_id) or ("", "")
        row = ReachedStage(id=new_id("stg"), signing_id=signing_id, stage=stage, evidence=evidence[:MAX_NOTE])
        try:
            with self._db.write() as session:
                found = session.get(Signing, signing_id)
                if found is None or (found.kind, found.state, kind) != ("contribution", "complete", "contribution"):
                    raise StageUnfit(
                        Worded(
                            "There is no contribution %(contribution_id)s.", contribution_id=repr(contribution_id[:40])
                        )
                    )
                last = _stages(session, {signing_id}).get(signing_id, "S0")
                if stage <= last:
                    raise StageUnfit(
                        Worded(
                            "%(contribution_id)s has reached %(last)s already.",
                            contribution_id=contribution_id,
                            last=last,
                        )
                    )
                row.recorded_at = self._clock.now()
                session.add(row)
        except IntegrityError as error:  # recorded by another process at the same moment
            raise StageUnfit(
                Worded(
                    "%(contribution_id)s has reached %(stage)s already.", contribution_id=contribution_id, stage=stage
                )
            ) from error

    def reached(self, contribution_id: str) -> Stage | None:
        """The furthest stage that was recorded of a contribution; None if nobody recorded one."""
        signing_id = (signing_of(contribution_id) or ("", ""))[0]
        with self._db.read() as session:
            return _stages(session, {signing_id}).get(signing_id)

    def outlook(self, given: Signing) -> Outlook:
        """What the terms of a recorded contribution say of taking it back now."""
        terms = self._agreements.version_by_id(given.agreement_version_id).terms
        age = self._clock.now() - _contribution(given).created_at
        with self._db.read() as session:
            recorded = _stages(session, {given.id}).get(given.id)
            granted = given.id in counted_before(session, {given.id})
        stages = tuple(cast("Stage", each) for each in STAGES)
        cause = terms.withdrawal.after_merge == "for-cause"
        rows = []
        for stage in stages:
            said = taking_back(terms, stage, NO_REASON, age, granted=granted)
            rows.append((stage, said, steps_at(terms, stage) if cause else said.steps))
        offer = terms.signature.counter_signature and not granted
        return Outlook(recorded, tuple(rows), cause, terms.takedown.first_answer_days, offer)

    def case(self, withdrawal_id: str) -> Case:
        """One case; raises `WithdrawalUnknown`."""
        return self._one(Withdrawal.id == withdrawal_id if is_id(withdrawal_id) else None)

    def of_contribution(self, contribution_id: str) -> Case | None:
        """The case of a contribution, None if it was not taken back or that is not recorded yet."""
        signing_id = (signing_of(contribution_id) or ("", ""))[0]
        try:
            return self._one(Signing.id == signing_id if signing_id else None)
        except WithdrawalUnknown:
            return None

    def cases(self, after: int = -1, limit: int = MOST) -> list[Case]:
        """Contributions that were taken back, in the order of the log, beginning after the entry `after`."""
        query = _CASES.where(LogEntry.index > after).order_by(LogEntry.index).limit(min(limit, MOST))
        with self._db.read() as session:
            return list(self._told(session, session.execute(query).all()))

    def every(self) -> Iterator[Case]:
        """All of them, read page by page."""
        after = -1
        while page := self.cases(after):
            yield from page
            after = page[-1].log_index

    def waiting(self) -> tuple[int, int]:
        """How many cases wait for a first answer, and for how many of them it is overdue."""
        now, open_ones = self._clock.now(), [each for each in self.every() if each.state == "waiting"]
        return len(open_ones), sum(each.overdue(now) for each in open_ones)

    def waiting_for(self, foundation_ids: Collection[str]) -> list[Case]:
        """The cases that wait for an answer of one of these foundations, the most urgent first."""
        found = self._of(foundation_ids, Withdrawal.id.not_in(select(Decision.withdrawal_id)), None)
        return sorted((each for each in found if each.state == "waiting"), key=lambda each: each.due_at)

    def answered_for(self, foundation_ids: Collection[str], limit: int) -> list[Case]:
        """The cases that they answered, those taken back last first."""
        return self._of(foundation_ids, Withdrawal.id.in_(select(Decision.withdrawal_id)), limit)

    def dossier(self, withdrawal_id: str) -> Dossier:
        """A case with all that the foundation keeps on it; raises `WithdrawalUnknown`."""
        case = self.case(withdrawal_id)
        version, contribution = self._version_of(case)
        said = prospects(version.terms, case, case.signed_at - contribution.created_at)
        signing_id = (signing_of(case.contribution_id) or ("", ""))[0]
        with self._db.read() as session:
            return Dossier(case, answers_to(session, case.id), stages_of(session, signing_id), said)

    def decide(self, withdrawal_id: str, new: NewDecision) -> Case:
        """Answer a withdrawal or correct the answer; raises `WithdrawalUnknown`, `DecisionUnfit`, `DigestInvalid`."""
        case = self.case(withdrawal_id)
        if case.never_bound:
            raise DecisionUnfit(
                "It was an offer that nobody had counter-signed: it licensed nothing, and its signer may take it back.",
                hint="There is nothing to answer.",
            )
        stage = new.stage or case.recorded_stage or case.claimed_stage
        version, contribution = self._version_of(case)
        steps = _checked(case, new, stage, version, contribution)
        try:
            with self._db.write() as session:
                row = _row(session, case, new, stage, steps, self._clock.now())
                session.add(row)
                told = answer_letter(case, row, version.foundation, self._origin)
                self._outbox.to_person(session, told, contributor_of(session, case))
        except IntegrityError as error:
            raise DecisionUnfit(
                Worded("Somebody else answered %(id)s at the same moment; nothing was stored.", id=case.id)
            ) from error
        return self.case(case.id)

    def _of(self, foundation_ids: Collection[str], condition: ColumnElement[bool], limit: int | None) -> list[Case]:
        projects = select(Project.id).where(Project.foundation_id.in_(foundation_ids))
        query = _CASES.where(Signing.project_id.in_(projects), condition).order_by(LogEntry.index.desc()).limit(limit)
        with self._db.read() as session:
            return list(self._told(session, session.execute(query).all()))

    def _version_of(self, case: Case) -> tuple[PublishedVersion, Contribution]:
        signing_id = (signing_of(case.contribution_id) or ("", ""))[0]
        with self._db.read() as session:
            signing = session.get_one(Signing, signing_id)
        return self._agreements.version_by_id(signing.agreement_version_id), _contribution(signing)

    def _one(self, condition: ColumnElement[bool] | None) -> Case:
        found: list[Case] = []
        if condition is not None:
            with self._db.read() as session:
                found = list(self._told(session, session.execute(_CASES.where(condition)).all()))
        if not found:
            raise WithdrawalUnknown("No contribution was taken back under this id.")
        return found[0]

    def _told(self, session: Session, rows: Sequence[_Found]) -> Iterator[Case]:
        stages = _stages(session, {signing.id for _, signing, _ in rows})
        decisions = _decisions(session, {withdrawal.id for withdrawal, _, _ in rows})
        version_ids = {signing.agreement_version_id for _, signing, _ in rows}
        versions = {each: self._agreements.version_by_id(each) for each in version_ids}
        counted = counted_before(session, {signing.id for _, signing, _ in rows})
        for withdrawal, signing, log_index in rows:
            terms, given = versions[signing.agreement_version_id].terms, _contribution(signing)
            decided, recorded = decisions.get(withdrawal.id), stages.get(signing.id)
            claimed, age = cast("Stage | None", withdrawal.stage), withdrawal.signed_at - given.created_at
            granted = counted.get(signing.id, log_index) < log_index
            stage = decided.stage if decided else recorded or claimed
            yield Case(
                id=withdrawal.id,
                contribution_id=result_id(signing.id, "contribution"),
                project=given.project,
                kind=given.kind,
                root=given.root,
                log_index=log_index,
                signed_at=withdrawal.signed_at,
                reason=withdrawal.reason,
                claimed_stage=claimed,
                recorded_stage=recorded,
                said=taking_back(terms, stage, withdrawal.reason, age, granted=granted),
                granted=granted,
                due_at=first_answer_by(terms, withdrawal.signed_at),
                decided=decided,
            )


def _checked(
    case: Case, new: NewDecision, stage: Stage | None, version: PublishedVersion, contribution: Contribution
) -> Sequence[str]:
    """The steps of an answer that fits; raises `DecisionUnfit`."""
    if stage is None:
        raise DecisionUnfit("Nobody knows how far it had come.", hint="Say it: --stage S0, S1, S2, S3 or S4.")
    if case.recorded_stage is not None and stage < case.recorded_stage:
        raise DecisionUnfit(
            Worded(
                "%(recorded_stage)s was recorded of it, and a stage is never left; got %(stage)s.",
                recorded_stage=case.recorded_stage,
                stage=stage,
            )
        )
    for digest in (new.replacement, new.evidence_sha256):
        if digest is not None:
            check_sha256(digest)
    if len(new.note) > MAX_NOTE:
        raise DecisionUnfit(
            Worded(
                "expected a note of at most %(max_note)s characters, got %(value)s",
                max_note=MAX_NOTE,
                value=len(new.note),
            )
        )
    if new.answer == "refused":
        if new.steps or new.replacement:
            raise DecisionUnfit("A refusal does nothing, so it names neither steps nor a replacement.")
        return ()
    asked = taking_back(version.terms, stage, case.reason, case.signed_at - contribution.created_at)
    steps = asked.steps if new.steps is None else new.steps
    if unknown := [each for each in steps if each not in STEPS]:
        raise DecisionUnfit(
            Worded(
                "expected steps among %(value)s; got %(unknown)s", value=", ".join(STEPS), unknown=repr(unknown[0][:40])
            )
        )
    if missing := [each for each in asked.steps if each not in steps]:
        raise DecisionUnfit(
            Worded("The agreement promises more at %(stage)s: %(value)s.", stage=stage, value=", ".join(missing))
        )
    return steps


_CASES = (
    select(Withdrawal, Signing, LogEntry.index)
    .join(Signing, Signing.id == Withdrawal.ended_signing_id)
    .join(LogEntry, LogEntry.body_sha256 == Withdrawal.entry_sha256)
    .where(Signing.kind == "contribution")
)


def _row(
    session: Session, case: Case, new: NewDecision, stage: Stage | None, steps: Sequence[str], now: datetime
) -> Decision:
    count = select(func.count()).select_from(Decision).where(Decision.withdrawal_id == case.id)
    return Decision(
        id=new_id("wdd"),
        withdrawal_id=case.id,
        number=(session.scalar(count) or 0) + 1,
        answer=new.answer,
        stage=stage,
        steps=list(steps),
        replacement=new.replacement,
        evidence_sha256=new.evidence_sha256,
        note=new.note,
        decided_at=now,
    )


def _contribution(signing: Signing) -> Contribution:
    statement = statement_of(signing)
    assert isinstance(statement, Contribution)  # noqa: S101 - the query asked for the kind
    return statement


def _stages(session: Session, signing_ids: set[str]) -> dict[str, Stage]:
    """The furthest recorded stage of each signing that has one."""
    query = select(ReachedStage.signing_id, func.max(ReachedStage.stage)).group_by(ReachedStage.signing_id)
    found = session.execute(query.where(ReachedStage.signing_id.in_(signing_ids)))
    return {signing_id: cast("Stage", stage) for signing_id, stage in found}


def _decisions(session: Session, withdrawal_ids: set[str]) -> dict[str, Decided]:
    """The last answer to each withdrawal that has one."""
    query = select(Decision).where(Decision.withdrawal_id.in_(withdrawal_ids)).order_by(Decision.number)
    return {row.withdrawal_id: _decided(row) for row in session.scalars(query)}


def _decided(row: Decision) -> Decided:
    answer, stage = cast("Answer", row.answer), cast("Stage", row.stage)
    return Decided(answer, stage, tuple(row.steps), row.replacement, row.decided_at)
