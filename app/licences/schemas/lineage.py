# SPDX-License-Identifier: Apache-2.0
"""JSON of the graph around an artifact, with what the rules and the signs say of its contributions."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.licences.downstream import Changed, changes
from app.licences.judging import judge
from app.licences.origins import Given, Origins
from app.licences.picture import name_of
from app.licences.schemas.known import LicenceDataOut, data_out
from app.platform.bodies import Answer
from mcla.licences.lineage_telling import faults
from mcla.licences.question import Relation
from mcla.licences.registry import registry
from mcla.licences.verdict import NOTICE
from mcla.licences.vocabulary import Stance


class ClaimantOut(Answer):
    """A contribution at a node: what its giver declares, and what the rules and the signs say of that."""

    id: str
    kind: str
    title: str
    licence: str | None
    signer: str
    ended_at: datetime | None
    verdict: Literal["allowed", "needs-notice", "needs-review", "denied"] | None
    rules: list[str]
    missing: list[str]
    stance: dict[str, Stance] = Field(
        description="Debated points that its project has settled in the policy kept here; the others are reviewed."
    )
    signals: list[dict[str, Any]]


class LineageNodeOut(Answer):
    """An artifact: `sha256:HEX`, or a name on a hub where no bytes are known; `steps` from the start, bases below 0."""

    node: str
    name: str
    steps: int | None
    licences: list[str]
    contributions: list[ClaimantOut]


class LineageEdgeOut(Answer):
    """A claim that `artifact` was made from `base`."""

    artifact: str
    base: str
    relation: Relation
    licence: str | None
    licence_sha256: str | None
    retrieved: str | None
    by: str


class DeclaredOut(Answer):
    """What one contribution declares its artifact to go out under."""

    licence: str
    contribution: str
    log_index: int = Field(ge=0)
    time: datetime


class LicenceChangeOut(Answer):
    """An artifact whose licence was declared differently later; the later does not undo what was taken before."""

    artifact: str
    declared: list[DeclaredOut] = Field(description="In the order of the log.")
    concerns: list[str] = Field(description="What rests on it, as far as it is known here: all, of the start itself.")


class LineageOut(Answer):
    """The graph around an artifact."""

    artifact: str
    whole: bool
    nodes: list[LineageNodeOut]
    edges: list[LineageEdgeOut]
    missing: list[str] = Field(description="Bases of which nothing else is known.")
    cycles: list[list[str]]
    faults: list[str] = Field(description="What does not fit together, one sentence each.")
    changes: list[LicenceChangeOut]
    data: LicenceDataOut
    notice: str


def lineage_out(found: Origins) -> dict[str, Any]:
    graph = found.graph
    up, down = dict(graph.upstream(found.start).nodes), dict(graph.downstream(found.start).nodes)
    steps = {**down, **{node: -step for node, step in up.items()}, found.start: 0}
    return {
        "artifact": found.start,
        "whole": found.whole,
        "nodes": [_node_out(found, node, steps.get(node)) for node in graph.nodes],
        "edges": [asdict(edge) for edge in graph.edges],
        "missing": list(graph.missing),
        "cycles": [list(circle) for circle in graph.cycles],
        "faults": [str(sentence) for sentence in faults(graph)],
        "changes": [_change_out(each) for each in changes(found)],
        "data": data_out(registry()),
        "notice": NOTICE,
    }


def _change_out(changed: Changed) -> dict[str, Any]:
    declared = [
        {"licence": each.outbound, "contribution": each.id, "log_index": each.log_index, "time": each.given_at}
        for each in changed.told
    ]
    return {"artifact": changed.node, "declared": declared, "concerns": list(changed.concerns)}


def _node_out(found: Origins, node: str, steps: int | None) -> dict[str, Any]:
    licences = dict.fromkeys(licence for licence, _by in found.graph.licences_of(node))
    told = {"node": node, "name": name_of(found, node), "steps": steps, "licences": list(licences)}
    return told | {"contributions": [_claimant_out(each, found) for each in found.given.get(node, ())]}


def _claimant_out(given: Given, found: Origins) -> dict[str, Any]:
    judged = judge(given, found)
    answer = judged.answer
    return {
        "id": given.id,
        "kind": given.kind,
        "title": given.title,
        "licence": given.outbound,
        "signer": given.by,
        "ended_at": given.ended_at,
        "verdict": answer.verdict.word if answer else None,
        "rules": list(answer.rules) if answer else [],
        "missing": list(answer.missing) if answer else [],
        "stance": given.stance.said,
        "signals": [each.to_dict() for each in judged.signals],
    }
