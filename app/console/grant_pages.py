# SPDX-License-Identifier: Apache-2.0
"""The console's pages of offers: what waits for the foundation until when, one offer in full, and the two answers."""

from typing import Any, cast

from apiflask import APIBlueprint
from flask import g, redirect, render_template, request

from app.grants.answering import NewAnswer, consent_for
from app.grants.errors import (
    AnswerUnconfirmed,
    DeclineReasonUnfit,
    OfferAnswered,
    OfferLapsed,
    OfferTakenBack,
    OwnOffer,
)
from app.grants.values import DECLINE_NAMES
from app.identity.actor import signed_in
from app.platform.formats import KIND_NAMES
from app.platform.security import WRITES, Access, access, limiter
from app.signing.review import POWER_NAMES
from app.wiring import services
from mcla.artifacts.manifest import parse_manifest
from mcla.errors import MclaError
from mcla.statements.parts import DECLINE_REASONS, DeclineReason
from mcla.terms.words import tell_all

bp = APIBlueprint(
    "console_grants", __name__, url_prefix="/console/grants", enable_openapi=False, template_folder="templates"
)
REFUSALS = (AnswerUnconfirmed, DeclineReasonUnfit, OfferAnswered, OfferLapsed, OfferTakenBack, OwnOffer)


@bp.get("")
@access(Access.STAFF)
def offers() -> str:
    """What waits for an answer, the most urgent first, and what was answered or lapsed."""
    found = services().grants.offers(_mine(), everything=True)
    waiting = [each for each in found if each.waits]
    over = [each for each in reversed(found) if not each.waits]
    now = services().clock.now()
    days = {each.id: max(0, (each.until - now).days) for each in waiting}
    return render_template("console/offers.html", waiting=waiting, over=over, days=days, kinds=KIND_NAMES)


@bp.get("/<offer_id>")
@access(Access.STAFF)
def offer(offer_id: str) -> str:
    """One offer: who offers what under which text, and whether the foundation accepts it."""
    return _page(offer_id, [])


@bp.post("/<offer_id>/countersign")
@limiter.limit(WRITES)
@access(Access.STAFF)
def countersign(offer_id: str) -> Any:
    """Sign for the foundation: the offer counts from then on."""
    return _answered(offer_id, NewAnswer("counter-signed"))


@bp.post("/<offer_id>/decline")
@limiter.limit(WRITES)
@access(Access.STAFF)
def decline(offer_id: str) -> Any:
    """Decline for the foundation, with a reason."""
    reason = request.form.get("reason", "")
    if reason not in DECLINE_REASONS:
        unfit = DeclineReasonUnfit("Choose why the foundation declines.")
        return _page(offer_id, [{"pointer": "/reason", "detail": unfit.message}]), unfit.status
    return _answered(offer_id, NewAnswer("declined", cast("DeclineReason", reason)))


def _answered(offer_id: str, new: NewAnswer) -> Any:
    services().grants.offer(offer_id, _mine())  # another foundation's offers are unknown here, whatever was ticked
    try:
        if request.form.get("consent") != "yes":
            raise AnswerUnconfirmed("Tick the box to sign for the foundation.")
        services().grants.answer(signed_in(), offer_id, new)
    except REFUSALS as error:
        at = f"/{new.word}" if isinstance(error, AnswerUnconfirmed) else ""
        return _page(offer_id, [_fault(error, at)]), error.status
    return redirect(f"/console/grants/{offer_id}", code=303)


def _fault(error: MclaError, at: str) -> dict[str, str]:
    return {"pointer": at, "detail": f"{error.message} {error.hint if not at else ''}".rstrip()}


def _mine() -> list[str]:
    return [each.id for each in g.staff_of]


def _page(offer_id: str, faults: list[dict[str, str]]) -> str:
    found = services().grants.offer(offer_id, _mine())
    g.foundation = next(each for each in g.staff_of if each.id == found.foundation_id)
    given = services().contributions.contribution(offer_id, signed_in())
    kept = services().contributions.kept(offer_id, signed_in())
    version = services().agreements.version(found.slug, found.version)
    schedule = services().agreements.declarations(version, found.kind)
    return render_template(
        "console/offer.html",
        offer=found,
        given=given,
        version=version,
        files=parse_manifest(kept.manifest).files,
        kind_name=KIND_NAMES.get(found.kind, found.kind),
        answers=tell_all(schedule.fields if schedule else (), given.declarations),
        consents={"sign": consent_for("counter-signed"), "decline": consent_for("declined")},
        reasons=DECLINE_NAMES,
        powers=POWER_NAMES,
        own=found.signer_contributor_id == signed_in().contributor_id,
        faults=faults,
    )
