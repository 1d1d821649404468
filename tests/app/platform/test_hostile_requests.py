# SPDX-License-Identifier: Apache-2.0
"""Requests that lie about where they go, or are far too large: links keep our own address, sizes are bounded."""

import errno
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from signin import sign_in

from app.factory import create_app
from app.log import second_home
from app.log.errors import LogStopped
from app.platform.settings import ProviderSettings
from app.wiring import build_services


class Unread(io.BytesIO):
    """A body that nobody may touch."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")


LIES = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=https",
}
PLACES = (
    "/",
    "/login",
    "/account",
    "/agreements/mcla-individual",
    "/api/v1/openapi.json",
    "/docs/api",
    "/no-such-page",
)


@pytest.fixture(params=[0, 1], ids=["proxy off", "proxy on"])
def behind(request: pytest.FixtureRequest, services: Any) -> FlaskClient:
    """The application with the setting for reverse proxies off and on."""
    known = ProviderSettings(name="github", kind="github", client_id="c", client_secret="s")
    settings = services.settings.model_copy(update={"trusted_proxies": request.param, "providers": (known,)})
    wired = build_services(settings, services.db, services.clock)
    wired.log.recover()
    return create_app(wired).test_client()


@pytest.mark.parametrize("path", PLACES)
def test_no_header_of_a_request_changes_a_link_or_a_redirect(behind: FlaskClient, path: str) -> None:
    answer = behind.get(path, headers=LIES)
    assert answer.status_code in (200, 302, 303, 404)
    assert "evil" not in answer.text
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")


def test_signing_in_comes_back_to_our_own_address(behind: FlaskClient) -> None:
    page = behind.get("/login", headers=LIES).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    headers = LIES | {"Sec-Fetch-Site": "same-origin"}
    left = behind.post("/login/github", data={"csrf_token": token}, headers=headers)
    assert left.status_code == 303
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Flogin%2Fgithub%2Fcallback" in left.headers["Location"]


def test_a_review_address_told_to_the_command_line_is_ours(client: FlaskClient, services: Any) -> None:
    from signing_walk import bearer

    ada = sign_in(client, services)
    asked = {"type": "acceptance", "agreement": "mcla-individual", "version": "1.0.0", "key_holder": "cli"}
    answer = client.post("/api/v1/signings", json=asked, headers=bearer(services, ada) | LIES).get_json()
    assert answer["review_url"].startswith(services.settings.origin)


@pytest.fixture
def signed_in(client: FlaskClient, services: Any) -> FlaskClient:
    sign_in(client, services)
    return client


def form(client: FlaskClient, **more: str) -> dict[str, str]:
    page = client.get("/contributions/new").text
    return {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0], **more}


def test_a_hundred_thousand_form_fields_are_refused(signed_in: FlaskClient) -> None:
    fields = form(signed_in) | {f"d-{number}": "x" for number in range(100_000)}
    answer = signed_in.post("/contributions/new", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413
    assert "2500 fields" in answer.text


def test_more_parts_of_an_upload_than_a_form_has_fields_are_refused(signed_in: FlaskClient) -> None:
    fields = form(signed_in) | {f"d-{number}": "x" for number in range(2501)}
    answer = signed_in.post(
        "/verify", data=fields, headers={"Sec-Fetch-Site": "same-origin"}, content_type="multipart/form-data"
    )
    assert answer.status_code == 413


def test_nine_megabytes_in_a_form_are_refused_and_the_answer_says_what_to_do(signed_in: FlaskClient) -> None:
    answer = signed_in.post(
        "/contributions/new", data=form(signed_in, files="a" * 9_000_000), headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 413
    assert "mcla sign" in answer.text


def test_nine_megabytes_in_a_form_are_refused_before_they_are_read(client: FlaskClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Sec-Fetch-Site": "same-origin"}
    announced = {"CONTENT_LENGTH": str(9_000_000)}
    for path in ("/verify", "/login/demo", "/oauth/token", "/contributions/new"):
        client.set_cookie("mcla", "none")
        answer = client.post(path, input_stream=Unread(), headers=headers, environ_overrides=announced)
        assert answer.status_code in (303, 413), path  # 303: not signed in, and not read for that either
        assert answer.status_code == 413 or path == "/contributions/new"


def test_a_form_that_does_not_say_how_long_it_is_is_refused_unread(client: FlaskClient) -> None:
    chunked = {"wsgi.input": Unread(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/verify", headers=headers, environ_overrides=chunked | {"CONTENT_LENGTH": ""})
    assert answer.status_code == 411
    assert "Content-Length" in answer.text


def test_a_form_just_below_the_limit_is_read(signed_in: FlaskClient) -> None:
    sent = form(signed_in, files="a" * 8_000_000)
    answer = signed_in.post("/contributions/new", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422


def test_a_gigabyte_that_is_only_announced_is_refused_before_it_is_read(client: FlaskClient) -> None:
    headers = {"Content-Type": "application/json"}
    announced = {"CONTENT_LENGTH": str(2**30)}
    answer = client.post("/api/v1/verify", input_stream=Unread(), headers=headers, environ_overrides=announced)
    assert answer.status_code == 413


def test_health_and_metrics_answer_and_name_no_one(client: FlaskClient, services: Any) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"
    assert client.get("/readyz").get_json() == {"ready": True, "parts": {"database": True, "log": True}}
    client.get("/artifacts/sha256:" + "ab" * 32)
    told = client.get("/metrics").text
    assert "mcla_http_responses_total" in told
    assert "ab" * 32 not in told


def test_a_service_whose_schema_is_old_is_not_ready(client: FlaskClient, services: Any) -> None:
    with services.db.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["parts"]["database"] is False


def test_a_service_whose_disk_failed_is_not_ready_and_goes_on_reading(
    client: FlaskClient, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.log.append([b"before"])

    def broken(_file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(second_home, "_flush", broken)
    with pytest.raises(LogStopped):
        services.log.append([b"lost"])
    monkeypatch.undo()
    with pytest.raises(LogStopped):  # a flush that works again proves nothing
        services.log.append([b"again"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["parts"]) == (503, {"database": True, "log": False})
    assert [client.get(f"/log/{path}").status_code for path in ("checkpoint", "tile/0/000.p/1")] == [200, 200]
