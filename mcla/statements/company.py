# SPDX-License-Identifier: Apache-2.0
"""What a statement says when it is made for a company: which company and by whose power, or on which records it rests.

A company's name, country and register number are public facts. The title of who signs for it would tell who that is, so
it is committed to as the identity is, and stands nowhere in the clear.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mcla.statements.parts import AcceptanceRef, check_hex, require
from mcla.statements.shapes import part_of

Power = Literal["by-law", "by-register", "by-proxy"]
POWERS: tuple[str, ...] = get_args(Power)
"""Where the power to sign comes from: the law or statutes, an entry in the register, or a written proxy."""
MAX_NAME = 200

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CompanyRef:
    """The company that accepts: legal name, ISO 3166 country or part of one, register number; and the power to sign.

    `title_commitment` (64 hex) binds the signatory's title, as `mcla.statements.commitment` makes it.
    """

    name: str
    jurisdiction: str
    registration: str
    power: str
    title_commitment: str

    def __post_init__(self) -> None:
        check_hex(self.title_commitment, "title commitment")
        for value, what in ((self.name, "name"), (self.registration, "registration")):
            good = (
                isinstance(value, str)
                and 1 <= len(value) <= MAX_NAME
                and value.isprintable()
                and value == value.strip()
            )
            require(good, f"the company's {what} as printable text of 1 to {MAX_NAME} characters", value)
        country = isinstance(self.jurisdiction, str) and _COUNTRY.fullmatch(self.jurisdiction)
        require(country, "a jurisdiction such as DE or US-DE (ISO 3166)", self.jurisdiction)
        require(self.power in POWERS, f"power to be one of {', '.join(POWERS)}", self.power)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "jurisdiction": self.jurisdiction,
            "registration": self.registration,
            "power": self.power,
            "titleCommitment": self.title_commitment,
        }


@dataclass(frozen=True, slots=True)
class AffiliationRef:
    """The records that a contribution for a company rests on beside the company's acceptance.

    `confirmed` is the giver's own confirmation of working for it; `released` a second person's release of these files,
    where the company asks for one. Both name a company change by its statement's digest and its place in the log.
    """

    confirmed: AcceptanceRef
    released: AcceptanceRef | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"confirmed": self.confirmed.to_dict(), "released": self.released.to_dict() if self.released else None}


def read_company(predicate: dict[str, Any]) -> CompanyRef | None:
    """The company of an acceptance, None for one that a person makes for self; raises `StatementInvalid`."""
    if predicate["capacity"] != "company":
        return None
    return read_company_in(predicate, "company")


def read_company_in(predicate: dict[str, Any], name: str) -> CompanyRef:
    """The company with the power to sign under `name`; raises `StatementInvalid`."""
    part = part_of(predicate, name, {"name", "jurisdiction", "registration", "power", "titleCommitment"})
    title = part.pop("titleCommitment")
    return CompanyRef(**part, title_commitment=title)


def read_affiliation(predicate: dict[str, Any]) -> AffiliationRef | None:
    """What a contribution for a company rests on, None for one that a person makes for self."""
    if predicate["capacity"] != "company":
        return None
    part = part_of(predicate, "company", {"confirmed", "released"})
    released = None if part["released"] is None else read_record(part, "released")
    return AffiliationRef(read_record(part, "confirmed"), released)


def read_record(value: dict[str, Any], name: str) -> AcceptanceRef:
    """A `{"statement", "logIndex"}` object under `name`; raises `StatementInvalid`."""
    part = part_of(value, name, {"statement", "logIndex"})
    return AcceptanceRef(statement=part["statement"], log_index=part["logIndex"])


def members_for(predicate: dict[str, Any]) -> set[str]:
    """The members that a predicate has beside the common ones when it is made for a company."""
    return {"company"} if predicate.get("capacity") == "company" else set()
