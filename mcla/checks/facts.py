# SPDX-License-Identifier: Apache-2.0
"""What a service, or a folder of bundles, knows of the people and files of one change. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mcla.checks.answer import Basis, Found, KindAnswer, PolicyUsed, Said
from mcla.checks.people import ByAccount, ByAddress
from mcla.checks.policy import Policy
from mcla.statements.parts import KeyHolder, Kind
from mcla.terms.kinds import Letter
from mcla.verify.standing import AsOf, State

What = Literal["bot", "agent"]
Kinds = Mapping[Kind, KindAnswer]


@dataclass(frozen=True, slots=True)
class Exemption:
    """Somebody who is no person and need not sign, until a day; `reason` is shown to everybody."""

    what: What
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a provider has verified an address for: the person, as an opaque id, and the account."""

    person: str
    account: ByAccount


@dataclass(frozen=True, slots=True)
class OutboundTerms:
    """What an agreement version promises of the licences that files are passed on under (`[outbound]` of its terms).

    A promise of `unknown` says that its terms are not at hand.
    """

    promise: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A contribution to the project that lists a file, or has the same tensors.

    `proven`: its proof holds; `sentence` says why not, or how it stands. `open` is false for what an embargo or a
    hazard class hides: then only that it covers the file may be told. `size` is the file's there, None by tensors.
    """

    contribution: str
    kind: str
    schedule: Letter | None
    key_holder: KeyHolder
    basis: Basis
    outbound: OutboundTerms
    found: Found
    size: int | None
    proven: bool
    state: State
    sentence: str
    open: bool = True


LOOKUP_FAILED = Said(
    "unknown",
    "lookup-failed",
    "It could not be looked up whether this account is covered.",
    "Ask again in a minute; if it stays so, tell the operator of the service.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an answer is made of. What a mapping lacks was asked for and not found, but for `accounts`: an
    account that it lacks could not be looked up, and `unseen` says why.

    `addresses` is None where the asker may not ask by address. `persons` are opaque ids of the accounts' owners.
    `given` is by the digest of a file, `tensors` by tensor root.
    """

    project: str
    as_of: AsOf
    policy: Policy | None
    used: PolicyUsed
    accounts: Mapping[ByAccount, Kinds] = field(default_factory=dict)
    persons: Mapping[ByAccount, str] = field(default_factory=dict)
    addresses: Mapping[str, tuple[Owner, ...]] | None = None
    exempt: Mapping[ByAccount | ByAddress, Exemption] = field(default_factory=dict)
    given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    tensors: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    sign_urls: Mapping[Kind, str] = field(default_factory=dict)
    """Where a person signs for a kind."""
    give_urls: Mapping[Kind, str] = field(default_factory=dict)
    """Where files of a kind are given."""
    unseen: Said = LOOKUP_FAILED
