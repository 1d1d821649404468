# SPDX-License-Identifier: Apache-2.0
"""Pages of a finished contribution; and the worker that measures files in the browser."""

from pathlib import Path
from typing import Any

from apiflask import APIBlueprint
from flask import current_app, g, json, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.contributions.errors import ReaderUnfit
from app.identity.actor import current_actor, signed_in
from app.platform.formats import kind_name
from app.platform.security import WRITES, Access, access, limiter
from app.signing.views import record_of
from app.wiring import services
from mcla.terms.words import tell_all

bp = APIBlueprint("contributions", __name__, enable_openapi=False, template_folder="templates")
WORKER_CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'"


@bp.get("/js/hash-worker.js", defaults={"name": "hash-worker.js"})
@bp.get("/js/tensor-reader.js", defaults={"name": "tensor-reader.js"})
@access(Access.PUBLIC)
def hash_worker(name: str) -> BaseResponse:
    """The measuring worker with its own policy: only it may compile WebAssembly, and it may not connect anywhere."""
    body = Path(str(current_app.static_folder), "js", name).read_bytes()
    response = current_app.response_class(body, content_type="text/javascript; charset=utf-8")
    response.headers["Content-Security-Policy"] = WORKER_CSP
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/contributions/<contribution_id>")
@access(Access.PUBLIC)
def contribution(contribution_id: str) -> str:
    """One contribution: the end of the walk for its giver, the facts for everybody else who may see it."""
    return _contribution_page(contribution_id)


@bp.post("/contributions/<contribution_id>/readers")
@limiter.limit(WRITES)
@access(Access.SESSION)
def readers(contribution_id: str) -> Any:
    """Name somebody who may see an own contribution that is not public, or remove them."""
    seeing, email = services().contributions.seeing, request.form.get("email", "")
    if request.form.get("do") == "remove":
        seeing.remove(signed_in(), contribution_id, email)
    else:
        try:
            seeing.name(signed_in(), contribution_id, email)
        except ReaderUnfit as error:
            return _contribution_page(contribution_id, [{"pointer": "/email", "detail": error.message}], email), 422
    return redirect(f"/contributions/{contribution_id}#seen", code=303)


@bp.post("/contributions/<contribution_id>/lift")
@limiter.limit(WRITES)
@access(Access.SESSION)
def lift(contribution_id: str) -> Any:
    """End the embargo of an own contribution now."""
    services().contributions.seeing.lift(signed_in(), contribution_id)
    return redirect(f"/contributions/{contribution_id}#seen", code=303)


def _contribution_page(contribution_id: str, faults: list[dict[str, str]] | None = None, email: str = "") -> str:
    found = services().contributions.contribution(contribution_id, current_actor())
    kept = services().contributions.kept(contribution_id, current_actor())
    project = services().projects.project(found.project)
    g.foundation = project.foundation
    actor = current_actor()
    mine = services().contributions.mine(actor.contributor_id) if actor else []
    own = next((each for each in mine if each.id == contribution_id), None)
    version = services().agreements.version(found.agreement["slug"], found.agreement["version"])
    schedule = services().agreements.declarations(version, found.kind)
    company = services().companies.of_record(found.confirmed) if found.confirmed else None
    decides = actor is not None and services().contributions.seeing.decides(actor, found.id)
    return render_template(
        "contributions/done.html",
        contribution=found,
        project=project,
        version=version,
        company=company,
        acts_for_company=services().companies.acts_for(actor, company.id) if actor and company else False,
        kind_name=kind_name(found.kind),
        answers=tell_all(schedule.fields if schedule else (), found.declarations),
        bundle_size=len(json.dumps(kept.bundle)),
        listed=services().signing.has_list(kept.signing_id),
        compared=services().tensor_lists.compared(found.id) if own and found.tensors else None,
        own=own,
        decides=decides,
        readers=services().contributions.seeing.readers(signed_in(), found.id) if decides else [],
        faults=faults or [],
        email=email,
        record=record_of(own.signing_id) if own else None,
    )
