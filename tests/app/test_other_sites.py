# SPDX-License-Identifier: Apache-2.0
"""Cross-site request forgery: whatever changes something refuses what another site makes a signed-in browser send."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from signin import sign_in

from app.platform.security import SAFE, Access, declared_access

OURS = {"Sec-Fetch-Site": "same-origin"}
FORGED: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sibling host": {"Sec-Fetch-Site": "same-site"},
    "an old browser that says nothing": {},
    "an origin that is none": {"Origin": "null"},
    "our page without its token": OURS,
}
BODIES: tuple[dict[str, Any], ...] = (
    {"data": {"csrf_token": "x"}},
    {"data": b"{}", "content_type": "text/plain"},
    {"json": {}},
)


def changing(app: Flask) -> Iterator[tuple[str, str, int]]:
    """Every method and address that may change something, with `x` for each part that varies, and how it refuses.

    What takes a project's token alone never looks at a browser's session: it asks for the token first (401).
    """
    for rule in app.url_map.iter_rules():
        said = declared_access(app.view_functions[rule.endpoint])
        refusal = 401 if said and said.who is Access.TOKEN else 403
        for method in sorted((rule.methods or set()) - SAFE):
            yield method, re.sub(r"<[^>]+>", "x", rule.rule), refusal


def test_nothing_that_changes_anything_takes_a_request_of_another_site(
    app: Flask, client: FlaskClient, services: Any
) -> None:
    sign_in(client, services)
    client.get("/account")
    addresses = list(changing(app))
    assert {("POST", "/sign/x/declare", 403), ("POST", "/api/v1/checks/waiting", 401)} <= set(addresses)
    taken = [
        (name, method, address)
        for name, headers in FORGED.items()
        for method, address, refusal in addresses
        for body in BODIES
        if client.open(address, method=method, headers=headers, **body).status_code != refusal
    ]
    assert taken == []
