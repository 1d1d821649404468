# SPDX-License-Identifier: Apache-2.0
"""What the way of a signature needs from others, in one value that its modules share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.agreements.render import Consent
from app.agreements.service import AgreementService, PublishedVersion
from app.identity.ports import Actor
from app.identity.service import IdentityService
from app.log.service import LogReceipt
from app.passkeys.service import PasskeyService
from app.platform.clock import Clock
from app.platform.db import Database
from app.platform.keys import KeysNow, ServiceKeys
from app.platform.settings import Settings
from app.projects.service import ProjectService
from app.signing.models import Signing
from app.signing.steady import SteadyClock
from app.signing.trust import trusted_root
from app.signing.values import CompanyFacts
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef
from mcla.statements.statement import AnyStatement, Contribution
from mcla.verify.trust import TrustedRoot

__all__ = ["Actor", "Companies", "CompanyPath", "Log", "Outcomes", "Ports", "Recorded"]


class Log(Protocol):
    """The log, as far as signing uses it: appending the same bytes again answers the same index.

    `for_readers` completes a receipt that is given out.
    """

    def append(self, bodies: Sequence[bytes]) -> list[LogReceipt]: ...

    def for_readers(self, receipt: LogReceipt) -> LogReceipt: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A signing that is in the log, with all that its outcome is made of."""

    signing: Signing
    statement: AnyStatement
    contributor_id: str
    log_index: int
    bundle: Mapping[str, Any]
    signed_at: datetime


class Outcomes(Protocol):
    """What comes of a signing beyond its signature: contributions and records, which lie above this noun."""

    def given_before(
        self, session: Session, signer_id: str, project_id: str, kind: str, manifest_root: str, now: datetime
    ) -> str | None:
        """The id of the contribution of exactly these files by this signer to this project, if there is one that
        counts or may still count."""
        ...

    def stored(self, session: Session, signing_id: str) -> tuple[int, Mapping[str, Any]] | None:
        """Log index and bundle of the contribution that came of a signing."""
        ...

    def record_id(self, session: Session, signing_id: str) -> str | None:
        """The id of a complete signing's record, None for a withdrawal; it cannot be computed from any other id."""
        ...

    def store(self, session: Session, recorded: Recorded) -> None:
        """Store what comes of it, in the caller's transaction; nothing comes of a withdrawal beyond itself."""
        ...


@dataclass(frozen=True, slots=True)
class CompanyPath:
    """On what a person gives for a company: the version that it accepted, and the record of that; and which it is."""

    agreement_version_id: str
    acceptance: AcceptanceRef
    name: str
    jurisdiction: str
    registration: str


@dataclass(frozen=True, slots=True)
class Gift:
    """What is given for a company: project, kind, manifest root (64 hex) and the answers, as the statement has them.

    `agreement` is the one for these files alone under which they are offered, None for what the company accepted.
    """

    project: str
    kind: str
    root: str
    declarations: Mapping[str, Any]
    agreement: str | None = None


class Companies(Protocol):
    """What a statement that is made for a company needs beyond its signature: companies lie above this noun.

    Everything runs in the caller's transaction and raises an error of `app.companies.errors`.
    """

    def refuse_acceptance(
        self, session: Session, company: CompanyFacts, published: PublishedVersion, contributor_id: str
    ) -> None:
        """Raise if this person cannot sign this version for this company."""
        ...

    def path(self, session: Session, contributor_id: str, company_id: str, kind: str, now: datetime) -> CompanyPath:
        """On what this person may give this kind for the company now."""
        ...

    def affiliation(
        self, session: Session, contributor_id: str, company_id: str, gift: Gift, now: datetime
    ) -> AffiliationRef:
        """The records that let this person give exactly this: the own confirmation, and a release if one is asked."""
        ...

    def may_take_back(
        self, session: Session, given: Contribution, contributor_id: str, now: datetime, *, giver: bool
    ) -> bool:
        """Whether this person may take back for the company what was given for it; its `giver` while still listed."""
        ...

    def hold(self, session: Session, statement: AnyStatement) -> None:
        """Let nobody change the company that this was given for until the transaction ends; nothing for other
        statements."""
        ...

    def sign(self, session: Session, row: Signing, statement: AnyStatement, now: datetime) -> None:
        """Ask everything again under the company's lock, and store the change or acceptance that is signed now."""
        ...

    def record(self, session: Session, recorded: Recorded) -> None:
        """Keep log index and bundle of a change."""
        ...

    def outcome(self, session: Session, signing_id: str) -> tuple[str, int, Mapping[str, Any]] | None:
        """Company, log index and bundle of the change that came of a signing."""
        ...

    def consent(self, document: bytes, beside: str) -> Consent:
        """The words beside the box and the button for a change."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The collaborators of signing. `clock` dates rows; `steady` dates what is certified and signed."""

    db: Database
    clock: Clock
    steady: SteadyClock
    settings: Settings
    keys_now: KeysNow
    log: Log
    agreements: AgreementService
    projects: ProjectService
    identity: IdentityService
    outcomes: Outcomes
    passkeys: PasskeyService
    companies: Companies

    @property
    def keys(self) -> ServiceKeys:
        """The keys as they are now; take them once for what must fit together."""
        return self.keys_now()

    @property
    def trust(self) -> TrustedRoot:
        """The service's trust file as it is now."""
        return trusted_root(self.keys_now(), self.settings)
