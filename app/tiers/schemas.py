# SPDX-License-Identifier: Apache-2.0
"""What the API tells of published terms in tiers."""

from typing import Any

from pydantic import BaseModel, Field

from app.platform.bodies import Answer
from app.tiers.values import PublishedTerms
from mcla.feed.entry import SLUG
from mcla.statements.parts import format_time
from mcla.tiers.terms import VERSION, Effect, Refusing, Stance


class TiersPath(BaseModel):
    """A version of published terms. The patterns are for readers; what has another form is not there."""

    slug: str = Field(description="The id in the document", json_schema_extra={"pattern": f"^{SLUG}$"})
    version: str = Field(description="Such as 1.0.0", json_schema_extra={"pattern": f"^{VERSION}$"})


class TiersLineOut(Answer):
    """One version in a line; `project` null: for the projects of the foundation that have none of their own."""

    id: str
    version: str
    title: str
    foundation: str
    project: str | None
    effective: str = Field(description="The first day on which it holds.")
    published_at: str
    digest: str = Field(description="SHA-256 (64 hex) of the document, as decisions name it.")
    log_index: int
    page: str


class TiersListOut(Answer):
    """Every version: by id, the newest first."""

    tiers: list[TiersLineOut]


class TierOut(Answer):
    """One tier, its conditions as sentences."""

    id: str
    effect: Effect
    conditions: list[str]
    rests_on: str
    duty: str | None
    contact: str | None


class TiersOut(TiersLineOut):
    """One version in full. `document` is the TOML that was signed; its digest is over these bytes in UTF-8."""

    text: str = Field(description="The legal text that it rests on, with its digest.")
    otherwise: Refusing
    feed: Stance
    tiers: list[TierOut]
    document: str
    bundle: dict[str, Any] = Field(description="Sigstore bundle v0.3 over the document as a file.")


def line_of(each: PublishedTerms, origin: str) -> dict[str, Any]:
    """One version as `TiersLineOut`."""
    return {
        "id": each.slug,
        "version": each.version,
        "title": each.terms.title,
        "foundation": each.owner.foundation.slug,
        "project": each.owner.project.slug if each.owner.project else None,
        "effective": each.effective.isoformat(),
        "published_at": format_time(each.published_at),
        "digest": each.terms.digest,
        "log_index": each.log_index,
        "page": f"{origin}/tiers/{each.slug}/{each.version}",
    }


def whole_of(each: PublishedTerms, origin: str) -> dict[str, Any]:
    """The same as `TiersOut`."""
    tiers = [
        {"id": tier.id, "effect": tier.effect, "conditions": [one.sentence for one in tier.when]}
        | {"rests_on": tier.rests_on, "duty": tier.duty, "contact": tier.contact}
        for tier in each.terms.tiers
    ]
    rest = {"text": each.terms.text, "otherwise": each.terms.otherwise, "feed": each.terms.feed, "tiers": tiers}
    return line_of(each, origin) | rest | {"document": each.document.decode(), "bundle": dict(each.bundle)}
