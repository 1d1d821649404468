# SPDX-License-Identifier: Apache-2.0
"""From one artifact to everything that contributions say it rests on, and that they say was made from it.

Only what is public counts: an embargoed contribution makes no claim here before its day. Each step in each direction
costs a constant number of statements; a walk ends after `MAX_STEPS` steps or `MAX_GIVEN` contributions and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session, load_only

from app.contributions import queries
from app.contributions.models import Contribution, ContributionArtifact, ContributionBase
from app.contributions.seeing import shown
from app.licences.stances import Stance, stances
from app.platform.sqllists import listed
from app.signing.models import Withdrawal
from mcla.licences.claimed import Beside
from mcla.licences.lineage import Edge, Label, Lineage

MAX_STEPS = 32
MAX_GIVEN = 1_000
PER_DIGEST = 10
"""So many contributions of one file are looked at, the first in the log: a licence text may be in countless ones."""

_COLUMNS = (
    Contribution.manifest_root,
    Contribution.kind,
    Contribution.declarations,
    Contribution.signer_id,
    Contribution.hidden_until,
    Contribution.hazard,
    Contribution.lifted_at,
    Contribution.log_index,
    Contribution.contributed_at,
    Contribution.project_id,
)


@dataclass(frozen=True, slots=True)
class Given:
    """A contribution as a node: `node` is its root, or its only file. `ended_at`: it was withdrawn."""

    id: str
    node: str
    kind: str
    title: str
    outbound: str | None
    """The licence that its giver declares for a release."""
    by: str
    ended_at: datetime | None
    log_index: int
    given_at: datetime
    stance: Stance
    """What its project says to debated points."""
    bases: tuple[Edge, ...] = ()
    declarations: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """All that its giver declares, as it stands in the statement."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The graph around `start`; `given` are the contributions in it by node, several where two are of one artifact."""

    start: str
    graph: Lineage
    given: dict[str, tuple[Given, ...]]
    whole: bool
    beside: Mapping[str, Beside] = field(default_factory=dict)
    """What is known without their givers of the contributions at the start, by id."""


def origins(session: Session, digest: str, now: datetime, origin: str) -> Origins:
    """What is known around an artifact (64 hex, of a file or a manifest root)."""
    walk = Walk(session, now, origin)
    begin = walk.covering([digest])
    walk.up(begin)
    walk.down([f"sha256:{digest}", *_nodes(begin)], begin)
    return walk.result(f"sha256:{digest}")


