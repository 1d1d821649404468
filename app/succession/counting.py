# SPDX-License-Identifier: Apache-2.0
"""How many signers a new version leaves covered, asks to sign again, or asks about some kinds; one statement.

The database groups signers by the versions they accepted and the kinds they gave, each as a number with one bit for
each version or kind. There are few such groups however many signers there are, and each is decided by the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.agreements.lineage import Lineage
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
    known = list(version_ids)[-MOST_VERSIONS:]
    bits = case({each: 1 << at for at, each in enumerate(known)}, value=Signature.agreement_version_id, else_=0)
    accepted = _mask(Signature.contributor_id, bits, Signature.agreement_version_id.in_(known)).where(
        not_ended(Signature.signing_id)
    )
    kinds = case({each: 1 << at for at, each in enumerate(KINDS)}, value=Contribution.kind, else_=0)
    of_them = Signature.agreement_version_id.in_(known)
    gave = _mask(Contribution.contributor_id, kinds, of_them).join(Signature, Signature.id == Contribution.signature_id)
    signed, given = accepted.subquery(), gave.subquery()
    given_bits = func.coalesce(given.c.bits, 0)
    query = (
        select(signed.c.bits, given_bits, func.count())
        .outerjoin(given, given.c.contributor_id == signed.c.contributor_id)
        .group_by(signed.c.bits, given_bits)
    )
    return [
        Group(_named(known, int(versions)), _named(KINDS, int(given)), count)
        for versions, given, count in session.execute(query)
    ]


def _mask(
    person: InstrumentedAttribute[str], bit: ColumnElement[int], condition: ColumnElement[bool]
) -> Select[str, Any]:
    """contributor -> the bits of everything of theirs, each once."""
    bits = func.sum(distinct(bit)).label("bits")
    return select(person.label("contributor_id"), bits).where(condition).group_by(person)


def _named(names: Sequence[T], bits: int) -> tuple[T, ...]:
    return tuple(name for at, name in enumerate(names) if bits >> at & 1)


def standing(found: Sequence[Group], before: Lineage, after: Lineage, at: datetime) -> Standing:
    """What a publication does to these groups: `before` without the new version, `after` with it and without grace."""
    covered = again = uncovered = of_kinds = 0
    by_kind = dict.fromkeys(KINDS, 0)
    for group in found:
        had, has = _kinds(group, before, at), _kinds(group, after, at)
        lost = had - has
        gave = lost & set(group.gave)
        if not had:
            uncovered += group.signers
        elif not has or gave:
            again += group.signers
            for kind in gave:
                by_kind[kind] += group.signers
        else:
            covered += group.signers
            of_kinds += group.signers if lost else 0
    return Standing(covered, again, uncovered, of_kinds, {kind: count for kind, count in by_kind.items() if count})


def _kinds(group: Group, lineage: Lineage, at: datetime) -> set[Kind]:
    return {kind for each in group.version_ids for kind in lineage.ends(each, at)}
