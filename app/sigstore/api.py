# SPDX-License-Identifier: Apache-2.0
"""HTTP of the signing services for stock clients, in their own forms: Fulcio v2, RFC 3161, Rekor v2.

The same certificate service stands below each project's address, for a trust config that names a project. Refusals are
problems (RFC 9457) that also carry `message`, the member that these clients print.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, request

from app.platform.bodies import read_json
from app.platform.problems import answer, extra
from app.platform.security import WRITES, Access, access, limiter
from app.sigstore import schemas
from app.sigstore.errors import EntryRefused, KeyRefused, TokenRefused
from app.sigstore.stamping import MAX_QUERY_BYTES
from app.wiring import services
from mcla.errors import MclaError

bp = APIBlueprint("sigstore", __name__, enable_openapi=False)
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
# Some clients print a refusal only if the words application/json stand in its type.
PROBLEM = 'application/problem+json; profile="application/json"'


@bp.errorhandler(MclaError)
def refused(error: MclaError) -> Response:
    """The problem, with everything that a person needs in the one member that clients show."""
    more = extra(error)
    told = [f"{error.message.rstrip('.')}.", error.hint, str(more.get("sign_url", ""))]
    message = " ".join(part for part in told if part)
    response = answer(error.status, error.code, error.message, error.hint, more | {"message": message})
    response.content_type = PROBLEM
    if "sign_url" in more:
        # sigstore-python shows the status line and no more; servers that make up their own line lose this.
        response.status = f"{error.status} Sign the agreement first at {more['sign_url']}"
    return response


@bp.post("/api/v2/signingCert")
@bp.post("/api/projects/<project>/api/v2/signingCert")
@limiter.limit(WRITES)
@access(Access.PUBLIC)
def signing_cert(project: str | None = None) -> tuple[dict[str, Any], int]:
    asked = schemas.read_certificate_request(read_json(request, schemas.MAX_REQUEST, 6), KeyRefused)
    chain = services().sigstore.certify(_token(asked.token), asked.possession, project)
    return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}, 201


@bp.post("/api/v1/timestamp")
@limiter.limit(WRITES)
@access(Access.PUBLIC)
def timestamp() -> Response:
    if request.mimetype == QUERY:
        request.max_content_length = MAX_QUERY_BYTES
        made = services().sigstore.stamp_query(request.get_data(cache=False))
    else:  # what @sigstore/sign sends in place of DER
        made = services().sigstore.stamp_digest(schemas.read_stamp_wish(read_json(request, MAX_QUERY_BYTES, 2)))
    return current_app.response_class(made, content_type=REPLY)


@bp.post("/api/v2/log/entries")
@limiter.limit(WRITES)
@access(Access.PUBLIC)
def log_entries() -> tuple[dict[str, Any], int]:
    signed = schemas.read_entry(read_json(request, schemas.MAX_ENTRY_REQUEST, 10), EntryRefused)
    return services().sigstore.log_entry(signed), 201


def _token(in_body: str | None) -> str:
    """The ID token from the body or the Authorization header; what is too long is refused where it is checked."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = in_body if in_body is not None else token.strip() if scheme.lower() == "bearer" else ""
    if not found:
        raise TokenRefused("The request carries no identity token.")
    return found
