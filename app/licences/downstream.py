# SPDX-License-Identifier: Apache-2.0
"""Whom a withdrawal or a changed licence concerns: everything that claims say was made from an artifact.

A licence has changed where two contributions of one artifact declare different ones: the later does not undo what was
taken under the earlier, so both are told with their days, and what rests on the artifact with the licence it was taken
under. Order is the log's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.licences.origins import Given, Origins
from app.licences.picture import name_of
from mcla.licences.registry import registry

MOST = 200
"""Artifacts that a page lists; there may be more, which it says."""


@dataclass(frozen=True, slots=True)
class Resting:
    """An artifact `steps` away from the one it rests on. `under`: what it says to have taken that under, directly."""

    node: str
    name: str
    steps: int
    under: tuple[str, ...]
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Changed:
    """An artifact whose licence was declared differently later: each declaration, the first in the log first.

    `concerns` are the artifacts that rest on it, as far as they are known around the start: all of them where it is the
    start itself.
    """

    node: str
    name: str
    told: tuple[Given, ...]
    concerns: tuple[str, ...]

    @property
    def by_one(self) -> bool:
        """Whether one giver declared all of them; else several contradict each other, and none is believed more."""
        return len({each.by for each in self.told}) == 1


@dataclass(frozen=True, slots=True)
class Rest:
    """What rests on an artifact, nearest first; `whole` unless there is more."""

    several: tuple[Resting, ...]
    whole: bool


def resting_on(found: Origins) -> Rest:
    """What rests on the start at any distance."""
    walk = found.graph.downstream(found.start)
    under: dict[str, tuple[str, ...]] = {}
    for edge in found.graph.made_from(found.start):
        under[edge.artifact] = (*under.get(edge.artifact, ()), *filter(None, (edge.licence,)))
    several = tuple(_one(found, each, steps, under) for each, steps in walk.nodes if each != found.start)
    return Rest(several[:MOST], found.whole and walk.whole and len(several) <= MOST)


def _one(found: Origins, node: str, steps: int, under: Mapping[str, tuple[str, ...]]) -> Resting:
    ended = [each.ended_at for each in found.given.get(node, ())]
    last = max(each for each in ended if each) if ended and all(ended) else None
    return Resting(node, name_of(found, node), steps, tuple(dict.fromkeys(under.get(node, ()))), last)


def changes(found: Origins) -> tuple[Changed, ...]:
    """Every artifact around whose licence changed, in the order of the graph."""
    told = ((node, _declared(found.given.get(node, ()))) for node in found.graph.nodes)
    return tuple(
        Changed(node, name_of(found, node), several, tuple(each for each, _ in found.graph.downstream(node).nodes))
        for node, several in told
        if len(several) > 1
    )


def _declared(several: tuple[Given, ...]) -> tuple[Given, ...]:
    """The declarations that changed something, in the order of the log."""
    kept: list[Given] = []
    for each in sorted(several, key=lambda given: given.log_index):
        if each.outbound and (not kept or _id(kept[-1].outbound) != _id(each.outbound)):
            kept.append(each)
    return tuple(kept)


def _id(licence: str | None) -> str | None:
    known = registry().find(licence).one if licence else None
    return known.id if known else licence
