# SPDX-License-Identifier: Apache-2.0
"""A published version as values: what everybody else knows of a row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from app.projects.service import FoundationInfo
from mcla.terms import Kind, Letter, Schedule, Terms


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One published version, as values. `digest` and `text_sha256` are bare hex."""

    id: str
    slug: str
    title: str
    version: str
    text_sha256: str
    digest: str
    terms: Terms
    kinds: tuple[Kind, ...]
    schedules: Mapping[Letter, Schedule]
    documents: Mapping[str, bytes]
    published_at: datetime
    withdrawn_at: datetime | None
    grace_days: int
    """For so many days after its publication, signatures of the versions before it still carry what is new."""
    foundation: FoundationInfo

    @property
    def foundation_id(self) -> str:
        return self.foundation.id

    @property
    def for_persons(self) -> bool:
        """Whether a person signs it for everything that the person will give: neither a company's nor a grant."""
        return self.terms.agreement.id == "MCLA-I"

    @property
    def for_companies(self) -> bool:
        """Whether somebody signs it for a company."""
        return self.terms.agreement.id == "MCLA-C"

    @property
    def for_offers(self) -> bool:
        """Whether somebody signs it for one set of artifacts, which counts once the foundation signs too."""
        return self.terms.signature.counter_signature

    @property
    def text(self) -> str:
        """The agreement's text, as Markdown."""
        return self.documents["agreement.md"].decode()

    @property
    def taking_back(self) -> str:
        """The number of the clause that says what can be taken back and when, empty if there is none."""
        found = re.search(r"^## (\d+)\. Taking .*back$", self.text, re.MULTILINE)
        return found[1] if found else ""

    def sha256_of(self, path: str) -> str:
        """The digest of one document, bare hex."""
        return sha256(self.documents[path]).hexdigest()

    @property
    def state(self) -> Literal["published", "withdrawn"]:
        return "withdrawn" if self.withdrawn_at else "published"

    @property
    def number(self) -> tuple[int, ...]:
        """The version as it is ordered: 1.10.0 comes after 1.9.0."""
        return tuple(map(int, self.version.split(".")))
