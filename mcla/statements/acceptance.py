# SPDX-License-Identifier: Apache-2.0
"""`Acceptance`: a person accepts an agreement version, for self or for a company."""

from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.statements.base import Statement, check_capacity, common_members, for_company, read_common
from mcla.statements.company import CompanyRef, members_for, read_company
from mcla.statements.parts import Subject, require
from mcla.statements.shapes import check_members

ACCEPTANCE_TYPE = "https://w3id.org/mcla/acceptance/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(Statement):
    """A person accepts an agreement version; the subjects are the version's digest and its documents.

    In the capacity `company` the person binds the `company` named here.
    """

    TYPE: ClassVar[str] = ACCEPTANCE_TYPE

    company: CompanyRef | None = None

    def __post_init__(self) -> None:
        Statement.__post_init__(self)
        check_capacity(self.capacity, self.company)
        require(self.root == self.agreement.digest, "the digest of the agreement version as first subject", self.root)

    def predicate(self) -> dict[str, Any]:
        return Statement.predicate(self) | for_company(self.company)


def read_acceptance(subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> Acceptance:
    """An acceptance of these parts; raises `StatementInvalid`."""
    check_members(predicate, common_members(predicate) | members_for(predicate), "the predicate")
    return Acceptance(subjects=subjects, **read_common(predicate), company=read_company(predicate))
