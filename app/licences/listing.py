# SPDX-License-Identifier: Apache-2.0
"""A lineage as an indented list, for everybody who does not see the picture: bases above, what was made below."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.licences.downstream import Changed, changes
from app.licences.judging import judge
from app.licences.origins import Given, Origins
from app.licences.picture import Picture, Problem, draw, name_of, problems, verdict_of
from app.licences.stances import Stance
from mcla.exports.exemption import Reading
from mcla.exports.exemption import of as exemption_of
from mcla.licences.lineage import Edge
from mcla.licences.lineage_telling import conflicts
from mcla.licences.registry import registry
from mcla.licences.rules.case import IN_THE_FILE
from mcla.licences.signals import Signal

MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim, `depth` steps from the artifact. `href` where the node is an artifact here; `missing`: nobody gave
    it here; `again`: see above."""

    depth: int
    node: str
    name: str
    href: str | None
    relation: str
    licence: str | None
    verdict: str
    ended_at: datetime | None
    missing: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a page shows of a lineage; `node` is the artifact that it is around."""

    node: str
    up: tuple[Entry, ...]
    down: tuple[Entry, ...]
    picture: Picture | None
    problems: tuple[Problem, ...]
    signals: tuple[tuple[Given, Signal], ...]
    faults: tuple[str, ...]
    changes: tuple[Changed, ...]
    exemptions: tuple[Reading, ...]
    stances: tuple[Stance, ...]
    more: bool


def shown(found: Origins) -> Shown:
    """What to show of what is known around an artifact."""
    up = tuple(_walk(found, found.graph.bases_of, lambda edge: edge.base))
    down = tuple(_walk(found, found.graph.made_from, lambda edge: edge.artifact))
    own = found.given.get(found.start, ())
    said = {str(sign.sentence): (given, sign) for given in own for sign in judge(given, found).signals}
    signs = tuple(said.values())
    more = not found.whole or max(len(up), len(down)) >= MOST_ENTRIES
    seen = (draw(found), problems(found), signs, tuple(conflicts(found.graph)), changes(found))
    return Shown(found.start, up, down, *seen, _exemptions(own), _stances(found), more)


def _stances(found: Origins) -> tuple[Stance, ...]:
    """What the projects around have settled: the verdicts rest on it."""
    several = dict.fromkeys(each.stance for given in found.given.values() for each in given if each.bases)
    return tuple(sorted((each for each in several if each.said), key=lambda stance: stance.project))


def _exemptions(given: Sequence[Given]) -> tuple[Reading, ...]:
    """What the licences that it goes out under, and those of bases that are in it, do for the AI Act's exemption."""
    standing = [each for each in given if each.ended_at is None]
    names = [each.outbound for each in standing]
    names += [edge.licence for each in standing for edge in each.bases if edge.relation in IN_THE_FILE]
    known = [found for name in names if name and (found := registry().find(name).one)]
    return tuple(exemption_of(each) for each in dict.fromkeys(known))


def _walk(found: Origins, claims: Callable[[str], tuple[Edge, ...]], end: Callable[[Edge], str]) -> Iterator[Entry]:
    claimed: set[tuple[str, str, str, str | None]] = set()
    seen, waiting, told = {found.start}, [(edge, 0) for edge in reversed(claims(found.start))], 0
    while waiting and told < MOST_ENTRIES:
        edge, depth = waiting.pop()
        node = end(edge)
        claim = (edge.artifact, edge.base, edge.relation, edge.licence)
        if claim in claimed:
            continue  # somebody else says the same
        claimed.add(claim)
        again = node in seen
        yield _entry(found, edge, node, depth, again)
        told += 1
        if not again:
            seen.add(node)
            waiting += [(each, depth + 1) for each in reversed(claims(node))]


def _entry(found: Origins, edge: Edge, node: str, depth: int, again: bool) -> Entry:
    given = found.given.get(node, ())
    ended = [each.ended_at for each in given if each.ended_at]
    all_ended = max(ended) if given and len(ended) == len(given) else None
    href = f"/artifacts/{node}" if node.startswith("sha256:") else None
    made_here = given[0].outbound if given else None
    licence = edge.licence if node == edge.base else made_here
    told = (edge.relation, licence, verdict_of(found, node), all_ended, node in found.graph.missing, again)
    return Entry(depth, node, name_of(found, node), href, *told)
