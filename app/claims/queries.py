# SPDX-License-Identifier: Apache-2.0
"""Finds claims: of accounts, of a person, of an import. In the caller's transaction, in constantly many statements.

An account has a claim only by its own number. By a login nobody has one: a login that was given up is registered by
somebody else, who would inherit another person's record.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, distinct, exists, func, or_, select, tuple_, union
from sqlalchemy.orm import Session, aliased

from app.claims.models import Claim, ClaimImport, ClaimMark
from app.claims.values import ClaimedText, ClaimInfo, Evidence, ImportInfo, Mark, OnRecord, System, What, Whose
from app.companies.addresses import compared
from app.companies.ledgers import persons_of
from app.identity.models import Identity, PersonDetail
from app.platform.db import Reader, UtcDateTime
from app.platform.sqllists import dialect_of, named_list
from app.projects.models import Project
from app.signing.models import Signature, Withdrawal

MAX_SHOWN = 200
ADDRESSES, LOGINS = ("address", "listed-address"), ("login", "listed-login")
_LIVE = (Claim.what == "person", Claim.erased_at.is_(None))


def claimed(
    reader: Reader, project_id: str, accounts: Collection[tuple[str, str]], at: datetime
) -> dict[tuple[str, str], frozenset[str]]:
    """Of these accounts (provider, subject) those with a claim imported by then, and what they sign here instead.

    A claim that the other system says has ended is none. One statement.
    """
    wanted = set(accounts)
    providers, subjects = ({key[place] for key in wanted} for place in (0, 1))
    asked = {"providers": providers, "subjects": subjects, "project": project_id, "at": at}
    found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for provider, subject, agreements in reader.execute(_claimed(dialect_of(reader)), asked) if wanted else ():
        found[provider, str(subject)] |= frozenset(agreements)
    return {key: slugs for key, slugs in found.items() if key in wanted}


@cache
def _claimed(dialect: str) -> Select[str, str | None, list[str]]:
    at: Any = bindparam("at", type_=UtcDateTime)
    return (
        select(Claim.provider, Claim.subject, ClaimImport.agreements)
        .join(ClaimImport, ClaimImport.id == Claim.import_id)
        .where(*_LIVE, Claim.project_id == bindparam("project"), ClaimImport.imported_at <= at)
        .where(or_(Claim.ended_known_at.is_(None), Claim.ended_known_at > at))
        .where(Claim.provider.in_(named_list(dialect, "providers")))
        .where(Claim.subject.in_(named_list(dialect, "subjects")))
    )


def of_person(session: Session, contributor_id: str) -> list[OnRecord]:
    """The claims that a person is shown as their own: by the number of one of their accounts, or, where a row has no
    number, by an address that one of their providers has verified. Three statements and one for organisations."""
    persons = persons_of(session, contributor_id)
    accounts = [(each.account.provider, each.account.subject) for each in persons]
    theirs = or_(tuple_(Claim.provider, Claim.subject).in_(accounts), _by_address(_addresses(persons)))
    query = (
        select(Claim, ClaimImport, Project.name)
        .join(ClaimImport, ClaimImport.id == Claim.import_id)
        .join(Project, Project.id == Claim.project_id)
        .where(*_LIVE, theirs)
        .order_by(ClaimImport.imported_at, Claim.row_number)
        .limit(MAX_SHOWN)
    )
    return [_on_record(*each) for each in session.execute(query)] if persons else []


def imports(session: Session, foundation_ids: Collection[str], import_id: str | None = None) -> list[ImportInfo]:
    """What was imported for projects of these foundations, the newest first. Four statements."""
    query = (
        select(ClaimImport, Project.name)
        .join(Project, Project.id == ClaimImport.project_id)
        .where(Project.foundation_id.in_(foundation_ids))
        .order_by(ClaimImport.imported_at.desc(), ClaimImport.id)
        .limit(MAX_SHOWN)
    )
    rows: Any = session.execute(query if import_id is None else query.where(ClaimImport.id == import_id)).all()
    ids = [row.id for row, _ in rows]
    told, people, signed = _counted(session, ids), _people(session, ids, since=False), _people(session, ids, since=True)
    return [_import_info(row, name, told[row.id], people[row.id], signed[row.id]) for row, name in rows]


def rows_of(session: Session, import_id: str, after: int, limit: int) -> list[ClaimInfo]:
    """The claims of an import after a row, in the file's order. Two statements."""
    wanted = (Claim.import_id == import_id, Claim.row_number > after)
    return _infos(session, _CLAIMS.where(*wanted).order_by(Claim.row_number).limit(limit))


def found(session: Session, foundation_ids: Collection[str], whose: Whose) -> list[ClaimInfo]:
    """The claims that name somebody, also as an entry of a company's list, in projects of these foundations."""
    query = _CLAIMS.where(Project.foundation_id.in_(foundation_ids), naming(session, whose))
    return _infos(session, query.order_by(ClaimImport.imported_at, ClaimImport.system, Claim.row_number))


def naming(session: Session, whose: Whose) -> ColumnElement[bool]:
    """The condition on a claim that it names somebody."""
    if whose.by != "account":
        return Claim.id.in_(select(ClaimMark.claim_id).where(*marked(session, whose)))
    account = and_(Claim.provider == whose.provider, Claim.subject == whose.value)
    named = Claim.id.in_(select(ClaimMark.claim_id).where(*marked(session, whose)))
    return or_(account, and_(Claim.subject.is_(None), named))


