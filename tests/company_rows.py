# SPDX-License-Identifier: Apache-2.0
"""A company written straight into the tables, to see who may see what: Ada manages it, is listed, and is staff."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from signing_walk import PROJECT, file

from app.companies.changes import Account, Change, EntryAdded, ManagerInvited, ManagerJoined
from app.companies.document import Document
from app.companies.models import Company, CompanyEntry, CompanyEvent, CompanyInvitation, CompanyRelease
from app.identity.ports import Actor
from app.platform.clock import new_id
from mcla.artifacts.manifest import Manifest


def write_company(services: Any, ada: Actor, signings: Sequence[str]) -> dict[str, list[str]]:
    """Ids of a company and of all that belongs to it; each event borrows one of Ada's signings."""
    ids = {kind: new_id(prefix) for kind, prefix in (("company", "com"), ("entry", "ent"), ("release", "rel"))}
    joined, waiting = new_id("inv"), new_id("inv")
    account = Account(ada.provider, ada.subject)
    changes: list[Change] = [
        ManagerInvited(joined, "ada@example.org"),
        ManagerJoined(joined),
        EntryAdded(ids["entry"], account, ("code",)),
        ManagerInvited(waiting, "somebody@example.org"),
    ]
    now, company = services.clock.now(), {"company_id": ids["company"]}
    person = {"contributor_id": ada.contributor_id, "provider": ada.provider, "subject": ada.subject}
    manifest = Manifest.of([file()])
    events = [
        CompanyEvent(
            id=new_id("chg"),
            position=position,
            signing_id=signing,
            document=Document.of(ids["company"], account, "", change).to_bytes(),
            signed_at=now,
            **company,
            **person,
        )
        for position, (change, signing) in enumerate(zip(changes, signings, strict=False))
    ]
    facts = {
        "name": "Example GmbH",
        "skeleton": "x",
        "jurisdiction": "DE",
        "registration": "1",
        "registration_key": "1",
    }
    agreement = services.agreements.version("mcla-individual")
    foundation = agreement.foundation_id
    services.staff.add(agreement.foundation, ada.provider, ada.subject)
    release = {
        "project": PROJECT,
        "kind": "code",
        "root": manifest.root,
        "manifest": manifest.to_bytes(),
        "answers": {},
        "expires_at": now + timedelta(days=30),
    }
    with services.db.write() as session:
        session.add(Company(id=ids["company"], foundation_id=foundation, created_at=now, **facts))
        session.flush()
        session.add_all(events)
        session.add(CompanyEntry(id=ids["entry"], rule="account", key=account.key, **company))
        session.add(CompanyInvitation(id=joined, used=True, **company))
        session.add(CompanyInvitation(id=waiting, used=False, **company))
        session.add(CompanyRelease(id=ids["release"], created_at=now, **company, **person, **release))
    rest = {"invitation": [waiting, joined], "change": [each.id for each in events]}
    return {kind: [identifier] for kind, identifier in ids.items()} | rest
