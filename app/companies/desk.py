# SPDX-License-Identifier: Apache-2.0
"""What the services of companies share: signing with its ports, the staff, and who has a part in a company."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.companies.addresses import compared
from app.companies.changes import Account
from app.companies.errors import CompanyUnknown
from app.companies.ledgers import ledger_of, persons_of
from app.companies.models import Company
from app.companies.roster import Ledger, Person, fold
from app.companies.telling import roles_in
from app.companies.values import Role
from app.identity import memberships
from app.identity.ports import Actor
from app.mail.outbox import Outbox
from app.platform.clock import is_id
from app.projects.staff import StaffService
from app.signing.ports import Ports
from app.signing.service import SigningService


@dataclass(frozen=True, slots=True)
class Desk:
    """Signing and its ports; `staff` tells who acts for a foundation, `outbox` takes what is told by mail."""

    signing: SigningService
    staff: StaffService
    outbox: Outbox

    @property
    def ports(self) -> Ports:
        return self.signing.ports

    def now(self) -> datetime:
        return self.ports.clock.now()

    def part(
        self, session: Session, actor: Actor, company_id: str, now: datetime
    ) -> tuple[Company, Ledger, frozenset[Role]]:
        """The company, if this person has a part in it; raises `CompanyUnknown`."""
        # The same statements whether there is such a company or not, so that time tells a stranger nothing.
        row, ledger = session.get(Company, company_id if is_id(company_id) else ""), ledger_of(session, company_id)
        persons = persons_of(session, actor.contributor_id)
        hosted = {each.id for each in self.staff.foundations_of(actor.provider, actor.subject)}
        roles = roles_in(fold(ledger, now), ledger, persons)
        if row is not None and row.foundation_id in hosted:
            roles |= {"staff"}
        if row is None or not roles:
            raise CompanyUnknown("You have no part in a company of that id.")
        return row, ledger, roles


def person_of(session: Session, actor: Actor) -> Person:
    """The signed-in person as companies compare people."""
    account, known = Account(actor.provider, actor.subject), memberships.of_contributor(session, actor.contributor_id)
    confirmed = known.get((actor.provider, actor.subject), ())
    return Person(actor.contributor_id, account, compared(actor.email), confirmed)
