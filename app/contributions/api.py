# SPDX-License-Identifier: Apache-2.0
"""The public API about artifacts and contributions: nobody needs an account to ask, and no answer names a person.

What an embargo or a hazard class hides is told to callers who may see it, and to no cache.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic_core import to_json

from app.contributions.schemas.artifact import ArtifactOut, ArtifactsOut
from app.contributions.schemas.bundle import BundleIn
from app.contributions.schemas.contribution import ContributionOut
from app.contributions.schemas.digests import DIGEST, DigestPath, DigestsIn
from app.contributions.schemas.tensors import TENSORS_EXAMPLE, TensorListIn, TensorListOut
from app.contributions.schemas.verdict import VerdictOut
from app.contributions.values import ArtifactAnswer, AsOf, ContributionInfo, Covering, Kept
from app.identity.actor import current_actor, signed_in
from app.platform.bodies import UNCHANGED, problems
from app.platform.security import WRITES, Access, access, limiter
from app.platform.tagged import FOREVER, conditional
from app.signing.api import BEARER, BUNDLE, bundle_file
from app.signing.schemas import BundleQuery
from app.wiring import services
from mcla.artifacts.digest import format_digest
from mcla.artifacts.manifest import MAX_FILES
from mcla.artifacts.tensors import TensorSet
from mcla.statements.canonical import canonical_json
from mcla.verify.standing import Standing
from mcla.verify.verdict import Reason

bp = APIBlueprint("contributions_api", __name__, url_prefix="/api/v1", tag="Contributions")
CHECKS = "120/minute"
MANIFEST: Any = {
    "description": f"The manifest's canonical bytes: up to {MAX_FILES:,} files; its Merkle root is the signed one.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@bp.get("/artifacts/<digest>")
@bp.input(DigestPath, location="path")
@bp.output(ArtifactOut, description="The verdict on the digest, with the contributions that list it")
@bp.doc(
    operation_id="getArtifact",
    summary="What is known of one file, by its digest",
    description="`verified`: a contribution's proof holds; `not-verified`: no proof holds; `unknown`: none. "
    "A proof that holds stays verified when what it proves was ended: `state` says whether it is in force now.",
    responses=problems(400),
)
@access(Access.PUBLIC)
def get_artifact(digest: str, path_data: DigestPath) -> Response:
    del path_data  # documents the pattern; the service says in words what is wrong
    answer = services().contributions.artifact(digest)
    return _json(artifact_json(answer, _as_of(answer.as_of)))


@bp.post("/verify")
@limiter.limit(CHECKS)
@bp.input(DigestsIn, location="json", example={"digests": [DIGEST]})
@bp.output(ArtifactsOut, description="One verdict for each digest, in the order asked")
@bp.doc(
    operation_id="verifyDigests",
    summary="The same for up to 1,000 digests at once",
    responses=problems(400, 403, 413, 415, 422, 429),
)
@access(Access.PUBLIC)
def verify_digests(json_data: DigestsIn) -> Response:
    answers = services().contributions.artifacts(json_data.digests)
    as_of = _as_of(answers[0].as_of)
    return _json({"results": [artifact_json(each, as_of) for each in answers], "as_of": as_of})


@bp.post("/bundles/verify")
@limiter.limit(CHECKS)
@bp.input(BundleIn, location="json")
@bp.output(VerdictOut, description="The verdict with every step")
@bp.doc(
    operation_id="verifyBundle",
    summary="Verify a bundle from anywhere under this service's trust",
    description="At most 4 MiB. Nothing is stored and nothing is fetched. For a check that need not trust us, "
    "use `mcla verify --trust trusted_root.json` on your own computer.",
    responses=problems(400, 403, 413, 415, 422, 429),
)
@access(Access.PUBLIC)
def verify_bundle(json_data: BundleIn) -> Response:
    # The bytes are made again from strictly parsed JSON: what two parsers could read differently is refused by now.
    bundle = canonical_json(json_data.root.model_dump(exclude_unset=True))
    return _json(services().contributions.verify_bundle(bundle).to_dict())


@bp.get("/contributions/<contribution_id>")
@bp.output(ContributionOut, description="The contribution, with the verdict on its bundle")
@bp.doc(
    operation_id="getContribution",
    summary="One contribution",
    description="While an embargo lasts, or where the hazard class says so, only for callers who may see it.",
    responses=problems(401, 403, 404),
)
@access(Access.PUBLIC)
def get_contribution(contribution_id: str) -> Response:
    return _json(contribution_json(services().contributions.contribution(contribution_id, current_actor())))


@bp.get("/contributions/<contribution_id>/bundle")
@limiter.limit(WRITES, exempt_when=lambda: "compat" not in request.args)
@bp.input(BundleQuery, location="query")
@bp.doc(
    operation_id="getContributionBundle",
    summary="The public bundle of a contribution",
    description="While an embargo lasts, or where the hazard class says so, only for callers who may see it.",
    responses={200: BUNDLE, 304: UNCHANGED, **problems(401, 403, 404, 422, 429)},
)
@access(Access.PUBLIC)
def get_contribution_bundle(contribution_id: str, query_data: BundleQuery) -> Response:
    kept = services().contributions.kept(contribution_id, current_actor())
    older = query_data.compat is not None
    bundle = services().signing.twin(kept.signing_id) if older else kept.bundle
    return _cached_for(kept, bundle_file(contribution_id, bundle, forever=not older))


@bp.get("/contributions/<contribution_id>/oms")
@limiter.limit(WRITES)
@bp.input(BundleQuery, location="query")
@bp.doc(
    operation_id="getContributionOms",
    summary="The files of a contribution as an OpenSSF Model Signing bundle",
    description="Signed by the contributor's own key in the same moment: the list of the files, and nothing of the "
    "agreement. For `model_signing verify sigstore --trust_config`.",
    responses={200: BUNDLE, 304: UNCHANGED, **problems(401, 403, 404, 422, 429)},
)
@access(Access.PUBLIC)
def get_contribution_oms(contribution_id: str, query_data: BundleQuery) -> Response:
    kept = services().contributions.kept(contribution_id, current_actor())
    bundle = services().signing.oms_bundle(kept.signing_id, older=query_data.compat is not None)
    return _cached_for(kept, bundle_file(contribution_id, bundle, forever=False, name="model.sig"))


@bp.get("/contributions/<contribution_id>/manifest")
@bp.doc(
    operation_id="getContributionManifest",
    summary="Every file of a contribution",
    responses={200: MANIFEST, 304: UNCHANGED, **problems(401, 403, 404)},
)
@access(Access.PUBLIC)
def get_contribution_manifest(contribution_id: str) -> Response:
    kept = services().contributions.kept(contribution_id, current_actor())
    response = current_app.response_class(kept.manifest, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{contribution_id}.manifest.json"'
    response.headers["Cache-Control"] = FOREVER
    return _cached_for(kept, conditional(response))


@bp.put("/contributions/<contribution_id>/tensors")
@limiter.limit(WRITES)
@bp.input(TensorListIn, location="json", example=TENSORS_EXAMPLE)
@bp.output(TensorListOut, description="How many contents others can be compared with")
@bp.doc(
    operation_id="putContributionTensors",
    summary="The digests of the single tensors of an own contribution",
    description="At most 100,000, as `mcla tensors --json` lists them under `tensors`; they have to make the root that "
    "was signed. Then signs tell of what is equal in part, and not only of what is equal as a whole. `mcla sign` sends "
    "them by itself, and so does the page of a contribution that was measured in a browser. Again changes nothing.",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    security=BEARER,
)
@access(Access.SIGNED_IN)
def put_tensors(contribution_id: str, json_data: TensorSet) -> dict[str, int]:
    return {"findable": services().tensor_lists.keep(signed_in(), contribution_id, json_data)}


def _cached_for(kept: Kept, response: Response) -> Response:
    """What is not public is kept by no cache on the way."""
    if not kept.public:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def artifact_json(answer: ArtifactAnswer, as_of: dict[str, Any]) -> dict[str, Any]:
    """The JSON of what is known of one digest, with that of its moment."""
    return {
        "digest": answer.digest,
        "verdict": answer.verdict,
        "state": answer.state,
        "reasons": _reasons(answer.reasons),
        "contributions": [_covering(each) for each in answer.contributions],
        "more": answer.more,
        "as_of": as_of,
    }


def contribution_json(info: ContributionInfo) -> dict[str, Any]:
    """The JSON of one contribution."""
    return {
        "id": info.id,
        "url": info.url,
        "project": info.project,
        "kind": info.kind,
        "schedule": info.schedule,
        "agreement": _agreement(info.agreement),
        "signer": info.signer,
        "key_holder": info.key_holder,
        "time": info.time,
        "log_index": info.log_index,
        **_standing(info.standing),
        "manifest": {"root": format_digest(info.manifest_root), "files": info.file_count, "bytes": info.total_size},
        "files": [{"path": file.path, "sha256": file.sha256, "size": file.size} for file in info.files],
        "declarations": dict(info.declarations),
        "tensors": {**info.tensors, "root": format_digest(info.tensors["root"])} if info.tensors else None,
        "earlier": [{"entry": format_digest(each["entry"]), "log_index": each["logIndex"]} for each in info.earlier],
        "bundle_url": info.bundle_url,
        "manifest_url": info.manifest_url,
        "verdict": info.verdict,
        "reasons": _reasons(info.reasons),
        "as_of": _as_of(info.as_of),
        **_shown(info.shown_to, info.embargo_until),
        "offer": _offer(info.id, info.offer),
    }


def _agreement(named: Mapping[str, str]) -> dict[str, str]:
    """The agreement as a statement names it; of one that cannot be read nothing is known, and no digest is made up."""
    return {**named, "digest": format_digest(named["digest"]) if named["digest"] else ""}


def _shown(audience: str, until: date | None) -> dict[str, Any]:
    return {"shown_to": audience, "embargo_until": until.isoformat() if until else None}


def _offer(contribution_id: str, offer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Until when an offer stands, and how the foundation answered it."""
    if offer is None:
        return None
    answered = offer.get("answered") or {}
    at = {"log_index": answered["log_index"], "time": answered["time"]} if answered else None
    url = f"{services().settings.origin}/api/v1/contributions/{contribution_id}/answer" if answered else None
    said = {"answer": answered.get("answer"), "reason": answered.get("reason")}
    return {"until": offer["until"], **said, "answered": at, "answer_url": url}


def _covering(each: Covering) -> dict[str, Any]:
    return {
        "id": each.id,
        "agreement": _agreement(each.agreement),
        "kind": each.kind,
        "project": each.project,
        "signer": each.signer,
        "time": each.time,
        "log_index": each.log_index,
        "key_holder": each.key_holder,
        **_standing(each.standing),
        "path": each.path,
        **_shown(each.shown_to, each.embargo_until),
        "offer": _offer(each.id, each.offer),
        "bundle_url": each.bundle_url,
        "verdict": each.verdict,
        "reasons": _reasons(each.reasons),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    """In force or ended, since when, and what that says of then and now."""
    return {
        "state": standing.state,
        "since": standing.since.to_dict() if standing.since else None,
        "valid_then": standing.valid_then,
        "valid_now": standing.valid_now,
    }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [reason.to_dict() for reason in reasons]


def _as_of(as_of: AsOf) -> dict[str, Any]:
    return {"log_size": as_of.log_size, "time": as_of.time.isoformat(timespec="seconds").replace("+00:00", "Z")}


def _json(value: dict[str, Any]) -> Response:
    # Built by hand from verified values: validating the answer again would cost more than making it.
    response: Response = current_app.response_class(to_json(value), content_type="application/json")
    return response
