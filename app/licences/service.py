# SPDX-License-Identifier: Apache-2.0
"""What a known licence, or somebody's own terms, say about an intended use; and what is known around an artifact."""

from dataclasses import replace

from app.feed.errors import FeedNotPublished
from app.feed.service import FeedService
from app.licences.downstream import Rest, resting_on
from app.licences.errors import LicenceQuestionUnasked
from app.licences.origins import Origins, Walk, origins
from app.licences.signs import beside
from app.platform.clock import Clock
from app.platform.db import Database
from mcla.artifacts.digest import read_digest
from mcla.feed.document import Feed, read_feed
from mcla.licences.registry import registry
from mcla.tiers.evaluating import Outcome, evaluate
from mcla.tiers.facts import Use
from mcla.tiers.known import terms_of
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import Terms


class LicenceService:
    """Answers about uses; what it rests on is in the answer."""

    def __init__(self, db: Database, clock: Clock, origin: str, feed: FeedService) -> None:
        self._db, self._clock, self._origin, self._feed = db, clock, origin, feed

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

    def evaluate(self, use: Use, licence: str | None, terms: str | None) -> Outcome:
        """The effect for a use under one known licence, or under terms in TOML; today unless the use has a day.

        Raises `LicenceQuestionUnasked`, `LicenceUnknown`, `LicenceAmbiguous`, or `TiersInvalid`.
        """
        if (licence is None) == (terms is None):
            raise LicenceQuestionUnasked("The question names no terms, or two.")
        return evaluate(_terms(licence, terms), use, self._clock.now().date(), self._current())

    def _current(self) -> Feed | None:
        try:
            return read_feed(self._feed.current())
        except FeedNotPublished:
            return None


def _terms(licence: str | None, terms: str | None) -> Terms:
    known = registry()
    return terms_of(known.get(licence), known) if licence is not None else read_terms((terms or "").encode())
