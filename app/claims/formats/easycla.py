# SPDX-License-Identifier: Apache-2.0
"""EasyCLA: the three CSV files of a CLA group: of individuals, of a company's employees, and of companies.

Their columns are those of `v2/signatures` (`iclaSigCsvHeader`, `eclaSigCsvLine`, `cclaSigCsvHeader`). Dates are days
(`Jan 2,2006`), accounts are named by login alone, the column "GitHub ID" too; quotes within a field are not escaped.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from app.claims import reading
from app.claims.reading import RowUnfit, plain, read_sheet, read_table
from app.claims.values import Evidence, Mark, MarkKind, Parsed, Told

INDIVIDUALS = (
    "Name",
    "GitHub Username",
    "GitLab Username",
    "LF_ID",
    "Email",
    "Signed Date",
    "Approved",
    "Signed",
)
EMPLOYEES = ("GitHub ID", "LF_ID", "Name", "Email", "Date Signed")
COMPANIES = (
    "Company Name",
    "Signed",
    "Approved",
    "DomainApprovalList",
    "EmailApprovalList",
    "GitHubOrgApprovalList",
    "GitHubUsernameApprovalList",
    "Date Signed",
    "Approved",
    "Signed",
)
MAX_LISTED = 2_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(r"([A-Z][a-z]{2}) ([0-9]{1,2}), ?([0-9]{4})")
_WORDS = {"true": True, "false": False}
_ENDED = "not approved"


def read_easycla(data: bytes, now: datetime) -> Parsed:
    """Rows of any of the three; raises `ClaimsFileUnfit`."""
    sheet, which = read_sheet(data, (INDIVIDUALS, EMPLOYEES, COMPANIES), ",")

    def individual(number: int, fields: Sequence[str]) -> Told:
        name, github, gitlab, foundation, email, signed, approved, done = fields[: len(INDIVIDUALS)]
        logins = {"github": github, "gitlab": gitlab, "lf": foundation}
        marks = tuple(_person(name, logins, email))
        return Told(
            number=number,
            what="person",
            evidence=_evidence(marks),
            marks=marks,
            signed=_day("Signed Date", signed, now),
            ended=_standing(approved, done),
        )

    def employee(number: int, fields: Sequence[str]) -> Told:
        github, foundation, name, email, signed = fields[: len(EMPLOYEES)]
        marks = tuple(_person(name, {"github": github, "lf": foundation}, email))
        day = _day("Date Signed", signed, now)
        return Told(number, "person", _evidence(marks), marks, signed=day, place="for a company")

    def company(number: int, fields: Sequence[str]) -> Told:
        name, done, approved, domains, emails, organisations, logins, signed, *_ = fields
        if not name:
            raise RowUnfit("expected a name in Company Name")
        marks = (
            Mark("company", plain("Company Name", name, 200)),
            *_listed("DomainApprovalList", domains, "domain"),
            *_listed("EmailApprovalList", emails, "listed-address"),
            *_listed("GitHubOrgApprovalList", organisations, "listed-organisation"),
            *_listed("GitHubUsernameApprovalList", logins, "listed-login"),
        )
        day = _day("Date Signed", signed, now)
        return Told(number, "company", "recorded-for-company", marks, signed=day, ended=_standing(approved, done))

    read, header = ((individual, INDIVIDUALS), (employee, EMPLOYEES), (company, COMPANIES))[which]
    return read_table(sheet, header, read)


def _person(name: str, logins: dict[str, str], email: str) -> Iterator[Mark]:
    columns = {"github": "the column of GitHub", "gitlab": "GitLab Username", "lf": "LF_ID"}
    for at, login in logins.items():
        if login:
            yield Mark("login", reading.login(columns[at], login), at)
    if email:
        yield Mark("address", reading.address("Email", email))
    if not any((*logins.values(), email)):
        raise RowUnfit("expected a login or an address, got neither")
    if name:
        yield Mark("name", plain("Name", name, 200))


def _evidence(marks: Sequence[Mark]) -> Evidence:
    return "recorded-by-address" if any(each.what == "address" for each in marks) else "recorded-by-login"


def _standing(approved: str, signed: str) -> str | None:
    """None for what stands there; raises `RowUnfit` for what nobody signed."""
    if not reading.flag("Signed", signed, _WORDS):
        raise RowUnfit("the other system says that it was not signed")
    return None if reading.flag("Approved", approved, _WORDS) else _ENDED


def _day(column: str, value: str, now: datetime) -> str | None:
    if not value:
        return None
    found = _DAY.fullmatch(value)
    if found is None or found[1] not in _MONTHS:
        raise RowUnfit(f"expected a day such as Jan 2,2006 in {column}")
    return reading.day(column, int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]), now)


def _listed(column: str, value: str, what: MarkKind) -> list[Mark]:
    entries = [each.strip() for each in value.split(",") if each.strip()]
    if len(entries) > MAX_LISTED:
        raise RowUnfit(f"expected at most {MAX_LISTED:,} entries in {column}")
    check = {"domain": reading.domain, "listed-address": reading.address}.get(what, reading.login)
    at = "" if what in ("domain", "listed-address") else "github"
    return [Mark(what, check(column, each), at) for each in entries]
