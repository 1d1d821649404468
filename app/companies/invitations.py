# SPDX-License-Identifier: Apache-2.0
"""Invitations to manage a company's list: their links, which work once within seven days, and joining by one."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.companies.changes import ManagerJoined
from app.companies.desk import Desk
from app.companies.drafting import Wanted, draft
from app.companies.errors import EntryUnknown, InvitationInvalid, NotAllowed
from app.companies.ledgers import ledger_of
from app.companies.letters import invitation_letter, join_address
from app.companies.models import Company, CompanyInvitation
from app.companies.roster import fold
from app.companies.telling import info_of
from app.companies.values import Invited
from app.identity.people import mail_language
from app.identity.secret import at_rest, new_secret
from app.identity.sql import changed_rows
from app.platform.clock import is_id
from app.signing.ports import Actor
from app.signing.values import SigningInfo

LINK_LIFE = timedelta(days=7)


class Invitations:
    """The use cases of invitations."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def make_link(self, actor: Actor, invitation_id: str) -> str:
        """A new secret for an invitation's link, mailed to who is invited; the one before stops working.

        Raises `EntryUnknown` or `NotAllowed`.
        """
        now = self._desk.now()
        with self._desk.ports.db.write() as session:
            row = session.get(CompanyInvitation, invitation_id) if is_id(invitation_id) else None
            _, ledger, roles = self._desk.part(session, actor, row.company_id if row else "", now)
            if not roles & {"manager", "signatory"}:
                raise NotAllowed("Only a manager of the company, or who signed for it, can invite.")
            invitation = fold(ledger, now).invitations.get(invitation_id)
            if row is None or invitation is None:
                raise EntryUnknown("This invitation was used or taken back.")
            secret = new_secret()
            values = {"token_sha256": at_rest(secret), "expires_at": now + LINK_LIFE}
            once = update(CompanyInvitation).where(
                CompanyInvitation.id == invitation_id, CompanyInvitation.used.is_(False)
            )
            if changed_rows(session, once.values(**values)) != 1:
                raise EntryUnknown("This invitation was used or taken back.")
            info = info_of(session, session.get_one(Company, row.company_id))
            url = join_address(self._desk.ports.settings.origin, secret)
            language = mail_language(session, actor.contributor_id)
            told = invitation_letter(info, invitation_id, invitation.email, url, now + LINK_LIFE, language)
            self._desk.outbox.to_address(session, told, invitation.email)
        return secret

    @property
    def mailed(self) -> bool:
        """Whether a new link is mailed to who is invited."""
        return self._desk.outbox.on

    def invited(self, token: str) -> Invited:
        """The invitation whose link has this secret; raises `InvitationInvalid`."""
        now = self._desk.now()
        with self._desk.ports.db.read() as session:
            query = select(CompanyInvitation).where(CompanyInvitation.token_sha256 == at_rest(token))
            row = session.scalar(query)
            if row is None or row.used or row.expires_at is None or row.expires_at <= now:
                raise InvitationInvalid("This link was used, is over, or was replaced by a newer one.")
            invitation = fold(ledger_of(session, row.company_id), now).invitations.get(row.id)
            if invitation is None:
                raise InvitationInvalid("The company has taken this invitation back.")
            info = info_of(session, session.get_one(Company, row.company_id))
        return Invited(info, row.id, invitation.email, row.expires_at)

    def draft_join(self, actor: Actor, token: str, key_holder: str) -> SigningInfo:
        """The step by which an invited person becomes a manager.

        Raises `InvitationInvalid`, and as `CompanyService.draft_change`.
        """
        invited = self.invited(token)
        change = ManagerJoined(invited.invitation_id)
        return draft(self._desk, Wanted(actor, invited.info.id, change, "", key_holder))


def cut_short(session: Session, over: datetime) -> None:
    """End the links of invitations, of which a manager makes new ones: the clock was set back."""
    late = CompanyInvitation.expires_at > over
    session.execute(update(CompanyInvitation).where(late).values(expires_at=over))
