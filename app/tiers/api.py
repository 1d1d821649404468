# SPDX-License-Identifier: Apache-2.0
"""Published terms in tiers over the API: all of them, one in full, and the very bytes that were signed."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, json

from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access
from app.platform.tagged import FOREVER, tagged_file
from app.tiers.schemas import TiersListOut, TiersOut, TiersPath, line_of, whole_of
from app.wiring import services

bp = APIBlueprint("tiers_api", __name__, url_prefix="/api/v1", tag="Licences")
TOML: Any = {
    "description": "The document as it was signed",
    "content": {"application/toml": {"schema": {"type": "string"}}},
}


@bp.get("/tiers")
@bp.output(TiersListOut)
@bp.doc(
    operation_id="listTiers",
    summary="Outbound terms in tiers that projects and foundations publish here",
    description="What is in force for a project on a day, `POST /licences/evaluate` finds by its slug.",
    responses={304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def list_tiers() -> Response:
    origin = services().settings.origin
    return _json({"tiers": [line_of(each, origin) for each in services().tiers.everything()]}, "public, no-cache")


@bp.get("/tiers/<slug>/<version>")
@bp.input(TiersPath, location="path")
@bp.output(TiersOut)
@bp.doc(
    operation_id="getTiers",
    summary="One version of terms in tiers, with its proof",
    responses={304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def get_tiers(slug: str, version: str, path_data: TiersPath) -> Response:
    del path_data  # documents the patterns
    return _json(whole_of(services().tiers.version(slug, version), services().settings.origin), "public, no-cache")


@bp.get("/tiers/<slug>/<version>/document")
@bp.input(TiersPath, location="path")
@bp.doc(
    operation_id="getTiersDocument",
    summary="The document of a version, byte for byte as it was signed",
    description="For `mcla gate --terms FILE`.",
    responses={200: TOML, 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def get_tiers_document(slug: str, version: str, path_data: TiersPath) -> Response:
    del path_data
    found = services().tiers.version(slug, version)
    return tagged_file(found.document, "application/toml", FOREVER)


@bp.get("/tiers/<slug>/<version>/bundle")
@bp.input(TiersPath, location="path")
@bp.doc(
    operation_id="getTiersBundle",
    summary="Its proof: a Sigstore bundle over the document as a file",
    responses={
        200: {
            "description": "The bundle",
            "content": {"application/vnd.dev.sigstore.bundle.v0.3+json": {"schema": {"type": "object"}}},
        },
        304: UNCHANGED,
        **problems(404),
    },
)
@access(Access.PUBLIC)
def get_tiers_bundle(slug: str, version: str, path_data: TiersPath) -> Response:
    del path_data
    found = services().tiers.version(slug, version)
    data = json.dumps(found.bundle).encode()
    return tagged_file(data, "application/vnd.dev.sigstore.bundle.v0.3+json", FOREVER)


def _json(body: dict[str, Any], cache: str) -> Response:
    return tagged_file(json.dumps(body).encode(), "application/json", cache)
