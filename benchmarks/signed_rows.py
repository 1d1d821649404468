# SPDX-License-Identifier: Apache-2.0
"""A service's database with any number of signatures and companies, made in bulk, for a check to find people in.

The rows are those that ceremonies would have left in every table that a check of people reads. Only what such a check
never looks at is left out: bundles, statements' bytes, and the events' own places in the log. Signer `n` has the
account number `n` and the address `person<n>@example.org`; employee `e` of company `c` has the account `c-e`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import text

from app.companies.changes import Account, AffiliationConfirmed, EntryAdded
from app.companies.document import Document
from app.platform.db import Database
from mcla.log.merkle import leaf_hash

AT = datetime(2026, 1, 1, tzinfo=UTC)
PROVIDER = "demo"
ENTRIES, STAFFED = 1000, 10
"""Of each company's list: how many entries it has, and how many of the people on it have signed in and confirmed."""
SIGNATORY, MANAGER = "signatory", "manager"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows refer to: ids of the foundation and of the agreement versions for persons and for companies."""

    foundation: str
    persons: str
    companies: str


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person of the rows, by a name that is unique in the database."""

    name: str
    subject: str

    def id(self, prefix: str) -> str:
        return identifier(prefix, self.name)


def identifier(prefix: str, name: str) -> str:
    """An id of the service's form that stays the same for a name."""
    return f"{prefix}_{name:0>26}"


def signer(number: int) -> Somebody:
    return Somebody(f"p{number}", str(number))


def employee(company: int, number: int | str) -> Somebody:
    return Somebody(f"c{company}e{number}", f"{company}-{number}")


def add_rows(db: Database, ground: Ground, signatures: int, companies: int) -> None:
    """Fill a seeded database whose log is empty, and let its planner count the rows."""
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        insert = _insert if db.is_sqlite else _copy
        for statement in BULK[db.is_sqlite]:
            driver.execute(statement)
        for table, columns, rows in _tables(ground, signatures, companies):
            insert(driver, table, columns, rows)
        driver.execute("COMMIT")
        driver.execute("ANALYZE" if db.is_sqlite else "RESET session_replication_role")
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    db.dispose()  # the next connection is durable again, and keeps foreign keys


# Rows come table by table: their references are whole at the end, and are not looked up one by one.
BULK = {
    True: ("PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-1000000", "BEGIN"),
    False: ("SET session_replication_role = replica",),
}


def _tables(ground: Ground, signatures: int, companies: int) -> Iterator[tuple[str, str, Iterable[Row]]]:
    def people() -> Iterator[Somebody]:
        yield from (signer(number) for number in range(signatures))
        for company in range(companies):
            yield from (employee(company, each) for each in (SIGNATORY, MANAGER, *range(STAFFED)))

    def staffed() -> Iterator[tuple[int, Somebody]]:
        for company in range(companies):
            yield from ((company, employee(company, number)) for number in range(STAFFED))

    firms, in_log = range(companies), signatures + companies
    yield "contributor", "id, created_at", ((each.id("ctr"), AT) for each in people())
    yield "identity", "id, contributor_id, provider, subject, created_at, last_sign_in_at", map(_identity, people())
    yield "person_detail", "id, identity_id, name, login, email, email_lower, secret, recorded_at", map(_said, people())
    yield (
        "signer",
        "id, contributor_id, foundation_id, created_at",
        ((each.id("sgr"), each.id("ctr"), ground.foundation, AT) for each in people()),
    )
    yield "signing", SIGNING, _signings(ground, signatures, companies)
    yield "signature", SIGNATURE, _signatures(ground, signatures, companies)
    yield "log_entry", "entry_index, body, leaf_hash, body_sha256, appended_at", map(_entry, range(in_log))
    yield "log_head", "id, origin, size, tiled_size, checkpoint", [(1, "bench", in_log, in_log, "")]
    yield "company", COMPANY, (_company(ground, number) for number in firms)
    yield (
        "company_acceptance",
        "signing_id, company_id, contributor_id, title, power",
        (
            (
                _accepting(each),
                identifier("com", f"{each}"),
                employee(each, SIGNATORY).id("ctr"),
                "Director",
                "by-register",
            )
            for each in firms
        ),
    )
    yield (
        "company_entry",
        "id, company_id, rule, key",
        (
            (_entry_id(firm, number), identifier("com", f"{firm}"), "account", f"{PROVIDER}:{firm}-{number}")
            for firm in firms
            for number in range(ENTRIES)
        ),
    )
    yield "company_event", EVENT, (each for firm in firms for each in _events(firm))


SIGNING = (
    "id, kind, state, identity_id, person_detail_id, signer_id, agreement_version_id, key_holder, statement, "
    "statement_sha256, created_at, expires_at, signed_at"
)
SIGNATURE = "id, signing_id, contributor_id, signer_id, agreement_version_id, capacity, log_index, bundle, signed_at"
COMPANY = "id, foundation_id, name, skeleton, jurisdiction, registration, registration_key, created_at"
EVENT = "id, company_id, position, signing_id, contributor_id, provider, subject, document, change, entry_id, signed_at"


