# SPDX-License-Identifier: Apache-2.0
"""Whatever stores or signs is limited for each caller, on pages as over the API, and says when to go on."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from signin import sign_in

from app.platform.security import limiter

NOBODYS = "sng_" + "0" * 26
WRITES = (
    "/sign/mcla-individual/declare",
    f"/sign/mcla-individual/review/{NOBODYS}",
    f"/contributions/review/{NOBODYS}",
    "/contributions/new",
    "/contributions/questions",
    "/oauth/authorize",
)


@pytest.fixture(autouse=True)
def fresh_limits(app: Flask) -> None:
    limiter.reset()


@pytest.mark.parametrize("path", WRITES)
def test_a_person_who_posts_a_page_sixty_one_times_in_a_minute_is_told_to_wait(
    client: FlaskClient, services: Any, path: str
) -> None:
    sign_in(client, services)
    token = client.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    form, headers = {"csrf_token": token}, {"Sec-Fetch-Site": "same-origin"}
    first = [client.post(path, data=form, headers=headers).status_code for _ in range(60)]
    assert 429 not in first
    last = client.post(path, data=form, headers=headers)
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 60


def test_a_stranger_who_has_proofs_checked_without_end_is_told_to_wait(client: FlaskClient) -> None:
    answers = [client.post("/verify", data={"digest": "ab" * 32}) for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {303}
    assert answers[120].status_code == 429
    assert 1 <= int(answers[120].headers["Retry-After"]) <= 60
