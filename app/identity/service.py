# SPDX-License-Identifier: Apache-2.0
"""IdentityService: sign-in flows, sessions, linked accounts and the people behind them.

Every secret is random, stored as a digest, short-lived and used once by an atomic update. A flow belongs to the
browser that began it; two identities become one person only when that person signs in with both within ten minutes.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx2
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.identity import memberships, people, sessions
from app.identity.callback import single
from app.identity.errors import (
    CallbackInvalid,
    FlowInvalid,
    IdentityError,
    IdentityUnknown,
    LinkRefused,
    MembershipUntold,
    ProviderUnknown,
)
from app.identity.models import Identity, LoginFlow, PersonDetail, Signer, WebSession
from app.identity.ports import (
    Actor,
    ConfirmedMembership,
    Finished,
    FlowSecrets,
    OrganisationProvider,
    OrganisationTold,
    Params,
    Provider,
    Started,
    VerifiedClaims,
)
from app.identity.providers import build_providers
from app.identity.secret import at_rest, new_secret
from app.identity.sql import changed_rows
from app.identity.tokens import TokenDesk
from app.identity.urls import safe_next_path
from app.platform.clock import Clock, is_id
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.platform.settings import Settings
from app.projects.changed import EVERYWHERE, note_change
from mcla.wording import Worded

FLOW_LIFE = timedelta(minutes=10)
FORGET_AFTER = timedelta(hours=1)
"""How long a flow that is over is kept, so that a late callback still hears why."""
LINK_WINDOW = timedelta(minutes=10)
log = logging.getLogger("mcla.identity")


class IdentityService:
    """The use cases of identity. `transport` carries the requests to providers; None means the network."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        watch: ClockWatch,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._db, self._clock, self._watch = db, clock, watch
        self.providers: Mapping[str, Provider] = build_providers(settings, clock, transport)
        self._session_life = timedelta(hours=settings.session_hours)
        self.tokens = TokenDesk(db, clock, watch, self.providers)

    # sign-in

    def begin(
        self,
        provider: str,
        browser_secret: str,
        next_path: str | None = None,
        link_actor: Actor | None = None,
        organisation: str | None = None,
    ) -> Started:
        """Start a walk to a provider, which may ask for the membership in the `organisation` of this name too.

        Raises `ProviderUnknown`, `ProviderUnreachable`, `LinkRefused` or `MembershipUntold`.
        """
        self._watch.look()
        adapter, now = self._provider(provider), self._clock.now()
        if link_actor is not None:
            self._check_may_link(link_actor, link_actor.contributor_id, now)
        flow = FlowSecrets(state=new_secret(), nonce=new_secret(), code_verifier=secrets.token_urlsafe(48))
        # The network first: no transaction waits for a stranger.
        url = adapter.authorization_url(flow) if organisation is None else _asking(adapter).membership_url(flow)
        with self._db.write() as session:
            session.execute(delete(LoginFlow).where(LoginFlow.expires_at <= now - FORGET_AFTER))
            session.add(
                LoginFlow(
                    state_sha256=at_rest(flow.state),
                    provider=provider,
                    browser_sha256=at_rest(browser_secret),
                    nonce=flow.nonce,
                    code_verifier=flow.code_verifier,
                    next_path=safe_next_path(next_path),
                    link_contributor_id=link_actor.contributor_id if link_actor else None,
                    organisation=organisation,
                    created_at=now,
                    expires_at=now + FLOW_LIFE,
                )
            )
        return Started(url)

    def finish(
        self,
        provider: str,
        params: Params,
        browser_secret: str,
        *,
        session_secret: str | None = None,
        browser: str = "",
        language: str | None = None,
    ) -> Finished:
        """Finish a walk: match the state, let the adapter check the rest, begin a session with a new secret.

        `session_secret` is the browser's present session, which ends; `browser` is its label; `language` the tag of the
        one that its pages speak. Raises `IdentityError`s.
        """
        adapter = self._provider(provider)
        state = single(params, "state")
        if state is None:
            raise CallbackInvalid(
                "The provider's answer carries no state, so it cannot belong to a sign-in begun here."
            )
        flow = self._take_flow(provider, state, browser_secret)
        actor = self.actor_of_session(session_secret) if session_secret else None
        try:
            if flow.link_contributor_id is not None:
                self._check_may_link(actor, flow.link_contributor_id, self._clock.now())
            secrets_of_flow = FlowSecrets(state, flow.nonce, flow.code_verifier)
            if flow.organisation is None:
                claims, told = adapter.finish(params, secrets_of_flow), None
            else:
                claims, told = _asking(adapter).finish_membership(params, secrets_of_flow)
            return self._complete(flow, claims, told, actor, session_secret, browser, language)
        except IdentityError as error:
            error.next_path = flow.next_path
            raise

    def start_session(self, claims: VerifiedClaims, browser: str = "") -> str:
        """Sign in the person of these verified claims; returns the new session's secret."""
        self._watch.look()
        now = self._clock.now()
        with self._db.write() as session:
            identity = people.record_sign_in(session, claims, now)
            return sessions.begin(session, identity.id, browser, now, now + self._session_life)

    def _complete(
        self,
        flow: LoginFlow,
        claims: VerifiedClaims,
        told: list[OrganisationTold] | None,
        actor: Actor | None,
        old_secret: str | None,
        browser: str,
        language: str | None,
    ) -> Finished:
        now = self._clock.now()
        with self._db.write() as session:
            if flow.link_contributor_id is not None and actor is not None:
                identity = people.link_identity(session, claims, flow.link_contributor_id, now)
                log.info("identity linked contributor=%s identity=%s", flow.link_contributor_id, identity.id)
                identity_id, signed_in_at = actor.identity_id, actor.signed_in_at  # the account shown stays the same
            else:
                identity_id, signed_in_at = people.record_sign_in(session, claims, now).id, now
            if language is not None:
                people.write_in(session, session.get_one(Identity, identity_id).contributor_id, language)
            if told is not None:
                memberships.record(session, identity_id, told, flow.organisation or "", now)
            if told is not None or flow.link_contributor_id is not None:
                note_change(session, self._clock, EVERYWHERE)
            if old_secret:
                sessions.end_secret(session, old_secret, now)
            secret = sessions.begin(session, identity_id, browser, signed_in_at, signed_in_at + self._session_life)
        return Finished(secret, flow.next_path, linked=flow.link_contributor_id is not None)

    def _take_flow(self, provider: str, state: str, browser_secret: str) -> LoginFlow:
        """Use up the flow of a state; the same statement checks browser, provider, time and first use."""
        self._watch.look()
        now, digest = self._clock.now(), at_rest(state)
        take = update(LoginFlow).where(
            LoginFlow.state_sha256 == digest,
            LoginFlow.provider == provider,
            LoginFlow.browser_sha256 == at_rest(browser_secret),
            LoginFlow.used_at.is_(None),
            LoginFlow.expires_at > now,
        )
        with self._db.write() as session:
            if changed_rows(session, take.values(used_at=now)) == 1:
                return session.get_one(LoginFlow, digest)
            raise FlowInvalid(_why_not(session.get(LoginFlow, digest), provider, browser_secret))

    def _check_may_link(self, actor: Actor | None, contributor_id: str, now: datetime) -> None:
        if actor is None or actor.session_id is None or actor.contributor_id != contributor_id:
            raise LinkRefused("Linking needs you to be signed in here with the account you already use.")
        if now - actor.signed_in_at > LINK_WINDOW:
            raise LinkRefused("You signed in more than ten minutes ago, which is too long for linking another account.")

    def _provider(self, name: str) -> Provider:
        try:
            return self.providers[name]
        except KeyError:
            raise ProviderUnknown(
                Worded("No provider named %(clean)s is set up here.", clean=repr(people.clean(name, 40)))
            ) from None

    # sessions

    def actor_of_session(self, secret: str) -> Actor | None:
        """The person of a session cookie, read from the database every time, so that ending it acts at once."""
        self._watch.look()
        now = self._clock.now()
        with self._db.read() as session:
            row = sessions.find(session, secret, now)
            actor = sessions.actor_of(session, row) if row else None
        if row is not None and now - row.last_seen_at >= sessions.SEEN_EVERY:
            with self._db.write() as session:
                sessions.touch(session, row.id, now)
        return actor

    def sessions(self, contributor_id: str) -> list[WebSession]:
        """A person's live sessions, newest first."""
        with self._db.read() as session:
            return sessions.live(session, contributor_id, self._clock.now())

    def end_session(self, contributor_id: str, session_id: str) -> None:
        """End one of the person's own sessions; raises `SessionUnknown` for any other id."""
        with self._db.write() as session:
            sessions.end(session, contributor_id, session_id, self._clock.now())

    def sign_out(self, secret: str) -> None:
        """End the session of this cookie; an unknown one is already over."""
        with self._db.write() as session:
            sessions.end_secret(session, secret, self._clock.now())

    def sign_out_everywhere(self, contributor_id: str) -> int:
        """End every session, token and code of a person; returns how many sessions that were."""
        with self._db.write() as session:
            ids = list(session.scalars(select(Identity.id).where(Identity.contributor_id == contributor_id)))
            return sessions.end_everything(session, ids, self._clock.now())

    # people

    def asks_membership(self, provider: str) -> bool:
        """Whether this provider can be asked of which organisations somebody is a member."""
        return isinstance(self.providers.get(provider), OrganisationProvider)

    def memberships(self, contributor_id: str) -> list[ConfirmedMembership]:
        """What providers confirmed of a person's accounts, by the organisations' names."""
        with self._db.read() as session:
            found = memberships.of_contributor(session, contributor_id)
        return sorted((each for one in found.values() for each in one), key=lambda each: (each.name, each.organisation))

    def write_in(self, contributor_id: str, language: str) -> None:
        """Write mails to this person in the language with this tag from now on."""
        with self._db.write() as session:
            people.write_in(session, contributor_id, language)

    def identities(self, contributor_id: str) -> list[tuple[Identity, PersonDetail | None]]:
        """A person's identities, oldest first, each with what its provider said last."""
        query = select(Identity).where(Identity.contributor_id == contributor_id)
        with self._db.read() as session:
            rows = list(session.scalars(query.order_by(Identity.created_at, Identity.id)))
            return [(row, people.newest_detail(session, row.id)) for row in rows]

    def unlink(self, actor: Actor, identity_id: str) -> None:
        """Separate one of the person's identities, other than the one in use; its sessions and tokens end."""
        now = self._clock.now()
        with self._db.write() as session:
            mine = select(Identity).where(Identity.id == identity_id, Identity.contributor_id == actor.contributor_id)
            identity = session.scalar(mine) if is_id(identity_id) else None
            if identity is None:
                raise IdentityUnknown("You have no linked account of that id.")
            if identity.id == actor.identity_id:
                raise LinkRefused(
                    "You are signed in with this account, so it cannot be separated now.",
                    hint="Sign in with one of your other accounts, then separate this one.",
                )
            sessions.end_everything(session, [identity.id], now)
            people.unlink_identity(session, identity, now)
            note_change(session, self._clock, EVERYWHERE)
        log.info("identity unlinked contributor=%s identity=%s", actor.contributor_id, identity_id)

    def signer_for(self, session: Session, contributor_id: str, foundation_id: str) -> Signer:
        """The contributor's opaque name towards one foundation, in the caller's transaction."""
        return people.signer_for(session, contributor_id, foundation_id, self._clock.now())

    def person_detail(self, session: Session, detail_id: str) -> PersonDetail:
        """One snapshot of what a provider said; raises `PersonDetailUnknown`."""
        return people.person_detail(session, detail_id)


def _asking(adapter: Provider) -> OrganisationProvider:
    if not isinstance(adapter, OrganisationProvider):
        raise MembershipUntold(
            Worded("%(label)s tells no service of which organisations somebody is a member.", label=adapter.label)
        )
    return adapter


def _why_not(flow: LoginFlow | None, provider: str, browser_secret: str) -> str:
    if flow is None:
        return "This sign-in was not begun here."
    if not hmac.compare_digest(flow.browser_sha256, at_rest(browser_secret)):
        return "This sign-in was begun in another browser, so it cannot be finished in this one."
    if flow.provider != provider:
        return "This sign-in was begun with another provider."
    if flow.used_at is not None:
        return "This sign-in was already used; each one works once."
    return "This sign-in took longer than ten minutes and is over."
