# SPDX-License-Identifier: Apache-2.0
"""Answers with an ETag of their bytes: a caller who has them already is told so with 304."""

import hashlib
from typing import Any

from flask import Response, current_app, json, request

FOREVER = "public, max-age=31536000, immutable"


def conditional(response: Response) -> Response:
    """The response with a strong ETag of its bytes, or 304 for a caller who has them."""
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
    response.make_conditional(request)
    return response


def tagged_json(body: dict[str, Any]) -> Response:
    """JSON that a cache may keep and has to ask about each time."""
    response = current_app.response_class(json.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = "public, no-cache"
    return conditional(response)


def tagged_file(data: bytes, content_type: str, cache: str, *, any_origin: bool = False) -> Response:
    """These bytes, kept as `cache` says; with `any_origin` scripts of every site may read them."""
    response: Response = current_app.response_class(data, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    if any_origin:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return conditional(response)