def marked(session: Session, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a mark that it is somebody's: an account's by the addresses that its providers verified."""
    if whose.by == "login":
        return ClaimMark.what.in_(LOGINS), ClaimMark.compared == whose.value.lower()
    addresses: Collection[str] = [compared(whose.value) or whose.value.lower()]
    if whose.by == "account":
        wanted = (Identity.provider == whose.provider, Identity.subject == whose.value)
        owner = session.scalar(select(Identity.contributor_id).where(*wanted))
        addresses = _addresses(persons_of(session, owner)) if owner else []
    return ClaimMark.what.in_(ADDRESSES), ClaimMark.compared.in_(addresses)


_CLAIMS = (
    select(Claim, ClaimImport.system, Project.name)
    .join(ClaimImport, ClaimImport.id == Claim.import_id)
    .join(Project, Project.id == Claim.project_id)
)


def _addresses(persons: Iterable[Any]) -> set[str]:
    return {each.email for each in persons if each.email}


def _by_address(addresses: Collection[str]) -> ColumnElement[bool]:
    """Of a row without a number, that it has one of these addresses."""
    marks = select(ClaimMark.claim_id).where(ClaimMark.what == "address", ClaimMark.compared.in_(addresses))
    return and_(Claim.subject.is_(None), Claim.id.in_(marks))


def _on_record(row: Claim, origin: ClaimImport, project: str) -> OnRecord:
    return OnRecord(
        system=origin.system,
        project=project,
        evidence=row.evidence,
        signed=row.signed,
        ended=row.ended,
        text=ClaimedText(row.text_title, row.text_url, row.text_version),
        place=row.place,
        row=row.row_number,
        file_sha256=origin.file_sha256,
        imported_at=origin.imported_at,
        agreements=tuple(origin.agreements),
        by_address=row.subject is None,
    )


def _infos(session: Session, query: Select[Claim, System, str]) -> list[ClaimInfo]:
    rows = session.execute(query).all()
    marks: dict[str, list[Mark]] = defaultdict(list)
    of = select(ClaimMark).where(ClaimMark.claim_id.in_([row.id for row, *_ in rows]))
    for each in session.scalars(of.order_by(ClaimMark.claim_id, ClaimMark.number)) if rows else ():
        marks[each.claim_id].append(Mark(each.what, each.value, each.at))
    return [_info(row, system, project, tuple(marks[row.id])) for row, system, project in rows]


def _info(row: Claim, system: System, project: str, marks: tuple[Mark, ...]) -> ClaimInfo:
    return ClaimInfo(
        id=row.id,
        import_id=row.import_id,
        system=system,
        project=project,
        row=row.row_number,
        what=row.what,
        evidence=row.evidence,
        provider=row.provider,
        subject=row.subject,
        marks=marks,
        signed=row.signed,
        ended=row.ended,
        text=ClaimedText(row.text_title, row.text_url, row.text_version),
        place=row.place,
        erased_at=row.erased_at,
    )


_Key = tuple[What, Evidence, bool]


def _counted(session: Session, ids: Sequence[str]) -> dict[str, Counter[_Key]]:
    """How many claims of each sort are in each import."""
    erased = Claim.erased_at.is_not(None)
    query = select(Claim.import_id, Claim.what, Claim.evidence, erased, func.count()).where(Claim.import_id.in_(ids))
    counted: dict[str, Counter[_Key]] = defaultdict(Counter)
    for import_id, what, evidence, gone, count in session.execute(
        query.group_by(Claim.import_id, Claim.what, Claim.evidence, erased)
    ):
        counted[import_id][what, evidence, bool(gone)] = count
    return counted


def _people(session: Session, ids: Sequence[str], *, since: bool) -> Counter[str]:
    """How many people of each import have an account here; with `since`, and have signed for themselves after it."""
    newer = aliased(PersonDetail)
    later = (newer.identity_id == PersonDetail.identity_id, newer.recorded_at > PersonDetail.recorded_at)
    wanted = (*_LIVE, Claim.import_id.in_(ids))
    by_number = (
        select(Claim.import_id, Identity.contributor_id)
        .join(Identity, and_(Identity.provider == Claim.provider, Identity.subject == Claim.subject))
        .where(*wanted)
    )
    by_address = (
        select(Claim.import_id, Identity.contributor_id)
        .join(ClaimMark, and_(ClaimMark.claim_id == Claim.id, ClaimMark.what == "address"))
        .join(PersonDetail, PersonDetail.email_lower == ClaimMark.compared)
        .join(Identity, Identity.id == PersonDetail.identity_id)
        .where(*wanted, Claim.subject.is_(None), ~exists().where(*later))
    )
    people = union(by_number, by_address).subquery()
    query = select(people.c.import_id, func.count(distinct(people.c.contributor_id))).group_by(people.c.import_id)
    if since:
        query = (
            query.join(ClaimImport, ClaimImport.id == people.c.import_id)
            .join(Signature, Signature.contributor_id == people.c.contributor_id)
            .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Signature.signing_id)
            .where(Signature.capacity == "individual", Signature.signed_at >= ClaimImport.imported_at)
            .where(Withdrawal.id.is_(None))
        )
    return Counter({import_id: count for import_id, count in session.execute(query)})  # noqa: C416


def _import_info(row: ClaimImport, project: str, counted: Counter[_Key], here: int, signed: int) -> ImportInfo:
    persons: Counter[Evidence] = Counter()
    for (what, evidence, gone), count in counted.items():
        if what == "person" and not gone:
            persons[evidence] += count
    return ImportInfo(
        id=row.id,
        system=row.system,
        project=project,
        provider=row.provider,
        file_sha256=row.file_sha256,
        agreements=tuple(row.agreements),
        imported_by=row.imported_by,
        imported_at=row.imported_at,
        persons=persons,
        companies=sum(count for (what, *_), count in counted.items() if what == "company"),
        domains=sum(count for (what, *_), count in counted.items() if what == "domain"),
        erased=sum(count for (*_, gone), count in counted.items() if gone),
        here=here,
        signed=signed,
    )
