# SPDX-License-Identifier: Apache-2.0
"""A lineage for people and programs: a tree in lines of text, and everything as JSON with its faults named.

The tree is bounded in depth and lines; a base met again is named and not walked again, so that a circle ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from mcla.licences.lineage import Contradiction, Edge, Lineage, Walk
from mcla.wording import Worded

MAX_LINES = 2_000
MAX_DEPTH = 64
FEW = 20
"""So many sentences of one kind are told in text; how many there are is told besides."""
NAMED = 5
"""So many bases of which nothing is known are named in a sentence about all of them."""
NEAREST = 20
"""So many artifacts are told for each that claims contradict each other on; all of them together are told once."""
SENTENCES = MappingProxyType(
    {
        "circle": "%(nodes)s rest on each other: no history goes round.",
        "itself": "%(nodes)s is said to rest on itself: no history goes round.",
        "missing": "Nothing is known of %(node)s but that something was made from it.",
        "relation": "Two claims on how %(artifact)s was made from %(base)s: %(claims)s.",
        "licence": "Two claims on the licence of %(artifact)s: %(claims)s.",
        "licence-text": "Two texts of one licence of %(artifact)s on one day: %(claims)s.",
        "digest": "%(artifact)s stands for different bytes: %(claims)s.",
    }
)
"""What is said of claims that do not fit together, by what is wrong."""


def tree(graph: Lineage) -> Iterator[str]:
    """One line a claim, each base indented below what was made from it; raises nothing for circles or size."""
    lines = 0
    for root in graph.roots:
        for line in _below(graph, root):
            if lines == MAX_LINES:
                yield "(more follows; --json has all of it)"
                return
            lines += 1
            yield line


def _below(graph: Lineage, root: str) -> Iterator[str]:
    yield _named(graph, root)
    seen, waiting = {root}, [(edge, 1) for edge in reversed(graph.bases_of(root))]
    while waiting:
        edge, depth = waiting.pop()
        again = edge.base in seen
        yield "  " * depth + _step(edge) + (" (see above)" if again else "")
        if again or depth == MAX_DEPTH:
            continue
        seen.add(edge.base)
        waiting += [(each, depth + 1) for each in reversed(graph.bases_of(edge.base))]


def _step(edge: Edge) -> str:
    under = f" under {edge.licence}" if edge.licence else " (no licence told)"
    since = f", taken {edge.retrieved}" if edge.retrieved else ""
    who = f", says {edge.by}" if edge.by else ""
    return f"{edge.relation} of {short(edge.base)}{under}{since}{who}"


def _named(graph: Lineage, node: str) -> str:
    licences = ", ".join(dict.fromkeys(licence for licence, _ in graph.licences_of(node)))
    return f"{short(node)}: {licences or 'no licence told'}"


def short(node: str) -> str:
    """A node as sentences name it: of a digest the first digits."""
    return f"{node[:19]}…" if node.startswith("sha256:") and len(node) == 71 else node


def faults(graph: Lineage) -> list[str]:
    """What is wrong with the claims, one sentence each: what cannot be true, and bases of which nothing is known."""
    return [*conflicts(graph), *faults_of_missing(graph.missing)]


def faults_of_missing(nodes: Iterable[str]) -> list[str]:
    """That nothing is known of each of these bases."""
    return [Worded(SENTENCES["missing"], node=short(node)) for node in nodes]


def faults_in_few_words(graph: Lineage) -> list[str]:
    """The same for somebody who reads: unknown bases in one sentence, of everything else the first `FEW`."""
    unknown = graph.missing
    if len(unknown) < 2:
        return [*few(conflicts(graph)), *faults_of_missing(unknown)]
    more = len(unknown) - NAMED
    named = ", ".join(map(short, unknown[:NAMED])) + (f" and {more:,} more (--json has all)" if more > 0 else "")
    return [*few(conflicts(graph)), f"Nothing is known of {named} but that something was made from them."]


def few(sentences: Sequence[str]) -> list[str]:
    """The first of many sentences, and how many more there are."""
    more = len(sentences) - FEW
    return [*sentences[:FEW], *([f"And {more:,} more such notes (--json has all)."] if more > 0 else [])]


def concerned(graph: Lineage) -> list[str]:
    """Whom two claims on one licence concern: what rests on each such artifact, the nearest, one sentence each."""
    told = dict.fromkeys(each.artifact for each in graph.contradictions if each.what == "licence")
    below = [(node, graph.downstream(node, NEAREST)) for node in told]
    return [_resting(node, walk) for node, walk in below if walk.nodes]


def _resting(node: str, walk: Walk) -> str:
    more = "" if walk.whole else f" and more (--from {node} lists all)"
    return f"What rests on {short(node)}: {', '.join(short(each) for each, _ in walk.nodes)}{more}"


def conflicts(graph: Lineage) -> list[str]:
    """What cannot be true: circles, and claims that contradict each other."""
    circles = [
        Worded(SENTENCES["circle" if len(circle) > 1 else "itself"], nodes=", ".join(map(short, circle)))
        for circle in graph.cycles
    ]
    return [*circles, *map(_disagree, graph.contradictions)]


def _disagree(found: Contradiction) -> str:
    claims = "; ".join(f"{value}{f' ({by})' if by else ''}" for value, by in found.claims)
    parts = {"artifact": short(found.artifact), "base": short(found.base or ""), "claims": claims}
    return Worded(SENTENCES[found.what], **parts)


def to_dict(graph: Lineage) -> dict[str, Any]:
    """Nodes with their licences, edges as claimed, the faults, and everything that rests on what has contradictions.

    As large as the claims are: of a single contradiction only the `NEAREST` artifacts are listed.
    """
    concerns = graph.downstream_of(each.artifact for each in graph.contradictions)
    return {
        "nodes": [
            {"id": node, "licences": [{"licence": each, "by": by} for each, by in graph.licences_of(node)]}
            for node in graph.nodes
        ],
        "edges": [asdict(edge) for edge in graph.edges],
        "cycles": [list(circle) for circle in graph.cycles],
        "missing": list(graph.missing),
        "contradictions": [_contradiction(graph, found) for found in graph.contradictions],
        "concerned": {"artifacts": [node for node, _ in concerns.nodes], "whole": concerns.whole},
        "sentences": [str(sentence) for sentence in faults(graph)],
    }


def _contradiction(graph: Lineage, found: Contradiction) -> dict[str, Any]:
    nearest = graph.downstream(found.artifact, NEAREST)
    return {
        "what": found.what,
        "artifact": found.artifact,
        "base": found.base,
        "claims": [{"value": value, "by": by} for value, by in found.claims],
        "concerns": [node for node, _ in nearest.nodes],
        "concerns_whole": nearest.whole,
    }
