# SPDX-License-Identifier: Apache-2.0
"""How far a signature of one version carries over the versions that came after it; a pure function of time.

From each offered version to the next a signature carries a kind if the terms compare as the same or as a notice, or
as scoped to other kinds; or if a person declared the two compatible. Equal terms with other words need such a word
too: software never says by itself that a text means the same. A signer stays bound by the text that was signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from app.agreements.values import PublishedVersion
from mcla.terms import Comparison, Kind, compare_versions

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Declared:
    """A person's word that a signature of one version carries on to another, from `at` on."""

    old_id: str
    new_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sets of documents, told apart by their digests alone."""

    old_digest: str
    new_digest: str
    old: Mapping[str, bytes] = field(compare=False)
    new: Mapping[str, bytes] = field(compare=False)


@lru_cache(maxsize=256)
def _compared(pair: _Pair) -> Comparison:
    return compare_versions(pair.old, pair.new)


def compared(old: PublishedVersion, new: PublishedVersion) -> Comparison:
    """What differs between two published versions."""
    return _compared(_Pair(old.digest, new.digest, old.documents, new.documents))


@dataclass(frozen=True, slots=True)
class Lineage:
    """The versions of one agreement, the oldest first, with everything that was declared between them."""

    versions: tuple[PublishedVersion, ...]
    declared: tuple[Declared, ...] = ()

    def version(self, version_id: str) -> PublishedVersion:
        return next(each for each in self.versions if each.id == version_id)

    def current(self, at: datetime) -> PublishedVersion:
        """The newest version that was offered at a time; where every one was withdrawn, the newest there was."""
        published = tuple(each for each in self.versions if each.published_at <= at)
        return (self._offered(at) or published or self.versions)[-1]

    def ends(self, version_id: str, at: datetime) -> dict[Kind, datetime]:
        """Kind -> until when a signature of this version carries what is given at `at`; `FOREVER` for no end known."""
        version, current = self.version(version_id), self.current(at)
        if version.number >= current.number:
            return dict.fromkeys(version.kinds, FOREVER)
        kinds = [kind for kind in version.kinds if kind in current.kinds]
        found = {kind: self._end(version, kind, at) for kind in kinds}
        return {kind: end for kind, end in found.items() if end > at}

    def carries(self, version_id: str, kind: str, at: datetime) -> bool:
        """Whether a signature of this version lets its signer give this kind at this time."""
        return kind in self.ends(version_id, at)

    def to_next(self, old: PublishedVersion, new: PublishedVersion, kind: Kind, at: datetime) -> bool:
        """Whether a signature carries a kind from one version to the next without an end."""
        if self._said(old, new, at):
            return True
        found = compared(old, new)
        return found.name in ("same", "notice") or (found.name == "scoped" and kind not in found.kinds)

    def _offered(self, at: datetime) -> tuple[PublishedVersion, ...]:
        return tuple(
            each
            for each in self.versions
            if each.published_at <= at and (each.withdrawn_at is None or each.withdrawn_at > at)
        )

    def _end(self, version: PublishedVersion, kind: Kind, at: datetime) -> datetime:
        """The latest end over all ways from a version to the current one; it may have passed."""
        way = [version, *(each for each in self._offered(at) if each.number > version.number)]
        reached = {version.id: FOREVER}
        for place, new in enumerate(way[1:], start=1):
            grace = new.published_at + timedelta(days=new.grace_days)
            old = way[place - 1]
            steps = [min(reached[old.id], FOREVER if self.to_next(old, new, kind, at) else grace)]
            steps += [reached[each.id] for each in way[: place - 1] if self._said(each, new, at)]
            reached[new.id] = max(steps)
        return reached[way[-1].id]

    def _said(self, old: PublishedVersion, new: PublishedVersion, at: datetime) -> bool:
        return any((each.old_id, each.new_id) == (old.id, new.id) and each.at <= at for each in self.declared)
