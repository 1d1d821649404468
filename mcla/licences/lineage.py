# SPDX-License-Identifier: Apache-2.0
"""What rests on what: a graph of claims, walked both ways, that shows contradictions instead of settling them.

A node is an artifact, by the SHA-256 of its bytes (`sha256:HEX`) or, where no bytes are known, by its name and revision
on a hub (`org/name@revision`). An edge is somebody's claim that an artifact was made from a base. Nothing is believed
more than something else: who said what stays with each claim.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mcla.licences.question import Relation
from mcla.licences.registry import registry

MAX_CLAIMS = 100_000
MAX_NODES = 10_000


@dataclass(frozen=True, slots=True)
class Edge:
    """`artifact` was made from `base` by `relation`, says `by`: under `licence`, whose text had the digest
    `licence_sha256` (64 hex) on the day `retrieved`."""

    artifact: str
    base: str
    relation: Relation
    licence: str | None = None
    licence_sha256: str | None = None
    retrieved: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """`artifact` is known to `by`, and goes out under `licence` if that is told; `also` are other names of the same
    bytes, such as on a hub, or files of it. With `alias`, the label tells the other names alone."""

    artifact: str
    licence: str | None = None
    by: str = ""
    also: tuple[str, ...] = ()
    alias: bool = False
    title: str = ""
    """What `by` calls it, where that is told beside its names."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims that cannot both be true: `what` is `licence`, `relation`, `licence-text` or `digest`."""

    what: str
    artifact: str
    base: str | None
    claims: tuple[tuple[str, str], ...]
    """Each (value, who says so), in the order of the values."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Nodes reached from one, nearest first, with the number of steps; `whole` unless the walk met its limit."""

    nodes: tuple[tuple[str, int], ...]
    whole: bool


