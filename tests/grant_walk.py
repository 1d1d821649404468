# SPDX-License-Identifier: Apache-2.0
"""A grant with its two sides, for tests: somebody offers files, somebody of the foundation answers."""

from dataclasses import replace
from typing import Any

from signing_walk import PROJECT, file, finish

from app.grants.answering import NewAnswer
from app.grants.values import OfferInfo
from app.identity.ports import Actor
from app.signing.values import Completed, SigningInfo
from mcla.artifacts.manifest import ManifestEntry

GRANT = "mcla-grant"
SIGNED = NewAnswer("counter-signed")


def act_for(services: Any, actor: Actor, foundation: str = "example") -> Actor:
    """The person, who from now on acts for the foundation."""
    services.staff.add(services.projects.foundation(foundation), actor.provider, actor.subject)
    return replace(actor)


def draft_offer(services: Any, actor: Actor, *files: ManifestEntry, holder: str = "cli") -> SigningInfo:
    """An offer of kind `code`, which has no questions to answer; the giver has accepted nothing before."""
    asked = (actor, PROJECT, "code", files or (file(),), {}, holder)
    return services.signing.draft_contribution(*asked, agreement=GRANT)


def offer(services: Any, actor: Actor, *files: ManifestEntry) -> Completed:
    return finish(services, actor, draft_offer(services, actor, *files))


def countersign(services: Any, staff: Actor, given: Completed) -> OfferInfo:
    return services.grants.answer(staff, given.id, SIGNED)
