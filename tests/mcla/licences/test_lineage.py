# SPDX-License-Identifier: Apache-2.0
"""The graph of claims: walked both ways, names and bytes as one node, and contradictions shown as what they are."""

import itertools
import json
from typing import Any

import pytest

from mcla.licences.lineage import MAX_CLAIMS, Edge, Label, Lineage
from mcla.licences.lineage_file import LineageInvalid, claims_of_declarations, lineage, read_lineage
from mcla.licences.lineage_telling import MAX_LINES, concerned, faults, to_dict, tree

HEX = "ab" * 32
BYTES = f"sha256:{HEX}"


def chain(*nodes: str) -> list[Edge]:
    return [Edge(one, other, "fine-tune", "MIT") for one, other in itertools.pairwise(nodes)]


def test_both_ways_and_nearest_first() -> None:
    graph = Lineage([*chain("c", "b", "a"), Edge("d", "a", "merge")])
    assert graph.upstream("c").nodes == (("b", 1), ("a", 2))
    assert graph.downstream("a").nodes == (("b", 1), ("d", 1), ("c", 2))
    assert graph.roots == ("c", "d")
    assert graph.upstream("nobody knows this").nodes == ()


def test_a_withdrawn_base_lists_all_that_came_from_it_up_to_a_bound_that_is_told() -> None:
    graph = Lineage([Edge(f"child-{number}", "base", "quantisation") for number in range(50)])
    assert len(graph.downstream("base").nodes) == 50
    part = graph.downstream("base", limit=10)
    assert (len(part.nodes), part.whole) == (10, False)


def test_a_name_on_a_hub_and_its_bytes_are_one_node() -> None:
    graph = Lineage(
        [Edge("mine", "org/model@v1", "fine-tune", "MIT"), Edge("other", BYTES, "merge", "MIT")],
        [Label(BYTES, "MIT", "org", also=("org/model@v1",))],
    )
    assert graph.downstream("org/model@v1").nodes == (("mine", 1), ("other", 1))
    assert graph.missing == ()
    assert graph.contradictions == ()


def test_circles_are_found_at_any_length_and_walks_end() -> None:
    graph = Lineage([*chain("a", "b", "c", "a"), Edge("self", "self", "merge"), *chain("x", "a")])
    assert graph.cycles == (("a", "b", "c"), ("self",))
    assert graph.upstream("a").nodes == (("b", 1), ("c", 2))
    assert next(iter(tree(graph))) == "x: no licence told"
    assert any("(see above)" in line for line in tree(graph))
    assert "a, b, c rest on each other: no history goes round." in faults(graph)
    assert "self is said to rest on itself: no history goes round." in faults(graph)
    long = [f"n{number}" for number in range(20_000)]
    assert len(Lineage(chain(*long, long[0])).cycles[0]) == 20_000


def test_ten_thousand_bases_that_are_each_described_cost_as_many_steps() -> None:
    bases = [f"base-{number}" for number in range(10_000)]
    edges = [Edge("mine", base, "merge", "MIT", by=by) for base in bases for by in ("a", "b")]
    graph = Lineage([*edges, Edge("mine", "base-7", "fine-tune")], [Label(base, "MIT", "c") for base in bases])
    assert [(each.what, each.base) for each in graph.contradictions] == [("relation", "base-7")]
    assert (graph.missing, graph.roots) == ((), ("mine",))


def test_what_contradictions_concern_is_told_once_and_not_for_each_of_them() -> None:
    chain_of = [f"n{number}" for number in range(2_000)]
    graph = Lineage(
        chain(*chain_of), [Label(node, licence, "x") for node in chain_of for licence in ("MIT", "GPL-3.0")]
    )
    looked = CountingEnds(graph._made)
    graph._made = looked
    told = to_dict(graph)
    concerns = [each["concerns"] for each in told["contradictions"]]
    assert (len(concerns), max(map(len, concerns))) == (2_000, 20)
    assert [each["concerns_whole"] for each in told["contradictions"]].count(False) == 2_000 - 21
    assert looked.count < 25 * 2_000
    base = Lineage(chain("d", "c", "b", "a"), [Label(each, licence) for each in "ac" for licence in ("MIT", "GPL-3.0")])
    assert to_dict(base)["concerned"] == {"artifacts": ["d", "b"], "whole": True}
    assert all(line.endswith("lists all)") for line in concerned(graph)[30:60])


class CountingEnds(dict[str, Any]):
    """The neighbours of nodes, counting how often they are asked for."""

    count = 0

    def get(self, key: Any, default: Any = None) -> Any:
        self.count += 1
        return super().get(key, default)


def test_a_base_that_nobody_describes_is_missing_also_when_its_bytes_are_named() -> None:
    edges, labels = claims_of_declarations(
        "mine",
        {"bases": [{"name": "org/model", "revision": "v1", "sha256": HEX, "relation": "merge", "licence": "MIT"}]},
        "somebody",
    )
    graph = Lineage(edges, labels)
    assert graph.missing == (BYTES,)
    assert graph.node("org/model@v1") == BYTES
    assert faults(graph) == [f"Nothing is known of {BYTES[:19]}… but that something was made from it."]


