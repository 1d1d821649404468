# SPDX-License-Identifier: Apache-2.0
"""The two sides on the pages, over the API and on the server's command line: bad input first, then both answers."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from forms import SAME_SITE, fields_of, post
from grant_walk import GRANT, act_for, countersign, embargoed_offer, offer
from signin import person, sign_in
from signing_walk import ANY_FILE, PROJECT, bearer, end, file

from app.cli.main import main
from app.identity.ports import Actor
from app.platform.clock import new_id
from mcla.verify.verifier import verify_bundle


@pytest.fixture
def console(client: FlaskClient, services: Any) -> FlaskClient:
    """Bela at the console."""
    act_for(services, sign_in(client, services, "bela"))
    return client


def test_the_console_counter_signs_with_the_box_and_declines_with_a_reason(
    console: FlaskClient, services: Any, ada: Actor
) -> None:
    one, two = offer(services, ada), offer(services, ada, file("two.py", b"two"))
    listed = console.get("/console/grants").text
    assert "2 offers wait for you" in listed
    page = f"/console/grants/{one.id}"
    shown = console.get(page).text
    assert "Ada Li" in shown
    assert "model.safetensors" in shown
    refused = post(console, f"{page}/countersign", shown)
    assert (refused.status_code, "Tick the box" in refused.text) == (422, True)
    assert post(console, f"{page}/decline", shown, consent="yes", reason="my words").status_code == 422
    assert services.grants.offer(one.id).waits
    done = post(console, f"{page}/countersign", shown, consent="yes")
    assert done.headers["Location"].endswith(page)
    assert "In force: both have signed" in console.get(page).text
    again = post(console, f"{page}/countersign", shown, consent="yes")
    assert (again.status_code, "has counter-signed it" in again.text) == (409, True)
    shown = console.get(f"/console/grants/{two.id}").text
    post(console, f"/console/grants/{two.id}/decline", shown, consent="yes", reason="quality")
    assert "It does not meet the project" in console.get(f"/contributions/{two.id}").text
    assert "No offer waits" in console.get("/console/grants").text


def test_another_foundations_offers_are_unknown_and_a_giver_is_no_staff(
    client: FlaskClient, services: Any, ada: Actor
) -> None:
    given = offer(services, ada)
    services.projects.ensure_foundation("elsewhere", "Elsewhere", "contact@elsewhere.example")
    act_for(services, sign_in(client, services, "bela"), "elsewhere")
    token = fields_of(client.get("/console/agreements/new").text)["csrf_token"]
    for path in (given.id, new_id("ctr"), "ctr_1", "%00"):
        assert client.get(f"/console/grants/{path}").status_code == 404
        for act in ("countersign", "decline"):
            form = {"csrf_token": token, "consent": "yes", "reason": "quality"}
            assert client.post(f"/console/grants/{path}/{act}", data=form, headers=SAME_SITE).status_code == 404
    sign_in(client, services, "ada")
    assert client.get(f"/console/grants/{given.id}").status_code == 403
    assert services.grants.offer(given.id).waits


def test_the_api_offers_and_tells_how_the_offer_stands(
    client: FlaskClient, services: Any, ada: Actor, staff: Actor
) -> None:
    head = bearer(services, ada)
    asked = {"type": "contribution", "project": PROJECT, "kind": "code", "files": [ANY_FILE], "key_holder": "cli"}
    wrong = client.post("/api/v1/signings", json=asked | {"agreement": "mcla-individual"}, headers=head)
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "agreement-not-for-offers")
    unsigned = client.post("/api/v1/signings", json=asked, headers=head).get_json()
    assert unsigned["code"] == "agreement-not-signed"
    drafted = client.post("/api/v1/signings", json=asked | {"agreement": GRANT}, headers=head)
    assert drafted.status_code == 201
    predicate = json.loads(drafted.get_json()["statement"])["predicate"]
    fnd = services.projects.foundation("example").id
    assert predicate["offer"] == {"days": 30, "to": f"{services.settings.origin}/signers/{fnd}"}
    assert "acceptance" not in predicate
    given = offer(services, ada)
    assert client.get(f"/api/v1/contributions/{given.id}/answer").status_code == 404
    told = client.get(f"/api/v1/artifacts/sha256:{ANY_FILE['sha256']}").get_json()
    assert (told["verdict"], told["state"]) == ("unknown", "pending")
    assert told["contributions"][0]["offer"]["answer"] is None
    countersign(services, staff, given)
    told = client.get(f"/api/v1/contributions/{given.id}").get_json()
    assert (told["verdict"], told["state"], told["offer"]["answer"]) == ("verified", "in-force", "counter-signed")
    bundle = client.get(told["offer"]["answer_url"].removeprefix(services.settings.origin))
    assert verify_bundle(bundle.get_data(), services.trust).verified
    statement = base64.b64decode(bundle.get_json(force=True)["dsseEnvelope"]["payload"])
    assert not [each for each in (b"Bela Novak", b"bnovak", b"bela.", b"Ada Li", b"adali") if each in statement]
    posted = client.post("/api/v1/bundles/verify", json=given.bundle).get_json()
    assert (posted["verdict"], posted["withdrawal"]["state"]) == ("verified", "in-force")


def test_the_server_command_lists_shows_and_answers_for_a_named_person(
    services: Any, ada: Actor, staff: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.wiring.services_of_command", lambda *_: services)
    given = offer(services, ada)

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["grants", *words])

    waiting = run("list")
    assert (waiting.exit_code, given.id in waiting.output) == (1, True)
    assert "pending" in run("show", given.id).output
    never = run("countersign", given.id, "--as", "demo", "999")
    assert "has never signed in" in never.output
    stranger = run("countersign", given.id, "--as", ada.provider, ada.subject)
    assert "does not act for" in stranger.output
    assert run("decline", given.id, "--as", staff.provider, staff.subject, "--reason", "my words").exit_code == 2
    done = run("countersign", given.id, "--as", staff.provider, staff.subject)
    assert done.exit_code == 0
    assert (run("list").exit_code, run("list", "--all").output[:8]) == (0, "in-force")


def test_a_giver_is_told_by_mail_in_the_commit_that_records_the_answer(services: Any, ada: Actor, staff: Actor) -> None:
    from sqlalchemy import select

    from app.mail.models import Mail

    services.grants._outbox.on = True
    given = offer(services, ada)
    countersign(services, staff, given)
    with services.db.read() as session:
        mail = session.scalars(select(Mail).where(Mail.template == "offer-answered")).one()
    assert (mail.contributor_id, mail.said["answer"]) == (ada.contributor_id, "counter-signed")
    assert mail.said["url"].endswith(given.id)


def test_a_giver_who_takes_an_offer_back_is_told_that_nothing_was_licensed_and_of_no_pdf(
    app: Flask, services: Any
) -> None:
    giver = app.test_client()
    given = offer(services, ada := sign_in(giver, services, "ada"))
    page, waits = f"/contributions/{given.id}", "PDF after the counter-signature"
    assert waits in giver.get("/signatures").text
    asked = giver.get(f"{page}/end").text
    assert "nothing was licensed" in asked
    assert "Its first answer is due" not in asked
    taken = end(services, ada, given)
    own, mine = giver.get(page).text, giver.get("/signatures").text
    assert "It had licensed nothing." in own
    assert "It had licensed nothing." in giver.get(f"/withdrawals/{taken.id}").text
    for wrong in ("PDF record", "It was valid until then", waits, "can counter-sign until"):
        assert wrong not in own + mine
    countersign(services, act_for(services, person(services.identity, "bela")), again := offer(services, ada))
    end(services, ada, again)
    own = giver.get(f"/contributions/{again.id}").text
    assert "It was valid until then" in own
    assert "PDF record: being made" in own


def test_an_embargoed_offer_is_read_and_answered_by_who_handles_reports_and_opens_on_its_day(
    console: FlaskClient, app: Flask, services: Any, ada: Actor, clock: Any
) -> None:
    secret = file("the-secret-hole.py", b"patch")
    given = embargoed_offer(services, ada, secret)
    page, public = f"/console/grants/{given.id}", f"/contributions/{given.id}"
    assert given.id in console.get("/console/grants").text
    token = fields_of(console.get("/console/agreements/new").text)["csrf_token"]
    form = {"csrf_token": token, "consent": "yes", "reason": "quality"}
    for act in ("countersign", "decline"):  # nobody signs what they may not read
        refused = console.post(f"{page}/{act}", data=form, headers=SAME_SITE)
        assert (refused.status_code, "the-secret-hole" in refused.text) == (403, False)
    assert (console.get(page).status_code, services.grants.offer(given.id).waits) == (403, True)
    bela = act_for(services, person(services.identity, "bela"), reports=True)
    shown = console.get(page).text
    assert "the-secret-hole.py" in shown
    assert "A hole that nobody knows" in shown
    assert post(console, f"{page}/countersign", shown, consent="yes").status_code == 303
    act_for(services, bela, reports=False)
    stranger, digest = app.test_client(), f"sha256:{secret.sha256}"
    told = stranger.get(f"/api/v1/artifacts/{digest}").get_json()
    assert (told["verdict"], told["state"], told["contributions"][0]["path"]) == ("verified", "in-force", "mcla:hidden")
    assert (stranger.get(public).status_code, console.get(page).status_code) == (403, 403)
    answer = stranger.get(f"/api/v1/contributions/{given.id}/answer")
    assert (answer.status_code, "hole" in answer.text) == (200, False)
    clock.at += timedelta(days=9)
    assert "the-secret-hole.py" in stranger.get(public).text
