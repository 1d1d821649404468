# SPDX-License-Identifier: Apache-2.0
"""Who gave the files that a decision is about, as everybody may know it: whose declarations of bases are looked at.

Every giver of a file that makes a model what it is counts; one that has only a small file in common, such as a
configuration that a thousand models have, counts where nobody else gave that. Sizes are those that givers signed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.contributions import queries
from app.contributions.queries import Hit
from app.contributions.seeing import shown
from app.licences.equal import WEIGHTS
from app.licences.origins import PER_DIGEST, Given, Walk
from app.licences.signs import beside
from app.licences.stances import Stance
from mcla.artifacts.manifest import Manifest
from mcla.licences.claimed import Beside
from mcla.tiers.bases import Giver, Left

LARGE = 64 * 1024
"""Bytes from which on a file makes a model what it is, whatever it is called."""
MOST_LOOKED_AT = 500
"""Contributions that one question looks at, the first in the log."""


def givers_of(session: Session, files: Manifest, now: datetime, origin: str) -> tuple[list[Giver], list[Left]]:
    """The givers of these files in the order of the log, and what was not looked at, by name.

    The number of statements grows with the steps to the first base, never with contributions.
    """
    walk = Walk(session, now, origin)
    digests = [files.root, *(each.sha256 for each in files.files)]
    hits = [hit for hit in queries.hits(session, digests, PER_DIGEST + 1, walk.below) if shown(hit, now).public]
    hits.sort(key=lambda hit: (not _is_large(hit), hit.log_index))
    ids = list(dict.fromkeys(hit.contribution_id for hit in hits if hit.rank <= PER_DIGEST))
    beyond = {hit.contribution_id for hit in hits} - set(ids[:MOST_LOOKED_AT])
    given = {each.id: each for each in walk.load(set(ids[:MOST_LOOKED_AT]))}
    alive = {name for name, each in given.items() if each.ended_at is None}
    counted = _counted([hit for hit in hits if hit.contribution_id in alive])
    found = sorted((given[name] for name in counted), key=lambda each: each.log_index)
    known = _beside(session, found, walk, Walk(session, now, origin, walk.below))
    left = [*_left(given, counted, beyond), *_bare(files, hits, counted)]
    return [_giver(each, known[each.id]) for each in found], left


def _beside(session: Session, found: Sequence[Given], walk: Walk, others: Walk) -> Mapping[str, Beside]:
    """What is known beside the declarations, with the bases followed up to the first."""
    if not found:
        return {}
    walk.up(found)
    return beside(session, found, walk.graph(), others, walk.below)


def _is_large(hit: Hit) -> bool:
    """Whether the file, or the whole, makes a model what it is, by what its giver says of it."""
    return hit.path is None or (hit.size or 0) >= LARGE or hit.path.lower().endswith(WEIGHTS)


def _counted(hits: Sequence[Hit]) -> set[str]:
    """The contributions that count: those of every large file, and of the small files that none of them covers."""
    large = {hit.sha256 for hit in hits if _is_large(hit)}
    first = {hit.contribution_id for hit in hits if hit.sha256 in large}
    covered = {hit.sha256 for hit in hits if hit.contribution_id in first}
    return first | {hit.contribution_id for hit in hits if hit.sha256 not in covered}


def _left(given: Mapping[str, Given], counted: set[str], beyond: Iterable[str]) -> list[Left]:
    ended = [Left("contribution", name, "withdrawn") for name, each in given.items() if each.ended_at is not None]
    small = [
        Left("contribution", name, "shares-small-files")
        for name, each in given.items()
        if each.ended_at is None and name not in counted
    ]
    return [*(Left("contribution", name, "too-many") for name in sorted(beyond)), *ended, *small]


def _bare(files: Manifest, hits: Iterable[Hit], counted: set[str]) -> list[Left]:
    """The files that nobody who counts has given; a whole that somebody gave as such has none."""
    covered = {hit.sha256 for hit in hits if hit.contribution_id in counted}
    if files.root in covered:
        return []
    return [Left("file", each.path, "not-given-here") for each in files.files if each.sha256 not in covered]


def _giver(given: Given, known: Beside) -> Giver:
    root, stance = given.node.removeprefix("sha256:"), given.stance
    judged = (stance.policy, _policy_of(stance), known, stance.weighs(given.id))
    return Giver(given.id, given.kind, root, given.declarations, *judged)


def _policy_of(stance: Stance) -> dict[str, str | int | None]:
    kept = stance.kept
    version, sha256 = (kept.number, kept.sha256 or None) if kept else (None, None)
    return {"project": stance.project, "version": version, "sha256": sha256}