@pytest.mark.parametrize(
    ("edges", "labels", "what", "sentence"),
    [
        (
            [Edge("m", "b", "fine-tune", by="x"), Edge("m", "b", "merge", by="y")],
            [],
            "relation",
            "Two claims on how m was made from b: fine-tune (x); merge (y).",
        ),
        (
            [Edge("m", "b", "merge", "MIT", by="x"), Edge("n", "b", "merge", "GPL-3.0", by="y")],
            [],
            "licence",
            "Two claims on the licence of b: GPL-3.0 (y); MIT (x).",
        ),
        (
            [Edge("m", "b", "merge", "MIT", by="x")],
            [Label("b", "CC-BY-NC-4.0", "b's maker")],
            "licence",
            "Two claims on the licence of b: CC-BY-NC-4.0 (b's maker); MIT (x).",
        ),
        (
            [
                Edge("m", "b", "merge", "MIT", "1" * 64, "2026-01-01"),
                Edge("n", "b", "merge", "MIT", "2" * 64, "2026-01-01"),
            ],
            [],
            "licence-text",
            f"Two texts of one licence of b on one day: {'1' * 64}; {'2' * 64}.",
        ),
        (
            [],
            [Label("p", also=("org/x@1",)), Label("q", also=("org/x@1",))],
            "digest",
            "org/x@1 stands for different bytes: p; q.",
        ),
    ],
)
def test_two_claims_are_shown_as_two_claims(edges: Any, labels: Any, what: str, sentence: str) -> None:
    graph = Lineage(edges, labels)
    assert [found.what for found in graph.contradictions] == [what]
    assert sentence in faults(graph)


def test_two_names_of_one_licence_and_texts_of_two_days_are_no_contradiction() -> None:
    graph = Lineage(
        [
            Edge("m", "b", "merge", "apache-2.0", "1" * 64, "2026-01-01"),
            Edge("n", "b", "merge", "Apache-2.0", "2" * 64, "2026-01-02"),
        ]
    )
    assert graph.contradictions == ()


def test_a_file_in_two_contributions_is_no_contradiction() -> None:
    graph = Lineage([], [Label("p", also=(BYTES,)), Label("q", also=(BYTES,))])
    assert graph.contradictions == ()
    assert graph.node(BYTES) == BYTES


def test_what_was_declared_becomes_claims_and_rows_that_are_none_are_left_out() -> None:
    row = {"name": "org/m", "revision": "v1", "relation": "fine-tune", "licence": "MIT", "retrieved": "2026-01-31"}
    rows = [row, {"name": "", "relation": "merge"}, {"name": "x", "relation": "stolen"}, "text"]
    edges, labels = claims_of_declarations("mine", {"bases": rows}, "signer")
    assert edges == [Edge("mine", "org/m@v1", "fine-tune", "MIT", None, "2026-01-31", "signer")]
    assert labels == []
    assert claims_of_declarations("mine", {"bases": "none"}, "signer") == ([], [])


MERGE = {"artifact": "a", "base": "b", "relation": "merge"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "edges, labels or both"),
        ({}, "edges, labels or both"),
        ({"edges": [], "nodes": []}, "edges, labels or both"),
        ({"edges": {}}, "/edges: expected a list"),
        ({"edges": ["a"]}, "/edges/0: expected an object"),
        ({"edges": [{"artifact": "a", "base": "b"}]}, "/edges/0: expected the member relation"),
        ({"edges": [{"artifact": "a", "base": "b", "relation": "stolen"}]}, "/edges/0/relation: expected one of"),
        (
            {"edges": [{"artifact": "a", "base": "b", "relation": "merge", "colour": "red"}]},
            "/edges/0: expected one of",
        ),
        ({"edges": [{"artifact": "a", "base": 1, "relation": "merge"}]}, "/edges/0/base: expected a text"),
        ({"edges": [MERGE | {"retrieved": "yesterday"}]}, "/edges/0/retrieved: expected a day"),
        ({"edges": [MERGE | {"retrieved": "2026-02-30"}]}, "/edges/0/retrieved: expected a day"),
        ({"edges": [MERGE | {"licence_sha256": "zz"}]}, "/edges/0/licence_sha256: expected 64 hex digits"),
        ({"labels": [{"licence": "MIT"}]}, "/labels/0: expected the member artifact"),
        ({"labels": [{"artifact": "a", "also": [""]}]}, "/labels/0/also: expected a list of names"),
        ({"labels": [3]}, "/labels/0: expected an object"),
        ({"edges": [None] * (MAX_CLAIMS + 1)}, "at most 100,000 claims"),
    ],
)
def test_claims_that_cannot_be_read_are_refused_with_their_place(value: Any, told: str) -> None:
    with pytest.raises(LineageInvalid, match=told):
        read_lineage(value)


def test_more_claims_than_are_walked_are_refused() -> None:
    with pytest.raises(LineageInvalid, match="at most"):
        lineage([Edge("a", "b", "merge")] * (MAX_CLAIMS + 1), [])


def test_the_tree_is_bounded_and_the_document_whole() -> None:
    graph = Lineage([Edge("mine", f"base-{number}", "merge") for number in range(MAX_LINES + 10)])
    lines = list(tree(graph))
    assert len(lines) == MAX_LINES + 1
    assert lines[-1].startswith("(more follows")
    document = json.loads(json.dumps(to_dict(graph)))
    assert len(document["edges"]) == MAX_LINES + 10
    assert len(document["missing"]) == MAX_LINES + 10
