# SPDX-License-Identifier: Apache-2.0
"""Agreements over the API: the list, one version in full, and the exact bytes of its documents.

A version never changes except by being withdrawn, so answers carry strong ETags (RFC 9110 8.8.3) and documents are
cacheable for good.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request

from app.agreements.errors import AgreementDocumentUnknown
from app.agreements.schemas import AgreementsOut, AgreementVersionOut, agreement_out, version_out
from app.platform.bodies import UNCHANGED, problems
from app.platform.security import Access, access
from app.platform.tagged import FOREVER, tagged_json
from app.wiring import services

bp = APIBlueprint("agreements_api", __name__, url_prefix="/api/v1", tag="Agreements")
DOCUMENT: Any = {"description": "The document", "content": {"text/plain": {"schema": {"type": "string"}}}}


@bp.get("/agreements")
@bp.output(AgreementsOut)
@bp.doc(
    operation_id="listAgreements",
    summary="The agreements, each by its newest version",
    responses={304: UNCHANGED, **problems()},
)
@access(Access.PUBLIC)
def list_agreements() -> Response:
    return tagged_json({"agreements": [agreement_out(each) for each in services().agreements.agreements()]})


@bp.get("/agreements/<slug>/<version>")
@bp.output(AgreementVersionOut)
@bp.doc(
    operation_id="getAgreementVersion",
    summary="One agreement version: text, terms, questions, and every document by digest",
    responses={304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def get_agreement_version(slug: str, version: str) -> Response:
    found = services().agreements.version(slug, version)
    agreements = services().agreements
    return tagged_json(version_out(found, agreements.render(found), agreements.translations.of(found)))


@bp.get("/agreements/<slug>/<version>/<path:path>")
@bp.doc(
    operation_id="getAgreementDocument",
    summary="The exact bytes of one document of a version",
    responses={200: DOCUMENT, 304: UNCHANGED, **problems(404)},
)
@access(Access.PUBLIC)
def get_agreement_document(slug: str, version: str, path: str) -> Response:
    found = services().agreements.version(slug, version)
    if path not in found.documents:
        raise AgreementDocumentUnknown(path, found.documents)
    response = current_app.response_class(found.documents[path], content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = FOREVER
    response.set_etag(found.sha256_of(path))
    response.make_conditional(request)
    return response
