# SPDX-License-Identifier: Apache-2.0
"""A grant with its two sides, for tests: somebody offers files, somebody of the foundation answers."""

from dataclasses import replace
from typing import Any

from safety_answers import EMBARGOED, OF_A_GRANT
from signing_walk import PROJECT, file, finish

from app.grants.answering import NewAnswer
from app.grants.values import OfferInfo
from app.identity.ports import Actor
from app.signing.values import Completed, SigningInfo
from mcla.artifacts.manifest import ManifestEntry

GRANT = "mcla-grant"
SIGNED = NewAnswer("counter-signed")


def act_for(services: Any, actor: Actor, foundation: str = "example", *, reports: bool | None = None) -> Actor:
    """The person, who from now on acts for the foundation; with `reports` also handles its safety reports, or not."""
    owner = services.projects.foundation(foundation)
    services.staff.add(owner, actor.provider, actor.subject, handles_reports=reports)
    return replace(actor)


def draft_offer(services: Any, actor: Actor, *files: ManifestEntry, holder: str = "cli") -> SigningInfo:
    """An offer of kind `code`, which has no questions to answer; the giver has accepted nothing before."""
    asked = (actor, PROJECT, "code", files or (file(),), {}, holder)
    return services.signing.draft_contribution(*asked, agreement=GRANT)


def offer(services: Any, actor: Actor, *files: ManifestEntry) -> Completed:
    return finish(services, actor, draft_offer(services, actor, *files))


def countersign(services: Any, staff: Actor, given: Completed) -> OfferInfo:
    return services.grants.answer(staff, given.id, SIGNED)


def embargoed_offer(services: Any, actor: Actor, *files: ManifestEntry) -> Completed:
    """An offer of safety work that is under embargo until 1 December 2026."""
    asked = (actor, PROJECT, "safety", files or (file(),), EMBARGOED | OF_A_GRANT, "cli")
    return finish(services, actor, services.signing.draft_contribution(*asked, agreement=GRANT))
