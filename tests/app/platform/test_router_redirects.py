# SPDX-License-Identifier: Apache-2.0
"""The router itself never sends anybody to the host that a request names."""

import pytest
from flask.testing import FlaskClient

PATHS = (
    "/api//v1/agreements",
    "/api/v1//agreements",
    "//agreements",
    "/agreements//mcla-individual",
    "/log//checkpoint",
    "/agreements/",
    "/login//demo/callback",
    "/static//mcla.css",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_with_a_slash_too_many_never_redirects_to_the_host_of_the_request(
    client: FlaskClient, method: str, path: str
) -> None:
    environ = {"HTTP_HOST": "evil.example", "PATH_INFO": path}
    answer = client.open("/", method=method, environ_overrides=environ)
    assert "evil.example" not in answer.headers.get("Location", "")
    assert "evil.example" not in answer.text
    assert answer.status_code in (200, 403, 404, 405)
