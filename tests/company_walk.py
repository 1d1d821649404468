# SPDX-License-Identifier: Apache-2.0
"""A company with its people, for tests: somebody signs for it, two managers join, somebody is listed and confirms.

Everybody signs with a key of their own through the real ceremony.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from signing_walk import PROJECT, file, finish
from sqlalchemy import select
from version_folders import substitute

from app.companies.changes import Account, AffiliationConfirmed, Change, Domain, EntryAdded, ManagerInvited
from app.companies.document import Document
from app.companies.facts import company_facts
from app.companies.models import CompanyEntry, CompanyEvent
from app.identity import memberships
from app.identity.ports import Actor, OrganisationTold, VerifiedClaims
from app.platform.clock import new_id
from app.signing.models import Signing
from app.signing.values import CompanyFacts, Completed
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import ManifestEntry

CORPORATE = "mcla-corporate"
EXAMPLE = company_facts("Example GmbH", "de", "HRB 1234 B", "Managing director", "by-register")
KINDS = ("code", "recipe", "weights")


def publish_corporate(services: Any, version: str = "1.0.0", *changes: tuple[str, str]) -> Any:
    """The agreement for companies, or a later version of it that differs in its number and in these terms."""
    with tempfile.TemporaryDirectory() as base:
        return services.agreements.publish(corporate(Path(base), version, *changes), "example")


def corporate(base: Path, version: str, *changes: tuple[str, str]) -> Path:
    """The folder of such a version."""
    folder = base / CORPORATE / version
    shutil.copytree(Path(__file__).resolve().parents[1] / "agreements" / CORPORATE / "1.0.0", folder)
    if version != "1.0.0":
        substitute(folder / "terms.toml", 'version = "1.0.0"', f'version = "{version}"')
    for old, new in changes:
        substitute(folder / "terms.toml", old, new)
    return folder


def somebody(services: Any, login: str, email: str | None = "", name: str = "") -> Actor:
    """A person who signed in; by default with the verified address `<login>@example.com`."""
    address = f"{login}@example.com" if email == "" else email
    number, name = str(int(sha256_hex(login.encode())[:8], 16)), name or login.title()
    claims = VerifiedClaims("demo", number, name=name, login=login, email=address)
    actor = services.identity.actor_of_session(services.identity.start_session(claims, "Test browser"))
    assert actor is not None
    return actor


def found(services: Any, signatory: Actor, company: CompanyFacts = EXAMPLE) -> str:
    """Sign the agreement for a company; returns the company's id."""
    draft = services.companies.draft_acceptance(signatory, CORPORATE, None, company, "cli")
    statement = services.signing.signing(signatory, draft.id).statement_sha256
    finish(services, signatory, draft)
    return str(services.companies.of_record(statement).id)


def change(services: Any, actor: Actor, company_id: str, wanted: Change, reason: str = "A test") -> Completed:
    return finish(services, actor, services.companies.draft_change(actor, company_id, wanted, reason, "cli"))


def invite(services: Any, by: Actor, company_id: str, email: str) -> str:
    """Invite a manager; returns the invitation's id."""
    invitation = new_id("inv")
    change(services, by, company_id, ManagerInvited(invitation, email))
    return invitation


def join(services: Any, by: Actor, company_id: str, manager: Actor) -> str:
    """Invite somebody and let them join; returns the invitation's id, which names the manager."""
    invitation = invite(services, by, company_id, str(manager.email))
    token = services.companies.invitations.make_link(by, invitation)
    finish(services, manager, services.companies.invitations.draft_join(manager, token, "cli"))
    return invitation


def list_(services: Any, manager: Actor, company_id: str, rule: Any, kinds: Any = KINDS, **dates: Any) -> str:
    """Put a rule on the list; returns the entry's id."""
    entry = new_id("ent")
    change(services, manager, company_id, EntryAdded(entry, rule, kinds, **dates))
    return entry


def confirm(services: Any, employee: Actor, company_id: str, entry: str) -> Completed:
    return change(services, employee, company_id, AffiliationConfirmed(entry))


def fill_list(services: Any, manager: Actor, company_id: str, count: int) -> None:
    """Put so many accounts on the list in one go: rows as the ceremony makes them, with one signature for all."""
    with services.db.write() as session:
        last = session.scalars(select(CompanyEvent).order_by(CompanyEvent.position.desc()).limit(1)).one()
        signing = session.get_one(Signing, last.signing_id)
        for number in range(1, count + 1):
            entry = EntryAdded(new_id("ent"), Account("demo", f"listed-{last.position + number}"), ("code",))
            document = Document.of(company_id, account(manager), "A test", entry).to_bytes()
            own = {"id": new_id("sng"), "statement_sha256": sha256_hex(document), "document": document}
            session.add(Signing(**_columns(signing) | own))
            event = {"id": new_id("chg"), "signing_id": own["id"], "document": document}
            place = {"position": last.position + number, "log_index": int(last.log_index or 0) + number}
            session.flush()
            session.add(CompanyEvent(**_columns(last) | event | place))
            session.add(CompanyEntry(id=entry.entry, company_id=company_id, rule="account", key=entry.rule.key))


def _columns(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def say_member(services: Any, actor: Actor, *told: tuple[str, str], wanted: str = "example-org") -> None:
    """What the code host answers about this person's organisations, number and name, when asked for one of them."""
    with services.db.write() as session:
        organisations = [OrganisationTold(*each) for each in told]
        memberships.record(session, actor.identity_id, organisations, wanted, services.clock.now())


def draft_gift(services: Any, giver: Actor, company_id: str | None, *files: ManifestEntry, kind: str = "code") -> Any:
    return services.signing.draft_contribution(
        giver, PROJECT, kind, files or (file(),), {}, "cli", company_id=company_id
    )


def account(actor: Actor) -> Account:
    return Account(actor.provider, actor.subject)


@dataclass
class Firm:
    """Example GmbH: Sig signed for it, Max and Mia manage its list, Emil is listed by account and confirmed."""

    services: Any
    sig: Actor
    max: Actor
    mia: Actor
    emil: Actor
    id: str
    managers: dict[str, str]
    entry: str = ""

    @classmethod
    def founded(cls, services: Any) -> "Firm":
        """Found it; tests take the fixture `firm`, a copy of one that was founded once."""
        publish_corporate(services)
        sig, max_, mia, emil = (somebody(services, each) for each in ("sig", "max", "mia", "emil"))
        company = found(services, sig)
        managers = {each.login: join(services, sig, company, each) for each in (max_, mia)}
        return cls(services, sig, max_, mia, emil, company, managers)

    def over(self, services: Any) -> "Firm":
        """The same company on a copy of the database and of the files that it was founded with."""
        return replace(self, services=services, managers=dict(self.managers))

    def with_emil(self) -> "Firm":
        self.entry = list_(self.services, self.max, self.id, account(self.emil))
        confirm(self.services, self.emil, self.id, self.entry)
        return self

    def add(self, rule: Any, by: Actor | None = None, **more: Any) -> str:
        return list_(self.services, by or self.max, self.id, rule, **more)

    def domain(self, domain: str = "example.com", *, below: bool = False) -> str:
        return self.add(Domain(domain, below))