class Walk:
    """Loads contributions with their claims, each once, as they are seen by everybody at a moment.

    `below`: among the first so many entries of the log; None for all that there are.
    """

    def __init__(self, session: Session, now: datetime, origin: str, below: int | None = None) -> None:
        self._session, self.now, self._origin = session, now, origin
        self.below = queries.log_size(session) if below is None else below
        self._given: dict[str, Given] = {}
        self._labels: list[Label] = []
        self._seen: set[str] = set()
        self._whole = True
        self._stances: dict[str, Stance] = {}

    def covering(self, digests: Sequence[str]) -> list[Given]:
        """The contributions that list these digests, those that are new here."""
        hits = queries.hits(self._session, digests, PER_DIGEST, self.below)
        found = self.load({hit.contribution_id for hit in hits})
        nodes = {each.id: each.node for each in self._given.values()}
        for hit in hits:
            if hit.contribution_id in nodes and nodes[hit.contribution_id] != f"sha256:{hit.sha256}":
                self._labels.append(Label(nodes[hit.contribution_id], also=(f"sha256:{hit.sha256}",), alias=True))
        return found

    def up(self, given: Sequence[Given]) -> None:
        """Follow the bases, step by step."""
        for _step in range(MAX_STEPS):
            names = self._new(edge.base for each in given for edge in each.bases)
            if not names:
                return
            given = self.covering([name.removeprefix("sha256:") for name in names if name.startswith("sha256:")])
        self._whole = False

    def down(self, names: Iterable[str], given: Sequence[Given]) -> None:
        """Follow what names these, or a file of these contributions, as its base."""
        asked = list(names)
        for _step in range(MAX_STEPS):
            given = self.load(self._claiming(asked, [each.id for each in given]))
            if not given:
                return
            asked = _nodes(given)
        self._whole = False

    def _claiming(self, names: Sequence[str], ids: Sequence[str]) -> set[str]:
        """The contributions that name one of these nodes, or a file of one of these contributions."""
        row, file = ContributionBase, ContributionArtifact
        of_files = select("sha256:" + file.sha256).where(file.contribution_id.in_(listed(self._session, ids)))
        asked = listed(self._session, names)
        # Three questions that an index answers each; one with OR would read the table.
        conditions = (row.base.in_(asked), row.also.in_(asked), row.base.in_(of_files))
        found = union(*(select(row.contribution_id).where(each) for each in conditions)).subquery()
        query = select(found.c.contribution_id).order_by(found.c.contribution_id).limit(MAX_GIVEN + 1)
        return set(self._session.scalars(query))

    def load(self, ids: set[str]) -> list[Given]:
        """Those of these contributions that are new here and public."""
        wanted = sorted(ids - self._given.keys())
        if len(self._given) + len(wanted) > MAX_GIVEN:
            self._whole, wanted = False, wanted[: MAX_GIVEN - len(self._given)]
        if not wanted:
            return []
        found = [each for each in self._read(wanted) if each is not None]
        self._given |= {each.id: each for each in found}
        return found

    def _read(self, ids: Sequence[str]) -> list[Given]:
        asked, base = listed(self._session, ids), ContributionBase
        bases: dict[str, list[ContributionBase]] = {}
        for row in self._session.scalars(select(base).where(base.contribution_id.in_(asked)).order_by(base.position)):
            bases.setdefault(row.contribution_id, []).append(row)
        query = (
            select(Contribution, Withdrawal.signed_at)
            .options(load_only(*_COLUMNS))
            .outerjoin(Withdrawal, Withdrawal.ended_signing_id == Contribution.signing_id)
            .where(Contribution.id.in_(asked), Contribution.log_index < self.below)
            .order_by(Contribution.log_index)
        )
        rows = [(row, ended) for row, ended in self._session.execute(query) if shown(row, self.now).public]
        if new := {row.project_id for row, _ended in rows} - self._stances.keys():
            self._stances |= stances(self._session, new, self.now)
        return [self._one(row, ended, bases.get(row.id, [])) for row, ended in rows]

    def _one(self, row: Contribution, ended_at: datetime | None, bases: Sequence[ContributionBase]) -> Given:
        node, by = f"sha256:{row.manifest_root}", f"{self._origin}/signers/{row.signer_id}"
        edges = []
        for base in bases:
            claim: tuple[Any, ...] = (base.relation, base.licence, base.licence_sha256, base.retrieved, by)
            edges.append(Edge(node, base.base, *claim))
            if base.also:
                self._labels.append(Label(base.base, None, by, (base.also,), alias=True))
        outbound, title = (_text(row.declarations, key) for key in ("outbound", "title"))
        self._labels.append(Label(node, outbound, by))
        told = (row.id, node, row.kind, title or "", outbound, by)
        stance = self._stances[row.project_id]
        said = row.declarations if isinstance(row.declarations, dict) else {}
        return Given(*told, ended_at, row.log_index, row.contributed_at, stance, tuple(edges), said)

    def _new(self, names: Iterable[str]) -> list[str]:
        found = [name for name in dict.fromkeys(names) if name not in self._seen]
        self._seen.update(found)
        return found

    def result(self, start: str) -> Origins:
        self._name_the_rest()
        given: dict[str, tuple[Given, ...]] = {}
        for each in self._given.values():
            given[each.node] = (*given.get(each.node, ()), each)
        graph = self.graph()
        return Origins(graph.node(start), graph, given, self._whole)

    def graph(self) -> Lineage:
        """The claims of everything that was loaded."""
        return Lineage((edge for each in self._given.values() for edge in each.bases), self._labels)

    def _name_the_rest(self) -> None:
        """Whoever gave the other bases of what was found on the way down; what those rest on is not followed."""
        names = self._new(edge.base for each in self._given.values() for edge in each.bases)
        self.covering([name.removeprefix("sha256:") for name in names if name.startswith("sha256:")])


def _nodes(given: Sequence[Given]) -> list[str]:
    return [each.node for each in given]


def _text(declarations: Any, key: str) -> str | None:
    value = declarations.get(key) if isinstance(declarations, dict) else None
    return value if isinstance(value, str) and value else None
