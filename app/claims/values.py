# SPDX-License-Identifier: Apache-2.0
"""Claims as values: what a row of another system says, how much it is worth as evidence, and what becomes of it.

Nothing here is proven. A claim names an account only where the other system kept the account's own number; a login or
an address is a mark, by which staff can find the row and nobody is covered.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from app.companies.addresses import compared

System = Literal["cla-assistant", "cla-lite", "clabot", "easycla"]
What = Literal["person", "company", "domain"]
Evidence = Literal["recorded-by-id", "recorded-by-address", "recorded-by-login", "recorded-for-company", "listed"]
MarkKind = Literal[
    "login", "address", "name", "company", "domain", "listed-login", "listed-address", "listed-organisation"
]
Outcome = Literal["imported", "updated", "already", "refused"]
"""`updated` is a row that was there, of which the other system now says that it ended."""

SYSTEMS: Mapping[System, str] = {
    "cla-assistant": "CLA assistant",
    "cla-lite": "CLA assistant Lite",
    "clabot": "cla-bot",
    "easycla": "EasyCLA",
}
"""The systems by name, as people know them."""
EVIDENCE_NAMES: Mapping[Evidence, str] = {
    "recorded-by-id": "Signed by the account itself, recorded with its number",
    "recorded-by-address": "Recorded as signed, with an address",
    "recorded-by-login": "Recorded as signed, with a login alone",
    "recorded-for-company": "Recorded as signed for a company",
    "listed": "Put on a list; no act of signing was recorded",
}
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
"""Strongest first; docs/foundation.md says what each means."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a row calls somebody: `at` is the service of a login, empty for the rest."""

    what: MarkKind
    value: str
    at: str = ""

    @property
    def compared(self) -> str:
        """The value as it is compared: addresses as everywhere in this service, all else in lower case."""
        if self.what in ("address", "listed-address"):
            return compared(self.value) or self.value.lower()
        return self.value.lower()


@dataclass(frozen=True, slots=True)
class ClaimedText:
    """The text that was signed, as the other system told it: it keeps no digest, so this names the text and proves
    nothing of its wording."""

    title: str = ""
    url: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What one row says. `signed` and `ended` are RFC 3339 in UTC or a day alone, None where the row tells none.

    `number` counts as a spreadsheet does (the header is 1), or from 1 within a JSON list. `subject` is the account's
    number at its provider.
    """

    number: int
    what: What
    evidence: Evidence
    marks: tuple[Mark, ...]
    subject: str | None = None
    signed: str | None = None
    ended: str | None = None
    text: ClaimedText = field(default_factory=ClaimedText)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why. The reason names columns, never what stands in them."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """Every row of a file, in its order, and the columns or members that nothing is kept of."""

    rows: tuple[Told | Refused, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row; `reason` for a refused one, `evidence` for the others."""

    number: int
    outcome: Outcome
    evidence: Evidence | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do: the same words for both."""

    project: str
    system: System
    provider: str
    file_sha256: str
    agreements: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        found = Counter(each.outcome for each in self.rows)
        return {outcome: found[outcome] for outcome in get_args(Outcome)}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A claim as the person sees it whom it names: by the account's number, or by an address that is proven theirs.

    `agreements` are the slugs of what is signed here instead.
    """

    system: System
    project: str
    evidence: Evidence
    signed: str | None
    ended: str | None
    text: ClaimedText
    place: str
    row: int
    file_sha256: str
    imported_at: datetime
    agreements: tuple[str, ...]
    by_address: bool

    @property
    def day(self) -> date | None:
        """The day of the signature, if the other system told one."""
        return _day(self.signed)


@dataclass(frozen=True, slots=True)
class ImportInfo:
    """One imported file with what is in it. `here` counts the people of it who have an account here, `signed` those of
    them who have signed for themselves since, and not ended it."""

    id: str
    system: System
    project: str
    provider: str
    file_sha256: str
    agreements: tuple[str, ...]
    imported_by: str
    imported_at: datetime
    persons: Mapping[Evidence, int]
    companies: int
    domains: int
    erased: int
    here: int
    signed: int


@dataclass(frozen=True, slots=True)
class ClaimInfo:
    """One claim as staff sees it; no marks and no subject once it was erased."""

    id: str
    import_id: str
    system: System
    project: str
    row: int
    what: What
    evidence: Evidence
    provider: str
    subject: str | None
    marks: tuple[Mark, ...]
    signed: str | None
    ended: str | None
    text: ClaimedText
    place: str
    erased_at: datetime | None

    @property
    def day(self) -> date | None:
        """The day of the signature, if the other system told one."""
        return _day(self.signed)

    def named(self, *kinds: MarkKind) -> tuple[Mark, ...]:
        """The marks of these kinds."""
        return tuple(each for each in self.marks if each.what in kinds)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told[:10]) if told else None


WhoseKind = Literal["account", "address", "login"]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose claims are looked for: `value` is an account's number at `provider`, an address, or a login."""

    by: WhoseKind
    value: str
    provider: str = ""
