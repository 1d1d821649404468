# SPDX-License-Identifier: Apache-2.0
"""JSON of a file of evidence for the AI Act's exemption, as `mcla export --format safe-harbour --json` writes it."""

from typing import Any

from pydantic import BaseModel, Field

from app.platform.bodies import Answer
from mcla.exports.evidence import Standing

_ID: dict[str, Any] = {"minLength": 1, "maxLength": 1000}


class EvidenceQuery(BaseModel):
    """Which contributions go out together, and under which name."""

    contributions: str = Field(
        description="Ids of 1 to 20 contributions, with spaces between them", json_schema_extra=_ID
    )
    name: str = Field(default="", description="The release's name; without one, the project of the first.")
    release: str = Field(default="", description="The release's version; without one, `0`.")


class EvidenceSentenceOut(Answer):
    """One thing that is known, and the manifest of the contribution that it stands in, if in one."""

    sentence: str
    contribution: str | None


class EvidenceItemOut(Answer):
    """One thing that the file has to show: what speaks for it, against it, and what is missing."""

    key: str
    asks: str
    source: str
    standing: Standing
    evidence: list[EvidenceSentenceOut]
    against: list[EvidenceSentenceOut]
    missing: list[str]


class EvidenceReleaseOut(Answer):
    """What somebody calls a release."""

    name: str
    version: str


class EvidenceContributionOut(Answer):
    """A contribution behind the evidence."""

    id: str
    url: str
    manifest: str
    bundle_url: str


class EvidenceFactsOut(Answer):
    """Which facts about licences the file rests on."""

    licences: str
    as_of: str


class EvidenceOut(Answer):
    """The file."""

    release: EvidenceReleaseOut
    items: list[EvidenceItemOut]
    counts: dict[Standing, int]
    rests_on: EvidenceFactsOut
    disclaimer: str
    contributions: list[EvidenceContributionOut]