def _identity(each: Somebody) -> Row:
    return each.id("idt"), each.id("ctr"), PROVIDER, each.subject, AT, AT


def _said(each: Somebody) -> Row:
    address = f"person{each.subject}@example.org"
    return each.id("prs"), each.id("idt"), f"Person {each.subject}", each.name, address, address, bytes(32), AT


def _signings(ground: Ground, signatures: int, companies: int) -> Iterator[Row]:
    for number in range(signatures):
        yield _signing(identifier("sng", f"p{number}"), "acceptance", signer(number), ground.persons)
    for firm in range(companies):
        yield _signing(_accepting(firm), "acceptance", employee(firm, SIGNATORY), ground.companies)
        for number in range(ENTRIES):
            yield _signing(_adding(firm, number), "company-change", employee(firm, MANAGER), ground.companies)
        for number in range(STAFFED):
            yield _signing(_confirming(firm, number), "company-change", employee(firm, number), ground.companies)


def _signing(signing: str, kind: str, by: Somebody, version: str) -> Row:
    digest = sha256(signing.encode()).hexdigest()
    ids = (by.id("idt"), by.id("prs"), by.id("sgr"), version)
    return signing, kind, "complete", *ids, "browser", b"{}", digest, AT, AT, AT


def _signatures(ground: Ground, signatures: int, companies: int) -> Iterator[Row]:
    for number in range(signatures):
        signing = identifier("sng", f"p{number}")
        yield _signature(signing, signer(number), ground.persons, "individual", number)
    for firm in range(companies):
        by = employee(firm, SIGNATORY)
        yield _signature(_accepting(firm), by, ground.companies, "company", signatures + firm)


def _signature(signing: str, by: Somebody, version: str, capacity: str, index: int) -> Row:
    return f"sig{signing[3:]}", signing, by.id("ctr"), by.id("sgr"), version, capacity, index, "{}", AT


def _entry(index: int) -> Row:
    body = b"entry %d" % index
    return index, body, leaf_hash(body), sha256(body).hexdigest(), AT


def _company(ground: Ground, number: int) -> Row:
    name = f"Company {number} Ltd"
    return identifier("com", f"{number}"), ground.foundation, name, name.lower(), "GB", f"{number}", f"{number}", AT


def _events(firm: int) -> Iterator[Row]:
    """The manager lists everybody, then the first of them confirm, a minute later."""
    company, manager = identifier("com", f"{firm}"), employee(firm, MANAGER)
    added, confirmed = _document(firm, MANAGER, "added"), AT + timedelta(minutes=1)
    for number in range(ENTRIES):
        entry, document = _entry_id(firm, number), _filled(added, firm, number)
        by = (_adding(firm, number), manager.id("ctr"), PROVIDER, manager.subject)
        yield identifier("chg", f"{firm}a{number}"), company, number, *by, document, EntryAdded.type, entry, AT
    for number in range(STAFFED):
        each, entry = employee(firm, number), _entry_id(firm, number)
        document = _filled(_document(firm, number, "confirmed"), firm, number)
        by = (_confirming(firm, number), each.id("ctr"), PROVIDER, each.subject)
        place = (identifier("chg", f"{firm}b{number}"), company, ENTRIES + number)
        yield *place, *by, document, AffiliationConfirmed.type, entry, confirmed


ANY_ENTRY, ANYBODY = identifier("ent", "any"), "anybody"


def _document(firm: int, by: int | str, what: str) -> bytes:
    """A change by somebody of a company, with places for the entry and for whom it lists."""
    listed = Account(PROVIDER, ANYBODY)
    change = EntryAdded(ANY_ENTRY, listed, ("code",)) if what == "added" else AffiliationConfirmed(ANY_ENTRY)
    actor = Account(PROVIDER, employee(firm, by).subject)
    return Document.of(identifier("com", f"{firm}"), actor, "Works here", change).to_bytes()


def _filled(document: bytes, firm: int, number: int) -> bytes:
    subject = employee(firm, number).subject.encode()
    return document.replace(ANY_ENTRY.encode(), _entry_id(firm, number).encode()).replace(ANYBODY.encode(), subject)


def _entry_id(firm: int, number: int) -> str:
    return identifier("ent", f"{firm}e{number}")


def _accepting(firm: int) -> str:
    return identifier("sng", f"{firm}c")


def _adding(firm: int, number: int) -> str:
    return identifier("sng", f"{firm}a{number}")


def _confirming(firm: int, number: int) -> str:
    return identifier("sng", f"{firm}b{number}")


def _insert(driver: Any, table: str, columns: str, rows: Iterable[Row]) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    driver.executemany(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", map(_plain, rows))  # noqa: S608


def _plain(row: Sequence[Any]) -> list[Any]:
    return [STORED.get(value, value) if type(value) is datetime else value for value in row]


STORED = {at: at.replace(tzinfo=None).isoformat(" ", "microseconds") for at in (AT, AT + timedelta(minutes=1))}


def _copy(driver: Any, table: str, columns: str, rows: Iterable[Row]) -> None:
    if table == "log_head":
        driver.execute("DELETE FROM log_head")
    with driver.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
