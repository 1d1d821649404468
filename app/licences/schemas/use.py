# SPDX-License-Identifier: Apache-2.0
"""JSON of an intended use under licence terms or tiers, and of the effect that comes out."""

from typing import Any, ClassVar

from pydantic import Field

from app.licences.schemas.use_facts import USE_SCHEMA
from app.platform.bodies import Answer, Body
from mcla.tiers.terms import Effect

USE_EXAMPLE: dict[str, Any] = {
    "licence": "LicenseRef-llama-3.1",
    "use": {"commercial": True, "jurisdictions": ["DE"], "users": {"count": 2_000_000}},
}


class UnderTermsIn(Body):
    """The terms that a use is asked under: a known licence, own tiers, or those that a project publishes here."""

    max_bytes: ClassVar[int] = 512 * 1024
    licence: str | None = Field(default=None, max_length=300, description="A name that stands for one licence.")
    terms: str | None = Field(default=None, max_length=256 * 1024, description="Tiers, as TOML.")
    project: str | None = Field(
        default=None, max_length=64, description="A project's slug: its own published tiers, else its foundation's."
    )
    version: str | None = Field(
        default=None, max_length=32, description="Of the project's tiers; without it what is in force on the day."
    )


class UseQuestionIn(UnderTermsIn):
    """An intended use, and the terms that it is asked under."""

    feed: str | None = Field(
        default=None,
        description="Digest (64 hex) of a feed that was published here, to have an old answer again; the day is the "
        "`date` in `use`. Without it the feed that counts now.",
        json_schema_extra={"pattern": "^[0-9a-f]{64}$"},
    )
    use: dict[str, Any] = Field(
        description="Facts about the use: `mcla.use/1`, see docs for foundations.", json_schema_extra=USE_SCHEMA
    )


class GroundOut(Answer):
    """Why an effect comes out."""

    tier: str
    effect: Effect
    conditions: list[str]
    rests_on: str
    sure: bool
    duty: str | None
    contact: str | None


class UseAnswerOut(Answer):
    """The effect for the use: the strictest that may come out of what is known."""

    effect: Effect
    certain: bool
    at_best: Effect
    decided_by: GroundOut
    unknown: list[dict[str, Any]]
    duties: list[str]
    told: list[GroundOut] = Field(description="What the feed says that these terms only advise to heed.")
    as_of: str
    terms: dict[str, str]
    text: str
    feed: dict[str, str | None]
    disclaimer: str
