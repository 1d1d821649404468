# SPDX-License-Identifier: Apache-2.0
"""PasskeyService: adding, listing and removing a person's passkeys, and remembering that one was used.

A passkey belongs to a signer, which is a person towards one foundation. It never signs anybody in: it confirms single
statements, and whoever holds it still needs the session.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.identity.models import Signer
from app.identity.ports import Actor
from app.identity.service import LINK_WINDOW, IdentityService
from app.identity.sql import changed_rows, insert_if_absent
from app.passkeys.errors import (
    NoPasskeysHere,
    PasskeyCloned,
    PasskeyKnown,
    PasskeyUnknown,
    RegistrationUnknown,
    SignInTooOld,
    TooManyPasskeys,
)
from app.passkeys.models import Passkey, PasskeyChallenge
from app.passkeys.registration import NewCredential, read_new_credential
from app.passkeys.values import PasskeyInfo, Registration
from app.platform.clock import Clock, is_id, new_id
from app.platform.db import Database
from app.platform.settings import Settings
from app.projects.models import Foundation
from app.projects.service import ProjectService
from mcla.artifacts.digest import sha256_hex
from mcla.envelope.webauthn import read_client_data, rp_id_of
from mcla.wording import Worded

REGISTRATION_LIFE = timedelta(minutes=5)
MOST = 8
"""Live passkeys of one signer."""


class PasskeyService:
    """The use cases of passkeys; all of them are the owner's alone."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, identity: IdentityService, projects: ProjectService
    ) -> None:
        self._db, self._clock, self._identity, self._projects = db, clock, identity, projects
        self._origin, self.rp_id = settings.origin, rp_id_of(settings.origin)

    @property
    def offered(self) -> bool:
        """Whether browsers make passkeys for this origin: it has a host name, not an address."""
        try:
            ipaddress.ip_address(self.rp_id)
        except ValueError:
            return True
        return False

    # registration

    def begin(self, actor: Actor, foundation_slug: str) -> Registration:
        """Begin to add a passkey; raises `NoPasskeysHere`, `SignInTooOld`, `FoundationUnknown`, `TooManyPasskeys`."""
        now = self._clock.now()
        if not self.offered:
            raise NoPasskeysHere(
                Worded("The service's address %(rp_id)s is no host name, so it cannot have passkeys.", rp_id=self.rp_id)
            )
        if now - actor.signed_in_at > LINK_WINDOW:
            raise SignInTooOld("You signed in more than ten minutes ago, too long for adding a passkey.")
        foundation = self._projects.foundation(foundation_slug)
        challenge = secrets.token_bytes(32)
        with self._db.write() as session:
            session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
            signer = self._identity.signer_for(session, actor.contributor_id, foundation.id)
            known = tuple(row.credential_id for row in _live(session, signer.id))
            _refuse_more(len(known))
            expires = now + REGISTRATION_LIFE
            values = {"challenge_sha256": sha256_hex(challenge), "contributor_id": actor.contributor_id}
            session.add(PasskeyChallenge(**values, foundation_id=foundation.id, expires_at=expires))
        return Registration(challenge, self.rp_id, foundation.name, secrets.token_bytes(32), known)

    def register(self, actor: Actor, client_data: bytes, authenticator_data: bytes) -> PasskeyInfo:
        """Take the browser's answer to `begin`; the challenge is used up with it.

        Raises a `WebauthnRefused` of `mcla.envelope.webauthn`, `RegistrationUnknown`, `TooManyPasskeys` or
        `PasskeyKnown`.
        """
        challenge = read_client_data(client_data, "webauthn.create", self._origin)
        made = read_new_credential(authenticator_data, self.rp_id)
        with self._db.write() as session:
            foundation = self._take(session, actor, challenge)
            signer = self._identity.signer_for(session, actor.contributor_id, foundation.id)
            _refuse_more(len(_live(session, signer.id)))
            row = self._row(signer.id, made)
            if not insert_if_absent(session, row):
                raise PasskeyKnown("This passkey is registered already.")
            return _info(row, foundation.name)

    def _take(self, session: Session, actor: Actor, challenge: bytes) -> Foundation:
        """Use up a registration of this person; of two callers at once one finds nothing left."""
        row = session.get(PasskeyChallenge, sha256_hex(challenge))
        mine = row is not None and row.contributor_id == actor.contributor_id and row.expires_at > self._clock.now()
        once = delete(PasskeyChallenge).where(PasskeyChallenge.challenge_sha256 == sha256_hex(challenge))
        if row is None or not mine or session.scalar(once.returning(PasskeyChallenge.foundation_id)) is None:
            raise RegistrationUnknown("You have no registration under way with this challenge; each is used once.")
        return session.get_one(Foundation, row.foundation_id)

    def _row(self, signer_id: str, made: NewCredential) -> Passkey:
        return Passkey(
            id=new_id("pky"),
            signer_id=signer_id,
            credential_sha256=hashlib.sha256(made.credential_id).hexdigest(),
            credential_id=made.credential_id,
            public_key=made.public_key,
            fingerprint=sha256_hex(made.public_key),
            counter=made.counter,
            created_at=self._clock.now(),
        )

    # the owner's list

    def mine(self, contributor_id: str) -> list[PasskeyInfo]:
        """A person's live passkeys for every foundation, oldest first."""
        return self._infos(Signer.contributor_id == contributor_id)

    def of_signer(self, signer_id: str) -> list[PasskeyInfo]:
        """A signer's live passkeys, oldest first: these can confirm a statement of this signer's."""
        return self._infos(Passkey.signer_id == signer_id)

    def remove(self, actor: Actor, passkey_id: str) -> None:
        """Take one of the person's own out of use; what it confirmed stays confirmed. Raises `PasskeyUnknown`."""
        signers = select(Signer.id).where(Signer.contributor_id == actor.contributor_id)
        theirs = update(Passkey).where(Passkey.id == passkey_id, Passkey.signer_id.in_(signers))
        once = theirs.where(Passkey.removed_at.is_(None)).values(removed_at=self._clock.now())
        with self._db.write() as session:
            if not is_id(passkey_id) or changed_rows(session, once) != 1:
                raise PasskeyUnknown("You have no passkey of that id.")

    def _infos(self, *conditions: ColumnElement[bool]) -> list[PasskeyInfo]:
        query = select(Passkey, Foundation.name).join(Signer, Signer.id == Passkey.signer_id)
        query = query.join(Foundation, Foundation.id == Signer.foundation_id)
        query = query.where(Passkey.removed_at.is_(None), *conditions).order_by(Passkey.created_at, Passkey.id)
        with self._db.read() as session:
            return [_info(row, name) for row, name in session.execute(query)]

    # use

    def used(self, session: Session, signer_id: str, fingerprint: str, counter: int) -> None:
        """Note in the caller's transaction that a passkey confirmed something; `counter` is what it said.

        Raises `PasskeyUnknown` (removed meanwhile) or `PasskeyCloned` (section 7.2, step 22).
        """
        live = Passkey.signer_id == signer_id, Passkey.fingerprint == fingerprint, Passkey.removed_at.is_(None)
        ahead = or_(Passkey.counter < counter, Passkey.counter + counter == 0)
        once = update(Passkey).where(*live, ahead).values(counter=counter, last_used_at=self._clock.now())
        if changed_rows(session, once) == 1:
            return
        if session.scalar(select(func.count()).select_from(Passkey).where(*live)) == 0:
            raise PasskeyUnknown("You have no such passkey any more; nothing was signed.")
        raise PasskeyCloned("The passkey's count of signatures did not go up; nothing was signed.")


def _live(session: Session, signer_id: str) -> Sequence[Passkey]:
    live = select(Passkey).where(Passkey.signer_id == signer_id, Passkey.removed_at.is_(None))
    return session.scalars(live).all()


def _refuse_more(held: int) -> None:
    if held >= MOST:
        raise TooManyPasskeys(Worded("You have %(held)s passkeys for this foundation already.", held=held))


def _info(row: Passkey, foundation: str) -> PasskeyInfo:
    return PasskeyInfo(
        id=row.id,
        foundation=foundation,
        credential_id=row.credential_id,
        public_key=row.public_key,
        fingerprint=row.fingerprint,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


def cut_short(session: Session, over: datetime) -> None:
    """End every registration that is under way: the clock was set back, so their ends came no nearer."""
    session.execute(update(PasskeyChallenge).where(PasskeyChallenge.expires_at > over).values(expires_at=over))
