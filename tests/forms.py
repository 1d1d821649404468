# SPDX-License-Identifier: Apache-2.0
"""Pressing the real buttons of the real pages with a test client, and choosing a person at the demo provider."""

import html
import re
from urllib.parse import urlsplit

import httpx2
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form that has any."""
    pairs = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in pairs}


def post(client: FlaskClient, path: str, page: str, /, **values: str) -> TestResponse:
    form = {"csrf_token": fields_of(page)["csrf_token"], **values}
    return client.post(path, data=form, headers=SAME_SITE)


def choose(url: str, subject: str) -> str:
    """Be the person at the demo provider; returns the path and query of the callback."""
    form = fields_of(httpx2.get(url).text) | {"person": subject}
    answer = httpx2.post(url.partition("?")[0], data=form, follow_redirects=False)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def walk(client: FlaskClient, subject: str = "104729", next_path: str = "/account") -> TestResponse:
    page = client.get(f"/login?next={next_path}").text
    left = post(client, "/login/demo", page, next=next_path)
    assert left.status_code == 303
    return client.get(choose(left.headers["Location"], subject))