class Lineage:
    """The graph of some claims. Names that a label gives to bytes stand for those bytes in every claim."""

    def __init__(self, edges: Iterable[Edge], labels: Iterable[Label] = ()) -> None:
        self.labels = tuple(labels)
        self._bytes_of = _names(self.labels)
        self.edges = tuple(dict.fromkeys(self._unified(edge) for edge in edges))
        self._up, self._down = _by(self.edges, "artifact"), _by(self.edges, "base")
        self._bases, self._made = _ends(self._up, "base"), _ends(self._down, "artifact")
        self._told: dict[str, list[Label]] = {}
        for label in self.labels:
            self._told.setdefault(label.artifact, []).append(label)

    def _unified(self, edge: Edge) -> Edge:
        artifact, base = self.node(edge.artifact), self.node(edge.base)
        if (artifact, base) == (edge.artifact, edge.base):
            return edge
        claim = (edge.relation, edge.licence, edge.licence_sha256, edge.retrieved, edge.by)
        return Edge(artifact, base, *claim)

    def node(self, name: str) -> str:
        """The node that a name stands for: the bytes, where exactly one label says which."""
        several = self._bytes_of.get(name, ())
        return several[0] if len(several) == 1 else name

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Every node, in the order in which claims name them."""
        named = (name for edge in self.edges for name in (edge.artifact, edge.base))
        return tuple(dict.fromkeys((*named, *(label.artifact for label in self.labels))))

    def bases_of(self, artifact: str) -> tuple[Edge, ...]:
        """The claims on what `artifact` was made from."""
        return self._up.get(self.node(artifact), ())

    def made_from(self, base: str) -> tuple[Edge, ...]:
        """The claims on what was made from `base`."""
        return self._down.get(self.node(base), ())

    def licences_of(self, artifact: str) -> tuple[tuple[str, str], ...]:
        """Each (licence, who says so) of an artifact: its own labels, and what others took it under."""
        node = self.node(artifact)
        own = ((label.licence, label.by) for label in self._told.get(node, ()))
        taken = ((edge.licence, edge.by) for edge in self.made_from(node))
        return tuple(dict.fromkeys((licence, by) for licence, by in (*own, *taken) if licence))

    def upstream(self, artifact: str, limit: int = MAX_NODES) -> Walk:
        """What `artifact` rests on, at any distance."""
        return self._walk([self.node(artifact)], self._bases, limit)

    def downstream(self, base: str, limit: int = MAX_NODES) -> Walk:
        """What came from `base`, at any distance: whom a withdrawal or a changed licence concerns."""
        return self._walk([self.node(base)], self._made, limit)

    def downstream_of(self, bases: Iterable[str], limit: int = MAX_NODES) -> Walk:
        """What came from any of `bases`, without these themselves."""
        return self._walk(list(map(self.node, bases)), self._made, limit)

    def _walk(self, starts: Sequence[str], ends: Mapping[str, tuple[str, ...]], limit: int) -> Walk:
        found, waiting = dict.fromkeys(starts, 0), deque(dict.fromkeys(starts))
        most = len(found) + limit
        while waiting:
            node = waiting.popleft()
            for reached in ends.get(node, ()):
                if reached in found:
                    continue
                if len(found) >= most:
                    return Walk(_after(found, starts), whole=False)
                found[reached] = found[node] + 1
                waiting.append(reached)
        return Walk(_after(found, starts), whole=True)

    @property
    def roots(self) -> tuple[str, ...]:
        """What nothing else was made from; of a graph that only goes round, one node of each circle."""
        free = [node for node in self.nodes if node not in self._down]
        return tuple(free + [circle[0] for circle in self.cycles])

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Bases of which nothing is known but that somebody names them: no label and no bases of their own."""
        labelled = {label.artifact for label in self.labels if not label.alias}
        return tuple(node for node in self.nodes if node not in self._up and node not in labelled)

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Each set of artifacts that rest on each other, which no true history has, in alphabetical order."""
        return tuple(sorted(tuple(sorted(part)) for part in self._strong() if self._goes_round(part)))

    def _goes_round(self, part: list[str]) -> bool:
        return len(part) > 1 or any(edge.base == part[0] for edge in self.bases_of(part[0]))

    def _strong(self) -> Iterator[list[str]]:
        """Strongly connected parts (Tarjan 1972), without recursion: a chain of claims may be any length."""
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        held: set[str] = set()
        for start in self.nodes:
            if start in index:
                continue
            index[start] = low[start] = len(index)
            stack.append(start)
            held.add(start)
            path = [(start, iter(self._up.get(start, ())))]
            while path:
                node, rest = path[-1]
                edge = next(rest, None)
                if edge is None:
                    path.pop()
                    if path:
                        low[path[-1][0]] = min(low[path[-1][0]], low[node])
                    if low[node] == index[node]:
                        yield _popped(stack, held, node)
                elif edge.base not in index:
                    index[edge.base] = low[edge.base] = len(index)
                    stack.append(edge.base)
                    held.add(edge.base)
                    path.append((edge.base, iter(self._up.get(edge.base, ()))))
                elif edge.base in held:
                    low[node] = min(low[node], index[edge.base])

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Claims about one artifact, or one step, that cannot all be true."""
        names = ((name, of) for name, of in self._bytes_of.items() if not name.startswith("sha256:"))
        found = [_told("digest", name, None, [(each, "") for each in of]) for name, of in names]
        for node in self.nodes:
            found.append(_told("licence", node, None, [(_id(each), by) for each, by in self.licences_of(node)]))
            steps: dict[str, list[tuple[str, str]]] = {}
            for edge in self.bases_of(node):
                steps.setdefault(edge.base, []).append((edge.relation, edge.by))
            found += [_told("relation", node, base, claims) for base, claims in steps.items()]
        found += self._texts()
        return tuple(each for each in found if each is not None)

    def _texts(self) -> Iterator[Contradiction | None]:
        """A base that was taken under one licence, with texts of different digests on one day."""
        for base, edges in self._down.items():
            by_day: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
            for edge in edges:
                if edge.licence_sha256 and edge.retrieved:
                    by_day.setdefault((edge.licence, edge.retrieved), []).append((edge.licence_sha256, edge.by))
            for claims in by_day.values():
                yield _told("licence-text", base, None, claims)


def _told(what: str, artifact: str, base: str | None, claims: Iterable[tuple[str, str]]) -> Contradiction | None:
    several = tuple(sorted(dict.fromkeys(claims)))
    return Contradiction(what, artifact, base, several) if len({value for value, _ in several}) > 1 else None


def _id(licence: str) -> str:
    """One word for all names of a licence, so that a hub's tag and an id are no two claims."""
    known = registry().find(licence).one
    return known.id if known else licence


def _popped(stack: list[str], held: set[str], node: str) -> list[str]:
    part: list[str] = []
    while not part or part[-1] != node:
        part.append(stack.pop())
        held.discard(part[-1])
    return part


def _by(edges: Iterable[Edge], end: str) -> dict[str, tuple[Edge, ...]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(getattr(edge, end), []).append(edge)
    return {node: tuple(several) for node, several in found.items()}


def _after(found: Mapping[str, int], starts: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple(found.items())[len(set(starts)) :]


def _ends(edges: Mapping[str, tuple[Edge, ...]], end: str) -> dict[str, tuple[str, ...]]:
    """Each neighbour once, however many claims lead there."""
    return {node: tuple(dict.fromkeys(getattr(each, end) for each in several)) for node, several in edges.items()}


def _names(labels: Iterable[Label]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for label in labels:
        for name in label.also:
            if label.artifact not in found.setdefault(name, []):
                found[name].append(label.artifact)
    return {name: tuple(several) for name, several in found.items()}
