# SPDX-License-Identifier: Apache-2.0
"""What the rules and the signs say of contributions, with what the service knows beside the claims of their givers.

An earlier contribution says under which licence tensors and files were known before; so does a list of families that an
operator brought in. No such list is shipped, because nobody here has held the files.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contributions.models import ContributionArtifact
from app.licences.equal import shared_files, shared_tensors
from app.licences.families import files_of_families
from app.licences.origins import Given, Walk
from app.platform.sqllists import listed
from mcla.licences.claimed import Beside, Judged, judge
from mcla.licences.lineage import Lineage
from mcla.licences.question import Policy
from mcla.licences.signals import Known, Match
from mcla.verify.standing import AsOf

MOST_LOOKED_AT = 500
"""Contributions that one question has compared with others, the first in the order of their ids."""
MOST_TOLD = 5


def judged_of(session: Session, ids: Collection[str], as_of: AsOf, origin: str, stance: Policy) -> dict[str, Judged]:
    """What is seen on these contributions as everybody might have seen it then, debated points by the stance given.

    What is missing was not public, or one too many. The number of statements grows with the steps to the first base,
    never with contributions.
    """
    walk = Walk(session, as_of.time, origin, as_of.log_size)
    own = walk.load(set(sorted(ids)[:MOST_LOOKED_AT]))
    if not own:
        return {}
    walk.up(own)
    found = beside(session, own, walk.graph(), Walk(session, as_of.time, origin, as_of.log_size), as_of.log_size)
    return {each.id: judge(each.outbound, each.title, each.bases, found[each.id], stance) for each in own}


def beside(session: Session, own: Sequence[Given], graph: Lineage, others: Walk, below: int) -> dict[str, Beside]:
    """What is known beside the claims of `own`, whose `graph` reaches up to the first bases; `others` is a walk of its
    own, so that what is merely equal does not enter the graph."""
    ids = [each.id for each in own]
    tensors, files = shared_tensors(session, ids, below), shared_files(session, ids, below)
    known = {each.id: each for each in others.load({each.other for each in tensors} | {each.other for each in files})}
    explained = _made_from_own(session, own, known.values())
    matches: dict[str, list[Match]] = {each: [] for each in ids}
    for shared in tensors:
        if (other := known.get(shared.other)) is not None and (shared.own, shared.other) not in explained:
            counts = shared.tensors, shared.of_tensors, shared.bytes, shared.of_bytes
            matches[shared.own].append(Match(other.node, other.outbound, *counts))
    seen: dict[str, list[Known]] = {each: [] for each in ids}
    for file in files:
        if (other := known.get(file.other)) is not None and (file.own, file.other) not in explained:
            seen[file.own].append(Known(file.path, file.sha256, other.node, other.outbound))
    for contribution, of_a_list in files_of_families(session, ids, others.now):
        seen[contribution].append(of_a_list)
    return {each.id: _beside(each, graph, matches[each.id], seen[each.id]) for each in own}


def _made_from_own(session: Session, own: Sequence[Given], others: Collection[Given]) -> set[tuple[str, str]]:
    """The pairs (own, other) where `other` names `own` or a file of it as its base itself, though it was given before:
    a base may be given after its child.

    Each contribution speaks for itself alone, so whoever took what somebody else gave cannot claim it away.
    """
    named = {edge.base for each in others for edge in each.bases if edge.base.startswith("sha256:")}
    if not named:
        return set()
    file, ids = ContributionArtifact, [each.id for each in own]
    digests = [each.removeprefix("sha256:") for each in named]
    query = select(file.contribution_id, "sha256:" + file.sha256).where(
        file.contribution_id.in_(listed(session, ids)), file.sha256.in_(listed(session, digests))
    )
    mine = {(row[0], row[1]) for row in session.execute(query)} | {(each.id, each.node) for each in own}
    return {(each, other.id) for other in others for edge in other.bases for each, node in mine if node == edge.base}


def _beside(given: Given, graph: Lineage, matches: Sequence[Match], files: Sequence[Known]) -> Beside:
    upstream: Mapping[str, int] = dict(graph.upstream(given.node).nodes)
    most = sorted(dict.fromkeys(matches), key=lambda match: -match.per_mille)[:MOST_TOLD]
    names = frozenset(node for node in upstream if node != graph.node(given.node))
    return Beside(names, tuple(most), tuple(dict.fromkeys(files)))
