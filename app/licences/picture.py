# SPDX-License-Identifier: Apache-2.0
"""A lineage as a picture: bases left, what was made from them right, every node a box in the column of its step.

Numbers only: a template draws them. Beyond `MOST` nodes there is no picture, and the list beside it says it all.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from app.licences.judging import judge
from app.licences.origins import Given, Origins
from mcla.licences.lineage import Edge
from mcla.licences.verdict import Verdict

MOST = 60
WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 196, 70, 64, 18, 6
MIDDLE = 26
LETTERS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its place, what it is called, its licence, and the verdict's word (`""`: not judged)."""

    node: str
    x: int
    y: int
    name: str
    licence: str
    verdict: str
    start: bool


@dataclass(frozen=True, slots=True)
class Line:
    """From a base to what was made from it; `number` is that of the problem it belongs to, told below."""

    x1: int
    y1: int
    x2: int
    y2: int
    number: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """A contribution whose licence does not fit, or needs a person: numbered from 1."""

    number: int
    given: Given
    verdict: str


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def problems(found: Origins) -> tuple[Problem, ...]:
    """What a person has to look at, in the order of the graph."""
    several = (each for node in found.graph.nodes for each in found.given.get(node, ()))
    told = ((each, answer.verdict) for each in several if (answer := judge(each).answer))
    bad = [(given, verdict) for given, verdict in told if verdict >= Verdict.NEEDS_REVIEW]
    return tuple(Problem(number, given, verdict.word) for number, (given, verdict) in enumerate(bad, 1))


def draw(found: Origins) -> Picture | None:
    """The picture, or None where there is nothing to draw or too much."""
    columns = _columns(found)
    if not 2 <= len(columns) <= MOST:
        return None
    first, places = min(columns.values()), _places(columns)
    boxes = tuple(_box(found, node, *at) for node, at in places.items())
    numbers = {each.given.id: each.number for each in problems(found)}
    lines = tuple(_line(places, edge, _number(found, edge, numbers)) for edge in found.graph.edges)
    width = EDGE * 2 + (max(columns.values()) - first + 1) * (WIDTH + ACROSS) - ACROSS
    return Picture(width, max(box.y for box in boxes) + HEIGHT + EDGE, boxes, lines)


def name_of(found: Origins, node: str) -> str:
    """A title that its giver told, a name on a hub, or the first digits."""
    titles = [each.title for each in found.given.get(node, ()) if each.title]
    aliases = [name for label in found.graph.labels if label.artifact == node for name in label.also]
    named = [*titles, *(name for name in aliases if not name.startswith("sha256:"))]
    return named[0] if named else node.removeprefix("sha256:")[:12] if node.startswith("sha256:") else node


def verdict_of(found: Origins, node: str) -> str:
    """The worst word over the contributions at a node; empty where none is judged."""
    answers = [answer for each in found.given.get(node, ()) if (answer := judge(each).answer)]
    return max(answers, key=lambda each: each.verdict).verdict.word if answers else ""


def _columns(found: Origins) -> Mapping[str, int]:
    """Every node that claims connect with the start, by steps from it; circles keep the first step that is found."""
    columns, waiting = {found.start: 0}, deque([found.start])
    while waiting and len(columns) <= MOST:
        node = waiting.popleft()
        near = [(edge.base, -1) for edge in found.graph.bases_of(node)]
        near += [(edge.artifact, 1) for edge in found.graph.made_from(node)]
        for other, step in near:
            if other not in columns:
                columns[other] = columns[node] + step
                waiting.append(other)
    return columns


def _places(columns: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    first, rows = min(columns.values()), dict.fromkeys(columns.values(), 0)
    places: dict[str, tuple[int, int]] = {}
    for node, column in columns.items():
        places[node] = EDGE + (column - first) * (WIDTH + ACROSS), EDGE + rows[column] * (HEIGHT + DOWN)
        rows[column] += 1
    return places


def _box(found: Origins, node: str, x: int, y: int) -> Box:
    licences = dict.fromkeys(licence for licence, _by in found.graph.licences_of(node))
    licence, name = ", ".join(licences), name_of(found, node)
    return Box(node, x, y, _cut(name), _cut(licence), verdict_of(found, node), node == found.start)


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _line(places: Mapping[str, tuple[int, int]], edge: Edge, number: int | None) -> Line:
    (x1, y1), (x2, y2) = places[edge.base], places[edge.artifact]
    return Line(x1 + WIDTH, y1 + MIDDLE, x2, y2 + MIDDLE, number)


def _number(found: Origins, edge: Edge, numbers: Mapping[str, int]) -> int | None:
    """The problem that this claim belongs to: that of a contribution which makes it, where its base is the reason."""
    for given in found.given.get(edge.artifact, ()):
        answer = judge(given).answer
        if given.id not in numbers or answer is None or given.by != edge.by:
            continue
        own = [found.graph.node(each.base) for each in given.bases]
        worst = {finding.base for finding in answer.findings if finding.verdict == answer.verdict}
        if None in worst or any(place is not None and own[place] == edge.base for place in worst):
            return numbers[given.id]
    return None
