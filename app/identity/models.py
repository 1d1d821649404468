# SPDX-License-Identifier: Apache-2.0
"""Tables: contributors, identities, the one side table that holds personal data, sessions, flows and tokens.

Secrets (session ids, states, codes, tokens) are stored as SHA-256 only. Names and addresses live in
`person_detail` and nowhere else, so that erasing a row there leaves every proof valid.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.platform.db import Base, UtcDateTime


class Contributor(Base):
    """A person, as one or more linked identities."""

    __tablename__ = "contributor"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    language: Mapped[str | None] = mapped_column(String(35))
    """In which mails are written: that of the pages at the last sign-in, or chosen since (a BCP 47 tag)."""


class Identity(Base):
    """(provider, subject): the subject is the provider's numeric or opaque account id, never a login."""

    __tablename__ = "identity"
    # For many accounts at once, by a list of subjects: almost everybody has the same provider.
    __table_args__ = (UniqueConstraint("provider", "subject"), Index(None, "subject"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)
    provider: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormerLink(Base):
    """Whose an identity was before it was separated from a person: from `since` up to, not including, `until`.

    What is asked about that time is answered by it; today's owner stands in `identity`.
    """

    __tablename__ = "former_link"

    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"), index=True)


class PersonDetail(Base):
    """What a provider said of a person at one sign-in: a snapshot; a new row is made when it differs.

    `secret` is 32 random bytes that key the commitments made to this row (see `mcla.statements.commitment`);
    erasing the row makes those commitments meaningless.
    """

    __tablename__ = "person_detail"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), index=True)
    name: Mapped[str] = mapped_column(String(500))
    login: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    """Only an address that the provider said is verified."""
    email_lower: Mapped[str | None] = mapped_column(String(320), index=True)
    """The same in lower case, for finding; addresses are compared by `app.companies.addresses`."""
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @validates("email")
    def _index_email(self, _name: str, email: str | None) -> str | None:
        self.email_lower = email.lower() if email else None
        return email


class Membership(Base):
    """A provider's word that an account is a member of an organisation, kept as far as the person asked for it."""

    __tablename__ = "membership"

    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The provider's id of it, never its name."""
    name: Mapped[str] = mapped_column(String(255))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class MembershipEnd(Base):
    """When a provider that had confirmed a membership named it no more: what rested on it is over from then on."""

    __tablename__ = "membership_end"

    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(255), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)


class Signer(Base):
    """A contributor's opaque name towards one foundation: `<origin>/signers/<id>`; another foundation sees another."""

    __tablename__ = "signer"
    __table_args__ = (UniqueConstraint("contributor_id", "foundation_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributor.id"))
    foundation_id: Mapped[str] = mapped_column(ForeignKey("foundation.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebSession(Base):
    """A browser session; the cookie holds the secret, the row its SHA-256."""

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), index=True)
    browser: Mapped[str] = mapped_column(String(80))
    """A coarse label such as 'Firefox on Linux', for the owner's list."""
    signed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginFlow(Base):
    """One walk to a provider and back: bound to the browser that began it, used once."""

    __tablename__ = "login_flow"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32))
    browser_sha256: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(String(2000))
    link_contributor_id: Mapped[str | None] = mapped_column(ForeignKey("contributor.id"))
    """Set when a signed-in person links another identity."""
    organisation: Mapped[str | None] = mapped_column(String(255))
    """Set when the walk asks whether somebody is a member of the organisation of this name."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuthorizationCode(Base):
    """A one-use code for the command line (RFC 8252 loopback redirect, RFC 7636 S256)."""

    __tablename__ = "authorization_code"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"))
    redirect_uri: Mapped[str] = mapped_column(String(200))
    code_challenge: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccessToken(Base):
    """A short-lived token of the command line, acting as one identity; stored as SHA-256 only."""

    __tablename__ = "access_token"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    identity_id: Mapped[str] = mapped_column(ForeignKey("identity.id"), index=True)
    code_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """The authorization code it came of: a replay of that code ends it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedAssertion(Base):
    """An identity token that was exchanged for an access token (RFC 7523): remembered until it expires."""

    __tablename__ = "used_assertion"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
