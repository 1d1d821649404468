# SPDX-License-Identifier: Apache-2.0
"""What a known licence, or somebody's own terms, say about an intended use; and what is known around an artifact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.feed.errors import FeedNotPublished
from app.feed.service import FeedService
from app.licences.asked import LicencesAsked
from app.licences.downstream import Rest, resting_on
from app.licences.errors import LicenceQuestionUnasked
from app.licences.givers import givers_of
from app.licences.origins import Origins, Walk, origins
from app.licences.signs import beside
from app.licences.stances import Stance, stances
from app.platform.clock import Clock
from app.platform.db import Database
from app.projects.service import ProjectService
from app.tiers.service import TiersService
from mcla.artifacts.digest import read_digest
from mcla.artifacts.manifest import Manifest
from mcla.feed.document import Feed, read_feed
from mcla.feed.replay import check_day
from mcla.licences import deciding
from mcla.licences.registry import registry
from mcla.tiers.bases import look
from mcla.tiers.evaluating import Ground, Outcome, evaluate
from mcla.tiers.facts import Use
from mcla.tiers.known import terms_of
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """Under which terms a use is asked about: a known licence, own tiers in TOML, or those that a project publishes.

    `feed` is the digest (64 hex) of a feed that was published here; None is the one that counts now.
    """

    licence: str | None = None
    terms: str | None = None
    project: str | None = None
    version: str | None = None
    feed: str | None = None

    def check(self) -> None:
        """Raise `LicenceQuestionUnasked` unless exactly one is named."""
        if sum(each is not None for each in (self.licence, self.terms, self.project)) != 1:
            raise LicenceQuestionUnasked("The question names no terms, or more than one.")
        if self.version is not None and self.project is None:
            raise LicenceQuestionUnasked("The question names a version, but no project whose terms have it.")


class LicenceService:
    """Answers about uses; what it rests on is in the answer."""

    def __init__(
        self, db: Database, clock: Clock, origin: str, feed: FeedService, projects: ProjectService, tiers: TiersService
    ) -> None:
        self._db, self._clock, self._origin, self._feed = db, clock, origin, feed
        self._projects, self._tiers = projects, tiers

    def lineage(self, digest: str) -> Origins:
        """What is known around an artifact, by its digest; raises `DigestInvalid`."""
        bare = read_digest(digest)
        with self._db.read() as session:
            now = self._clock.now()
            found = origins(session, bare, now, self._origin)
            own = found.given.get(found.start, ())
            if not own:
                return found
            others = Walk(session, now, self._origin)
            return replace(found, beside=beside(session, own, found.graph, others, others.below))

    def resting_on(self, digest: str) -> Rest:
        """What claims say was made from an artifact, at any distance; raises `DigestInvalid`."""
        return resting_on(self.lineage(digest))

    def stance(self, project: str) -> Stance:
        """What a project says to debated points now; raises `ProjectUnknown`."""
        found = self._projects.project(project)
        with self._db.read() as session:
            return stances(session, {found.id}, self._clock.now())[found.id]

    def check(self, asked: LicencesAsked) -> Mapping[str, Any]:
        """The answer to a question about licences, with whose stance it rests on; raises `ProjectUnknown`."""
        if asked.project is None:
            return deciding.evaluate(asked.question, registry()).to_dict() | {"policy_of": None}
        stance = self.stance(asked.project)
        answer = deciding.evaluate(replace(asked.question, policy=stance.policy), registry())
        version, sha256 = (stance.kept.number, stance.kept.sha256 or None) if stance.kept else (None, None)
        return answer.to_dict() | {"policy_of": {"project": asked.project, "version": version, "sha256": sha256}}

    def bases(self, asked: Asked, files: Manifest) -> Mapping[str, Any]:
        """What givers of these files declare of their bases, held against the licence that is asked about, as
        everybody may see it now (`mcla.tiers.bases.look`).

        Raises `LicenceQuestionUnasked`, `LicenceUnknown` or `LicenceAmbiguous`.
        """
        asked.check()
        with self._db.read() as session:
            givers, left = givers_of(session, files, self._clock.now(), self._origin)
        return look(asked.licence, givers, left, registry())

    def evaluate(self, use: Use, asked: Asked, beside: Sequence[Ground] = ()) -> Outcome:
        """The effect for a use, today unless the use has a day; `beside` is what holds besides the terms.

        Raises `LicenceQuestionUnasked`, `LicenceUnknown`, `LicenceAmbiguous`, `TiersInvalid`, `ProjectUnknown`,
        `TiersUnknown`, `TiersNotPublished`, `FeedNotPublished`, or for a named feed `FeedNotYet` and `FeedExpired`.
        """
        asked.check()
        day = date.fromisoformat(use.date) if use.date else self._clock.now().date()
        return evaluate(self._terms(asked, day), use, day, self._feed_of(asked.feed, day), beside)

    def _terms(self, asked: Asked, day: date) -> Terms:
        if asked.licence is not None:
            return terms_of(registry().get(asked.licence), registry())
        if asked.project is not None:
            return self._tiers.of_project(self._projects.project(asked.project), day, asked.version).terms
        return read_terms((asked.terms or "").encode())

    def _feed_of(self, digest: str | None, day: date) -> Feed | None:
        """The named feed, if it counted on that day; else the newest, unless it is over."""
        if digest is not None:
            named = read_feed(self._feed.named(digest))
            check_day(named, day)
            return named
        try:
            newest = read_feed(self._feed.current())
        except FeedNotPublished:
            return None
        return newest if self._clock.now() < newest.expires else None
