# SPDX-License-Identifier: Apache-2.0
"""The log over HTTP: C2SP tlog-tiles at `/log/…`, and the same under `/api/v2/` where Rekor v2 readers look.

Tiles and bundles never change, so they may be kept for ever; a head is good for a few seconds. Everything is
public and readable from pages of other origins: an auditor needs no permission.
"""

import hashlib

from apiflask import APIBlueprint
from flask import Response, request

from app.platform.security import Access, access
from app.wiring import services

bp = APIBlueprint("log", __name__, enable_openapi=False)
FOREVER = "public, max-age=31536000, immutable"
SECONDS = "public, max-age=3"


@bp.get("/log/checkpoint")
@bp.get("/api/v2/checkpoint")
@access(Access.PUBLIC)
def checkpoint() -> Response:
    """The newest signed head."""
    return _answer(services().log.checkpoint().encode(), "text/plain; charset=utf-8", SECONDS)


@bp.get("/log/tile/<path:rest>")
@bp.get("/api/v2/tile/<path:rest>")
@access(Access.PUBLIC)
def tile(rest: str) -> Response:
    """A tile or an entry bundle; any other path is refused with what paths look like."""
    return _answer(services().log.tile(f"tile/{rest}"), "application/octet-stream", FOREVER)


def _answer(data: bytes, content_type: str, cache: str) -> Response:
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.make_conditional(request)
    return response
