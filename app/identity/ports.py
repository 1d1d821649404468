# SPDX-License-Identifier: Apache-2.0
"""What the identity noun promises to others and asks of a provider: values and the `Provider` port.

`VerifiedClaims` is made by an adapter after every check of its protocol has passed, and by nothing else.
An identity is (provider, subject); name, login and e-mail are attributes that may change at every sign-in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

Params = Mapping[str, Sequence[str]]
"""The query of a callback, each name with all of its values, so that a repeated one can be refused."""


@dataclass(frozen=True, slots=True)
class VerifiedClaims:
    """What a provider proved about the person who signed in."""

    provider: str
    subject: str
    """1 to 255 characters, opaque; for GitHub and GitLab the decimal account number."""
    name: str = ""
    login: str = ""
    email: str | None = None
    """Only an address that the provider says is verified."""


@dataclass(frozen=True, slots=True)
class OrganisationTold:
    """An organisation that a provider names somebody a member of: `number` outlives every name, `name` is a label.

    `number` is the provider's id of it, 1 to 255 characters, decimal or opaque.
    """

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class ConfirmedMembership:
    """What a provider confirmed of an account, and when."""

    provider: str
    organisation: str
    name: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class FlowSecrets:
    """The three secrets of one walk to a provider (RFC 6749 state, OIDC nonce, RFC 7636 verifier)."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request, by a browser session (`session_id`) or by an access token."""

    contributor_id: str
    identity_id: str
    person_detail_id: str
    provider: str
    subject: str
    name: str
    login: str
    email: str | None
    session_id: str | None
    signed_in_at: datetime
    address: str = field(default="", repr=False)
    """The IP address that this request came from, where there is a request."""
    agent: str = field(default="", repr=False)
    """What the browser or program of this request calls itself."""


@dataclass(frozen=True, slots=True)
class Started:
    """Where a browser is sent to sign in."""

    url: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that succeeded: the new session's secret, for the cookie, and the page to go on with."""

    session_secret: str
    next_path: str
    linked: bool


class Provider(Protocol):
    """One identity provider. It proves who somebody is; it decides nothing about what they may do."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def reads(self) -> str:
        """What is read from the account, in plain words, for the button's caption."""
        ...

    def authorization_url(self, flow: FlowSecrets) -> str:
        """The address that a browser is sent to; raises `ProviderUnreachable` or `ProviderAnswerInvalid`."""
        ...

    def finish(self, params: Params, flow: FlowSecrets) -> VerifiedClaims:
        """Check a callback whose `state` was already matched; raises an `IdentityError`."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedAssertion:
    """An id token that was presented by itself, checked in full, with what makes it usable once."""

    claims: VerifiedClaims
    sha256: str
    """Digest of the bytes that were signed, so that a re-encoded signature is the same token."""
    expires_at: datetime


class AssertionProvider(Provider, Protocol):
    """A provider whose id tokens are accepted from a command line (RFC 7523)."""

    @property
    def issuer(self) -> str: ...

    @property
    def client_id(self) -> str: ...

    @property
    def sigstore(self) -> bool:
        """Whether tokens made for the audience of Sigstore clients are accepted too."""
        ...

    def check_assertion(self, token: str, audience: str | None = None) -> CheckedAssertion:
        """Check a token made for `audience`, by default our own registration; raises an `IdentityError`."""
        ...


@runtime_checkable
class OrganisationProvider(Protocol):
    """A provider that can be asked of which organisations somebody is a member, by a walk of its own."""

    def membership_url(self, flow: FlowSecrets) -> str:
        """As `authorization_url`, with the least scope by which the provider tells memberships."""
        ...

    def finish_membership(self, params: Params, flow: FlowSecrets) -> tuple[VerifiedClaims, list[OrganisationTold]]:
        """As `finish`, and every organisation that has this account as an active member; raises if it is not told."""
        ...
