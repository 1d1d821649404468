# SPDX-License-Identifier: Apache-2.0
"""GrantService: the offers of a foundation, and its answers: counter-signing and declining.

An offer counts from the log entry of its counter-signature on. What is answered is durable before it is told; an answer
that the log has not yet taken is finished by a job.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.grants import answering
from app.grants.answering import NewAnswer
from app.grants.errors import AnswerUnknown, OfferUnknown, StaffNeverSeen
from app.grants.models import Offer, OfferAnswer
from app.grants.reading import OFFERS, told
from app.grants.telling import answer_letter
from app.grants.values import OfferInfo
from app.identity.models import Identity, PersonDetail
from app.identity.ports import Actor
from app.identity.sql import changed_rows
from app.log.models import LogHead
from app.mail.outbox import Outbox
from app.platform.clock import is_id
from app.projects.changed import note_change
from app.projects.staff import NotStaff, StaffService
from app.signing.errors import BundleUnsound, RecordingDelayed
from app.signing.finish import logged
from app.signing.ids import signing_of
from app.signing.models import Signing, Withdrawal
from app.signing.ports import Ports
from mcla.envelope.dsse import Envelope
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import parse_statement
from mcla.verify.standing import AsOf
from mcla.verify.verifier import verify_bundle

log = structlog.get_logger()
MOST = 500
"""Offers of one list; what waits comes first, the most urgent on top."""
Counted = Callable[[Session, str], None]
Seen = Callable[[Actor, str], None]


class GrantService:
    """The offers of one service; a list takes two statements of SQL."""

    def __init__(self, ports: Ports, staff: StaffService, outbox: Outbox, counted: Counted, seen: Seen) -> None:
        """`counted` is told the signing of an offer in the transaction that records its counter-signature; `seen`
        raises for a person who may not see the offered contribution."""
        self._ports, self._staff, self._outbox, self._counted, self._seen = ports, staff, outbox, counted, seen

    def offers(self, foundation_ids: list[str] | None = None, *, everything: bool = False) -> list[OfferInfo]:
        """What waits for an answer, the most urgent first; with `everything` the others too. None: any foundation."""
        query = OFFERS.order_by(Offer.until, Offer.signing_id).limit(MOST)
        if foundation_ids is not None:
            query = query.where(Offer.foundation_id.in_(foundation_ids))
        if not everything:
            unanswered = OfferAnswer.id.is_(None), Withdrawal.id.is_(None)
            query = query.where(Offer.until >= self._ports.clock.now().replace(microsecond=0), *unanswered)
        with self._ports.db.read() as session:
            as_of = self._as_of(session)
            return [told(self._ports.settings.origin, row, as_of) for row in session.execute(query)]

    def offer(self, contribution_id: str, foundation_ids: list[str] | None = None) -> OfferInfo:
        """One offer; raises `OfferUnknown`, for one of another foundation too."""
        signing_id, kind = (signing_of(contribution_id) or ("", "")) if is_id(contribution_id) else ("", "")
        conditions: list[ColumnElement[bool]] = [Offer.signing_id == signing_id]
        if foundation_ids is not None:
            conditions.append(Offer.foundation_id.in_(foundation_ids))
        with self._ports.db.read() as session:
            as_of = self._as_of(session)
            row = session.execute(OFFERS.where(*conditions)).one_or_none() if kind == "contribution" else None
        if row is None:
            raise OfferUnknown("There is no offer of that id.")
        return told(self._ports.settings.origin, row, as_of)

    def answer(self, actor: Actor, contribution_id: str, new: NewAnswer) -> OfferInfo:
        """Answer an offer for the foundation that it was made to, and record it.

        Raises `OfferUnknown`, `NotStaff`, `ContributionHidden` (nobody signs what they may not read), what
        `answering.keep` raises, or `RecordingDelayed` (it is signed then).
        """
        offer = self.offer(contribution_id)
        mine = {each.id for each in self._staff.foundations_of(actor.provider, actor.subject)}
        if offer.foundation_id not in mine:
            raise NotStaff("This offer was made to a foundation that your account does not act for.")
        self._seen(actor, contribution_id)
        answer_id = answering.keep(self._ports, actor, offer.signing_id, offer.log_index, new)
        try:
            self.finish(answer_id)
        except MclaError as error:
            log.warning("offer.delayed", answer=answer_id, reason=error.code)
            url = f"{self._ports.settings.origin}/console/grants/{contribution_id}"
            what = "The answer is signed and kept, but it could not be recorded in the log yet."
            raise RecordingDelayed(what, url=url, reason=error.code, retry_after=60) from error
        return self.offer(contribution_id)

    def staff_account(self, provider: str, subject: str) -> Actor:
        """The person behind an account, as it last signed in; raises `StaffNeverSeen`."""
        query = (
            select(Identity, PersonDetail)
            .join(PersonDetail, PersonDetail.identity_id == Identity.id)
            .where(Identity.provider == provider, Identity.subject == subject)
            .order_by(PersonDetail.recorded_at.desc())
            .limit(1)
        )
        with self._ports.db.read() as session:
            found = session.execute(query).one_or_none()
        if found is None:
            raise StaffNeverSeen(f"The account {provider[:32]} {subject[:80]} has never signed in here.")
        who, said = found
        known = (who.contributor_id, who.id, said.id, provider, subject, said.name, said.login, said.email)
        return Actor(*known, session_id=None, signed_in_at=who.last_sign_in_at)

    def answer_bundle(self, contribution_id: str) -> Mapping[str, Any]:
        """The public bundle of the answer to an offer; raises `AnswerUnknown`."""
        signing_id = (signing_of(contribution_id) or ("", ""))[0] if is_id(contribution_id) else ""
        query = select(OfferAnswer.bundle).where(OfferAnswer.signing_id == signing_id)
        with self._ports.db.read() as session:
            found: Mapping[str, Any] | None = session.scalar(query)
        if found is None:
            raise AnswerUnknown("No answer is recorded to an offer of that id.")
        return found

    def finish_job(self, payload: Mapping[str, Any]) -> None:
        """The handler of `offer.answered`: payload `{"id"}`."""
        self.finish(str(payload["id"]))

    def finish(self, answer_id: str) -> None:
        """Log what is kept and let it count; nothing happens to what is recorded already."""
        ports = self._ports
        with ports.db.read() as session:
            row = session.get_one(OfferAnswer, answer_id)
        if row.bundle is not None:
            return
        _, bundle = logged(ports, Envelope(row.statement, row.signature), row.certificate, row.timestamp)
        self._check_sound(row, bundle)
        once = update(OfferAnswer).where(OfferAnswer.id == row.id, OfferAnswer.bundle.is_(None))
        with ports.db.write() as session:
            if changed_rows(session, once.values(bundle=bundle)) != 1:
                return  # another request or the job was first
            self._outbox.to_person(session, *answer_letter(session, row, ports.settings.origin))
            note_change(session, ports.clock, str(session.get_one(Signing, row.signing_id).project_id))
            if row.answer == "counter-signed":
                self._counted(session, row.signing_id)
        log.info("offer.answered", answer=row.id, word=row.answer)

    def _check_sound(self, row: OfferAnswer, bundle: dict[str, Any]) -> None:
        signer, ports = parse_statement(row.statement).signer, self._ports
        verdict = verify_bundle(canonical_json(bundle), ports.trust, identity=signer, issuer=ports.settings.origin)
        if not verdict.verified:
            codes = ", ".join(reason.code for reason in verdict.reasons)
            raise BundleUnsound(f"The bundle of the answer does not verify ({codes}).", retry_after=60)

    def _as_of(self, session: Session) -> AsOf:
        return AsOf(session.scalar(select(LogHead.size)) or 0, self._ports.clock.now())
