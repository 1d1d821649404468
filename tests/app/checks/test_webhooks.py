# SPDX-License-Identifier: Apache-2.0
"""Telling a project: signed as the standard has it, tried for three days, then dead, and sent again by a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from check_questions import question
from click.testing import CliRunner
from flask.testing import FlaskClient
from forms import post
from receivers import Receiver, run
from signin import sign_in
from signing_walk import PROJECT, accept

from app.checks.errors import WebhookAbsent, WebhookUnfit
from app.checks.waiting import Reference
from app.checks.webhooks import TRIED, WebhookService, signature
from app.cli.main import main
from app.platform.scopes import Scope
from mcla.checks.change import read_change

WAITING = "/api/v1/checks/waiting"
HEAD = "a" * 40


@pytest.fixture
def queued(services: Any, ada: Any, hooked: Receiver) -> Receiver:
    """A receiver that is to be told one answer, not yet sent."""
    asked = read_change(question(ada, {"name": "Ada", "email": "ada.li@example.org"}))
    services.waiting.register(asked, Reference("demo", "42", 7, HEAD), addresses=True)
    accept(services, ada)
    return hooked


@pytest.fixture
def passes(services: Any, clock: Any) -> Callable[[timedelta], None]:
    """Lets time pass and runs what is due then, an hour at a time."""

    def pass_time(time: timedelta) -> None:
        for _ in range(int(time / timedelta(hours=1)) + 1):
            run(services)
            clock.at += timedelta(hours=1)

    return pass_time


def test_the_signature_is_that_of_the_standards_published_example() -> None:
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_address_is_in_what_is_sent_nor_in_a_log_line(services: Any, queued: Receiver, capsys: Any) -> None:
    queued.status = 500
    run(services)
    (message,) = queued.messages
    said = capsys.readouterr()
    assert "ada.li@" not in message.body.decode() + said.out + said.err
    assert "webhook.failed" in said.out + said.err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_fails_is_tried_ever_more_rarely_for_three_days_and_then_kept_dead(
    services: Any, queued: Receiver, project: Any, passes: Any
) -> None:
    queued.status = 500
    passes(TRIED)
    (dead,) = services.webhooks.dead(project)
    assert dead.failure == "answered 500"
    assert 12 <= dead.attempts == len(queued.messages) <= 25
    assert len({each.id for each in queued.messages}) == 1, "one id, by which the receiver tells repeats"
    queued.status = 204
    assert services.webhooks.replay(project, "whd_other") == 0
    assert services.webhooks.replay(project) == 1
    run(services)
    assert services.webhooks.dead(project) == []
    assert (queued.messages[-1].id, queued.messages[-1].body) == (dead.id, queued.messages[0].body)


def test_a_receiver_that_was_away_is_told_when_it_is_back(
    services: Any, queued: Receiver, project: Any, clock: Any
) -> None:
    away = WebhookService(services.db, clock, lambda: b"k" * 32, loopback=False)
    run(services, 1)
    for _ in range(3):  # its address is refused there, which is no answer
        for waiting in ids(services):
            away.deliver_job({"id": waiting})
    assert queued.messages == [], "and it is left alone for a while, whatever waits"
    clock.at += timedelta(minutes=1)
    run(services)
    assert len(queued.messages) == 1


def ids(services: Any) -> list[str]:
    from sqlalchemy import select

    from app.checks.models import CheckDelivery

    with services.db.read() as session:
        return list(session.scalars(select(CheckDelivery.id)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_redirect_is_a_failure_and_gone_turns_it_off(
    services: Any, queued: Receiver, project: Any, passes: Any
) -> None:
    queued.status, queued.heads = 307, {"Location": queued.url + "&again"}
    run(services)
    assert len(queued.messages) == 1
    queued.status = 410
    passes(timedelta(hours=1))
    (dead,) = services.webhooks.dead(project)
    assert dead.failure == "answered 410: the receiver is gone"
    assert services.webhooks.current(project).disabled_at is not None
    with pytest.raises(WebhookAbsent):
        services.webhooks.replay(project)
    services.webhooks.set(project, queued.url, "terminal")
    queued.status = 200
    assert services.webhooks.replay(project) == 1
    run(services)
    assert services.webhooks.dead(project) == []


def test_an_address_is_checked_when_it_is_set_and_without_a_webhook_nothing_is_kept(
    services: Any, ada: Any, project: Any
) -> None:
    for url in ("https://10.0.0.1/", "http://hooks.example.org/", "https://hooks.example.org/ x"):
        with pytest.raises(WebhookUnfit):
            services.webhooks.set(project, url, "terminal")
    assert services.webhooks.current(project) is None
    services.waiting.register(read_change(question(ada)), Reference("demo", "42", 7, HEAD), addresses=False)
    accept(services, ada)
    run(services)
    assert ids(services) == []


def test_each_setting_makes_another_secret_and_none_is_in_the_database(
    services: Any, project: Any, hooked: Receiver, secret: str
) -> None:
    other = services.webhooks.set(project, hooked.url, "terminal")
    assert other != secret
    with services.db.read() as session:
        from app.checks.models import ProjectWebhook

        kept = session.get_one(ProjectWebhook, project.id)
    assert not [each for each in vars(kept).values() if isinstance(each, str) and other[6:] in each]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_sets_lists_and_replays(settings: Any, database_url: str, services: Any, queued: Receiver) -> None:
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}

    def command(*args: str) -> Any:
        return CliRunner().invoke(main, ["webhook", *args, "--project", PROJECT], env=env)

    queued.status = 410
    run(services)
    listed = command("dead")
    assert (listed.exit_code, "the receiver is gone" in listed.output) == (1, True)
    assert '"change": 7' in command("dead", "--json").output
    assert command("replay").exit_code != 0
    made = command("set", queued.url)
    assert made.stdout.strip().splitlines()[-1].startswith("whsec_")
    queued.status = 204
    assert "1 deliveries" in command("replay").output
    run(services)
    assert command("dead").exit_code == 0
    assert command("remove").exit_code == 0
    assert command("set", "https://127.0.0.1:1@evil/").exit_code != 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_staff_sets_it_sees_what_is_dead_and_sends_it_again(
    client: FlaskClient, services: Any, queued: Receiver, project: Any
) -> None:
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    queued.status = 410
    run(services)
    page = client.get("/console/webhooks").text
    assert "answered 410: the receiver is gone" in page
    assert "Send all of it again" not in page
    shown = post(client, "/console/webhooks/set", page, project=PROJECT, url=queued.url)
    assert "whsec_" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    page = client.get("/console/webhooks").text
    assert "whsec_" not in page
    queued.status = 204
    assert post(client, "/console/webhooks/replay", page, project=PROJECT).status_code == 303
    run(services)
    assert services.webhooks.dead(project) == []
    bad = post(client, "/console/webhooks/set", page, project=PROJECT, url="https://10.0.0.1/")
    assert (bad.status_code, "a private one" in bad.text) == (422, True)
    assert post(client, "/console/webhooks/remove", page, project=PROJECT).status_code == 303
    assert services.webhooks.current(project) is None
    assert post(client, "/console/webhooks/remove", page, project="nobody").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_staff_of_another_foundation_sets_and_sees_nothing_here(
    client: FlaskClient, services: Any, queued: Receiver, project: Any
) -> None:
    bela = sign_in(client, services, "bela")
    services.staff.add(
        services.projects.ensure_foundation("other", "Other", "x@example.org"), bela.provider, bela.subject
    )
    page = client.get("/console/tokens/new").text
    assert queued.url not in client.get("/console/webhooks").text
    for act in ("set", "remove", "replay"):
        answer = post(client, f"/console/webhooks/{act}", page, project=PROJECT, url="https://evil.example/")
        assert answer.status_code == 403
    assert services.webhooks.current(project).url == queued.url


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_over_the_api_a_token_registers_looks_and_ends_in_its_own_project_alone(
    client: FlaskClient, services: Any, ada: Any, project: Any
) -> None:
    def bearer(of: Any, *scopes: Scope) -> dict[str, str]:
        return {"Authorization": f"Bearer {services.tokens.create(of, scopes, 'terminal').secret}"}

    mine, other = bearer(project, Scope.CHECKS_WAIT), bearer(services.projects.project("open-voice"), Scope.CHECKS_WAIT)
    reference = {"forge": "demo", "repository": "42", "change": 7, "head": HEAD}
    body = {"check": question(ada), "reference": reference}
    made = client.post(WAITING, json=body, headers=mine)
    assert (made.status_code, made.get_json()["state"], made.get_json()["reference"]) == (200, "waiting", reference)
    path = f"{WAITING}/{made.get_json()['id']}"
    assert client.get(path, headers=mine).get_json()["answer"]["code"] == "not-signed"
    refused = [
        (client.post(WAITING, json=body), 401),
        (client.post(WAITING, json=body, headers=other), 403),
        (client.post(WAITING, json=body, headers=bearer(project, Scope.CHECKS_READ)), 403),
        (client.get(path), 401),
        (client.get(path, headers=other), 404),
        (client.delete(path, headers=other), 404),
        (client.get(f"{WAITING}/x%00", headers=mine), 404),
        (
            client.post(
                WAITING, json={**body, "check": {**question(ada), "as_of": "2026-11-22T12:00:00Z"}}, headers=mine
            ),
            422,
        ),
        (client.post(WAITING, json={**body, "reference": {**reference, "head": "abc"}}, headers=mine), 422),
        (client.post(WAITING, json={**body, "reference": {**reference, "change": 0}}, headers=mine), 422),
        (client.post(WAITING, json={"check": question(ada)}, headers=mine), 422),
        (client.post(WAITING, json={**body, "more": 1}, headers=mine), 422),
    ]
    assert [answer.status_code for answer, _ in refused] == [status for _, status in refused]
    bad = client.post(WAITING, json={**body, "check": {**question(ada), "lies": 1}}, headers=mine).get_json()
    assert (bad["code"], bad["errors"][0]["pointer"]) == ("change-invalid", "/check/lies")
    assert [client.delete(path, headers=mine).status_code for _ in range(2)] == [204, 204]
    assert client.get(path, headers=mine).get_json()["state"] == "ended"
