# SPDX-License-Identifier: Apache-2.0
"""Published terms and whoever they are of, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.projects.service import FoundationInfo, ProjectInfo
from mcla.tiers.terms import Terms


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose terms they are: a project's own, or a foundation's for its projects that have none."""

    foundation: FoundationInfo
    project: ProjectInfo | None = None

    @property
    def name(self) -> str:
        return self.project.name if self.project else self.foundation.name


@dataclass(frozen=True, slots=True)
class PublishedTerms:
    """One version, in the log. `terms.effective` is always there; `document` are the bytes that were published."""

    terms: Terms
    owner: Owner
    number: int
    document: bytes
    published_at: datetime
    log_index: int
    bundle: Mapping[str, Any]

    @property
    def slug(self) -> str:
        return self.terms.id

    @property
    def version(self) -> str:
        return self.terms.version

    @property
    def effective(self) -> date:
        return date.fromisoformat(self.terms.effective or "")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that could be published now, and the version that it would follow."""

    terms: Terms
    owner: Owner
    document: bytes
    follows: PublishedTerms | None
    already: bool = False
    """Whether these very bytes are published."""

    @property
    def effective(self) -> date:
        return date.fromisoformat(self.terms.effective or "")


def number_of(version: str) -> tuple[int, ...]:
    """`1.10.0` after `1.9.0`."""
    return tuple(map(int, version.split(".")))
