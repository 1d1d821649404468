# SPDX-License-Identifier: Apache-2.0
"""Two workers over one database: what one ends is over at the other with the next request, nothing is remembered."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from signin import sign_in
from signing_walk import bearer

from app.factory import create_app
from app.identity.ports import Actor
from app.platform.db import Database
from app.wiring import Services, build_services


@pytest.fixture
def other(services: Services, database_url: str) -> Iterator[FlaskClient]:
    """A second worker: its own application, services and connections."""
    db = Database(database_url)
    wired = build_services(services.settings, db, services.clock)
    wired.log.recover()
    yield create_app(wired).test_client()
    db.dispose()


@pytest.fixture
def ada(client: FlaskClient, other: FlaskClient, services: Services) -> Actor:
    """Ada, whose one cookie both workers have just accepted."""
    actor = sign_in(client, services)
    cookie = client.get_cookie("mcla")
    assert cookie is not None
    other.set_cookie("mcla", cookie.value)
    assert other.get("/account").status_code == 200
    return actor


Ending = Callable[[Services, Actor, FlaskClient], object]
ENDINGS: dict[str, Ending] = {
    "this session": lambda services, actor, _: services.identity.end_session(actor.contributor_id, actor.session_id),
    "everywhere": lambda services, actor, _: services.identity.sign_out_everywhere(actor.contributor_id),
    "by the page": lambda _services, _actor, client: press(client, "/account/sessions/end-all"),
    "by logging out": lambda _services, _actor, client: press(client, "/logout"),
}


def press(client: FlaskClient, path: str) -> None:
    token = client.get("/account").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(path, data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303


@pytest.mark.parametrize("how", list(ENDINGS))
def test_a_session_ended_at_one_worker_is_refused_by_the_other_at_once(
    client: FlaskClient, other: FlaskClient, services: Services, ada: Actor, how: str
) -> None:
    ENDINGS[how](services, ada, client)
    assert other.get("/account").headers["Location"].startswith("/login")
    assert other.get("/api/v1/signings/sng_" + "0" * 26).status_code == 401


def test_a_token_ended_at_one_worker_is_refused_by_the_other_at_once(
    client: FlaskClient, other: FlaskClient, services: Services, ada: Actor
) -> None:
    headers, path = bearer(services, ada), "/api/v1/signings/sng_" + "0" * 26
    other.delete_cookie("mcla")
    assert other.get(path, headers=headers).status_code == 404
    services.identity.sign_out_everywhere(ada.contributor_id)
    assert other.get(path, headers=headers).status_code == 401


def test_another_session_of_the_same_person_stays_alive(
    client: FlaskClient, other: FlaskClient, services: Services, ada: Actor
) -> None:
    fresh = sign_in(client, services)
    services.identity.end_session(ada.contributor_id, str(ada.session_id))
    assert fresh.session_id != ada.session_id
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_a_session_that_runs_out_runs_out_for_both(
    client: FlaskClient, other: FlaskClient, services: Any, ada: Actor
) -> None:
    from datetime import timedelta

    services.clock.at += timedelta(hours=services.settings.session_hours, seconds=1)
    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 303
