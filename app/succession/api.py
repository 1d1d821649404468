# SPDX-License-Identifier: Apache-2.0
"""Declarations over the API: the exact bytes that a foundation signed, and their proof for any Sigstore client."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, json

from app.agreements.models import VersionCompatibility
from app.platform.bodies import problems
from app.platform.security import Access, access
from app.succession.errors import DeclarationUnknown
from app.wiring import services

bp = APIBlueprint("succession_api", __name__, url_prefix="/api/v1", tag="Agreements")
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
DOCUMENT: Any = {"description": "The document", "content": {"application/json": {"schema": {"type": "object"}}}}
PROOF: Any = {"description": "The bundle", "content": {BUNDLE: {"schema": {"type": "object"}}}}


@bp.get("/declarations/<declaration_id>")
@bp.doc(
    operation_id="getDeclaration",
    summary="The declaration that two agreement versions are compatible, byte for byte as it was signed",
    responses={200: DOCUMENT, **problems(404)},
)
@access(Access.PUBLIC)
def get_declaration(declaration_id: str) -> Response:
    return current_app.response_class(_found(declaration_id).document, content_type="application/json")


@bp.get("/declarations/<declaration_id>/bundle")
@bp.doc(
    operation_id="getDeclarationBundle",
    summary="Its proof: a Sigstore bundle over these bytes as a file",
    responses={200: PROOF, **problems(404)},
)
@access(Access.PUBLIC)
def get_declaration_bundle(declaration_id: str) -> Response:
    return current_app.response_class(json.dumps(_found(declaration_id).bundle), content_type=BUNDLE)


def _found(declaration_id: str) -> VersionCompatibility:
    found = services().succession.declaration(declaration_id)
    if found is None:
        raise DeclarationUnknown(f"There is no declaration {declaration_id[:40]!r}.")
    return found
