# SPDX-License-Identifier: Apache-2.0
"""Who may see a contribution whose embargo lasts or whose hazard class keeps it from the public.

Its giver, the people named for it and those of the foundation's staff who are appointed to handle reports always may,
and for what was given for a company those who act for it; other staff may not. Named people are e-mail addresses that a
provider has verified; they stand here, in a side table, never in a statement, and go when they are removed.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, load_only

from app.contributions.bound import is_bound
from app.contributions.errors import ContributionHidden, ContributionUnknown, NoLongerYours, ReaderUnfit
from app.contributions.models import Contribution, ContributionReader
from app.contributions.queries import Hit
from app.identity.ports import Actor
from app.platform.clock import is_id
from app.platform.db import Database
from app.projects.models import Project
from app.projects.staff import handles_reports
from app.signing.ending import may_end
from app.signing.models import Signing
from app.signing.ports import Ports
from mcla.terms.secrecy import Audience, Secrecy
from mcla.wording import Joined, Worded

MOST_READERS = 50
_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.ASCII)
_WORDS = {
    "named": "its giver, the people named for it and those who handle reports for the foundation",
    "signers": "people who are bound by an agreement with its foundation",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """To whom a contribution is shown now, and until when there is an embargo (None: there is none any more)."""

    audience: Audience
    until: date | None

    @property
    def public(self) -> bool:
        return self.audience == "everybody"


def shown(row: Contribution | Hit, now: datetime) -> Shown:
    """To whom a contribution is shown at a moment."""
    secrecy, lifted = Secrecy(row.hidden_until, row.hazard), row.lifted_at is not None and row.lifted_at <= now
    until = secrecy.until if secrecy.under_embargo(now) and not lifted else None
    return Shown(secrecy.audience(now, lifted=lifted), until)


def check_may_see(session: Session, ports: Ports, row: Contribution, actor: Actor | None) -> Shown:
    """To whom the contribution is shown, if the caller is one of them; raises `ContributionHidden`."""
    found = shown(row, now := ports.clock.now())
    if not found.public and not _may_see(session, ports, row, actor, found.audience, now):
        until = found.until.isoformat() if found.until else None
        words: list[str] = [
            Worded("This contribution is shown only to %(audience)s.", audience=Worded(_WORDS[found.audience]))
        ]
        if found.until and row.hazard == "none":
            words.append(Worded("Everybody else sees it from %(day)s on.", day=found.until))
        raise ContributionHidden(Joined(" ", words), until=until)
    return found


def _may_see(
    session: Session, ports: Ports, row: Contribution, actor: Actor | None, audience: Audience, now: datetime
) -> bool:
    if actor is None:
        return False
    if actor.contributor_id == row.contributor_id or _decides(
        session, ports, row, session.get_one(Signing, row.signing_id), actor
    ):
        return True
    foundation = session.get_one(Project, row.project_id).foundation_id
    if handles_reports(session, foundation, actor.provider, actor.subject):
        return True
    if actor.email and session.get(ContributionReader, (row.id, actor.email.casefold())) is not None:
        return True
    return audience == "signers" and is_bound(session, actor.contributor_id, foundation, now)


def _decides(session: Session, ports: Ports, row: Contribution, signing: Signing, actor: Actor) -> bool:
    """Whether the caller may take it back: its giver, for a company while listed, or who acts for the company."""
    own = row.contributor_id == actor.contributor_id
    return may_end(session, ports, signing, actor.contributor_id, ports.clock.now(), own=own)


class Seeing:
    """What whoever may take a contribution back decides about who may see it."""

    def __init__(self, db: Database, ports: Ports) -> None:
        self._db, self._ports = db, ports

    def decides(self, actor: Actor, contribution_id: str) -> bool:
        """Whether the caller decides about who may see a contribution."""
        with self._db.read() as session:
            row = session.get(Contribution, contribution_id) if is_id(contribution_id) else None
            return row is not None and _decides(
                session, self._ports, row, session.get_one(Signing, row.signing_id), actor
            )

    def readers(self, actor: Actor, contribution_id: str) -> list[str]:
        """The addresses named for a contribution that the caller decides about.

        Raises `ContributionUnknown` for one of somebody else, or `NoLongerYours`.
        """
        query = select(ContributionReader.email).where(ContributionReader.contribution_id == contribution_id)
        with self._db.read() as session:
            _check_own(session, self._ports, actor, contribution_id)
            return list(session.scalars(query.order_by(ContributionReader.email)))

    def name(self, actor: Actor, contribution_id: str, email: str) -> None:
        """Let the person with this verified address see it; again changes nothing. Raises also `ReaderUnfit`."""
        address = email.strip().casefold()
        if len(address) > 254 or not _ADDRESS.fullmatch(address):
            raise ReaderUnfit("That is not an e-mail address: expected something like name@example.org.")
        count = select(func.count()).where(ContributionReader.contribution_id == contribution_id)
        with self._db.write() as session:
            _check_own(session, self._ports, actor, contribution_id)
            if session.get(ContributionReader, (contribution_id, address)) is not None:
                return
            if session.scalar(count) >= MOST_READERS:  # type: ignore[operator]
                raise ReaderUnfit(
                    Worded("%(most_readers)s people are named already; remove one first.", most_readers=MOST_READERS)
                )
            now = self._ports.clock.now()
            session.add(ContributionReader(contribution_id=contribution_id, email=address, added_at=now))

    def remove(self, actor: Actor, contribution_id: str, email: str) -> None:
        """Take the address away from the next request on, and forget it."""
        reader = ContributionReader
        with self._db.write() as session:
            _check_own(session, self._ports, actor, contribution_id)
            if "\0" in email:  # names nobody, and PostgreSQL has no text with a NUL in it
                return
            session.execute(
                delete(reader).where(reader.contribution_id == contribution_id, reader.email == email.casefold())
            )

    def lift(self, actor: Actor, contribution_id: str) -> None:
        """End the embargo now, for good; the hazard class stays as it is."""
        row = Contribution
        with self._db.write() as session:
            _check_own(session, self._ports, actor, contribution_id)
            lifted = update(row).where(row.id == contribution_id, row.lifted_at.is_(None))
            session.execute(lifted.values(lifted_at=self._ports.clock.now()))


def _check_own(session: Session, ports: Ports, actor: Actor, contribution_id: str) -> None:
    """Raise unless the caller decides; in one statement whether it is nobody's or somebody else's.

    Of both rows it reads what it needs to say so: a whole list of files would tell by its time that there is one.
    """
    query = select(Contribution, Signing).join(Signing, Signing.id == Contribution.signing_id)
    query = query.options(load_only(Contribution.contributor_id), load_only(Signing.statement))
    found = (
        session.execute(query.where(Contribution.id == contribution_id)).one_or_none()
        if is_id(contribution_id)
        else None
    )
    if found is None or not _decides(session, ports, *found, actor):
        if found is not None and found[0].contributor_id == actor.contributor_id:
            raise NoLongerYours("You act for this company no more, so you do not decide who sees what it gave.")
        raise ContributionUnknown("You have no contribution of that id.")
