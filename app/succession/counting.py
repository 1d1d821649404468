# SPDX-License-Identifier: Apache-2.0
"""How many signers a new version leaves covered, asks to sign again, or asks about some kinds; one statement.

A signer is a person or a company: one each, whoever signed for it and whoever gives for it. The database groups
signers by the versions they accepted and the kinds they gave, each as a number with one bit for each version or kind.
There are few such groups however many signers there are, and each is decided by the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.agreements.lineage import Lineage
from app.companies.ledgers import acceptances_over
from app.companies.models import CompanyAcceptance
from app.contributions.models import Contribution
from app.signing.in_force import not_ended
from app.signing.models import Signature
from mcla.terms import KINDS, Kind

T = TypeVar("T")
MOST_VERSIONS = 60
"""Bits in a number of the database; versions older than these are counted as not covered."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many signers who accepted the same versions and gave the same kinds."""

    version_ids: tuple[str, ...]
    gave: tuple[Kind, ...]
    signers: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Signers before and after a publication. The first three add up to everybody with an acceptance in force.

    `covered`: nothing changes for what they give, or only for kinds they never gave. `again`: they sign again before
    they give anything, or anything of a kind they gave before. `uncovered`: they had to sign again already.
    `by_kind`: of `again`, how many gave each kind that needs the new signature. `of_kinds`: of `covered`, how many
    would be asked if they gave a kind for the first time.
    """

    covered: int
    again: int
    uncovered: int
    of_kinds: int
    by_kind: Mapping[Kind, int]

    @property
    def signers(self) -> int:
        return self.covered + self.again + self.uncovered


def groups(session: Session, version_ids: Sequence[str]) -> list[Group]:
    """The signers of these versions with an acceptance in force, grouped; in one statement."""
    known = _known(version_ids)
    signers = _signers(known).subquery()
    query = select(signers.c.accepted, signers.c.gave, func.count()).group_by(signers.c.accepted, signers.c.gave)
    return [
        Group(_named(known, int(accepted)), _named(KINDS, int(gave)), count)
        for accepted, gave, count in session.execute(query)
    ]


def people_of(version_ids: Sequence[str], group: Group) -> Select[str]:
    """The contributors who signed for the signers of one group of these versions: themselves, or their company."""
    known = _known(version_ids)
    signers = _signers(known).subquery()
    of_group = select(signers.c.signer).where(
        signers.c.accepted == _bits(known, group.version_ids), signers.c.gave == _bits(KINDS, group.gave)
    )
    query: Select[str] = _with_company(select(Signature.contributor_id).select_from(Signature))
    return query.where(*_in_force(known), _signer(Signature.contributor_id).in_(of_group)).distinct()


def _known(version_ids: Sequence[str]) -> list[str]:
    return list(version_ids)[-MOST_VERSIONS:]


def _signers(known: Sequence[str]) -> Select[str, int, int]:
    """signer -> the bits of the versions accepted and of the kinds given, each once."""
    version = case({each: 1 << at for at, each in enumerate(known)}, value=Signature.agreement_version_id, else_=0)
    signer = _signer(Signature.contributor_id)
    accepted = _with_company(select(signer.label("signer"), _sum(version)).select_from(Signature))
    signed = accepted.where(*_in_force(known)).group_by(signer).subquery()
    kind = case({each: 1 << at for at, each in enumerate(KINDS)}, value=Contribution.kind, else_=0)
    giver = _signer(Contribution.contributor_id)
    gave = select(giver.label("signer"), _sum(kind)).select_from(Contribution)
    gave = _with_company(gave.join(Signature, Signature.id == Contribution.signature_id))
    given = gave.where(Signature.agreement_version_id.in_(known)).group_by(giver).subquery()
    bits = func.coalesce(given.c.bits, 0)
    query = select(signed.c.signer, signed.c.bits.label("accepted"), bits.label("gave"))
    return query.outerjoin(given, given.c.signer == signed.c.signer)


def _signer(person: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Who is one signer: the company that an acceptance binds, else the person."""
    return func.coalesce(CompanyAcceptance.company_id, person)


def _with_company(query: Any) -> Any:
    return query.outerjoin(CompanyAcceptance, CompanyAcceptance.signing_id == Signature.signing_id)


def _in_force(known: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    standing = Signature.signing_id.not_in(acceptances_over())
    return Signature.agreement_version_id.in_(known), not_ended(Signature.signing_id), standing


def _sum(bit: ColumnElement[int]) -> ColumnElement[int]:
    return func.sum(distinct(bit)).label("bits")


def _bits(names: Sequence[T], wanted: Sequence[T]) -> int:
    return sum(1 << at for at, name in enumerate(names) if name in wanted)


def _named(names: Sequence[T], bits: int) -> tuple[T, ...]:
    return tuple(name for at, name in enumerate(names) if bits >> at & 1)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a publication does to one group: the kinds that were carried before, and those of them that still are."""

    had: frozenset[Kind]
    has: frozenset[Kind]
    gave: frozenset[Kind]

    @property
    def lost(self) -> frozenset[Kind]:
        return self.had - self.has

    @property
    def again(self) -> bool:
        """Whether they sign again before they give anything, or anything of a kind they gave before."""
        return bool(self.had) and (not self.has or bool(self.lost & self.gave))


def fate(group: Group, before: Lineage, after: Lineage, at: datetime) -> Fate:
    """A group under `before`, without the new version, and under `after`, with it and without grace."""
    return Fate(_kinds(group, before, at), _kinds(group, after, at), frozenset(group.gave))


def standing(found: Sequence[Group], before: Lineage, after: Lineage, at: datetime) -> Standing:
    """What a publication does to these groups; lineages as for `fate`."""
    covered = again = uncovered = of_kinds = 0
    by_kind = dict.fromkeys(KINDS, 0)
    for group in found:
        each = fate(group, before, after, at)
        if not each.had:
            uncovered += group.signers
        elif each.again:
            again += group.signers
            for kind in each.lost & each.gave:
                by_kind[kind] += group.signers
        else:
            covered += group.signers
            of_kinds += group.signers if each.lost else 0
    return Standing(covered, again, uncovered, of_kinds, {kind: count for kind, count in by_kind.items() if count})


def _kinds(group: Group, lineage: Lineage, at: datetime) -> frozenset[Kind]:
    return frozenset(kind for each in group.version_ids for kind in lineage.ends(each, at))
