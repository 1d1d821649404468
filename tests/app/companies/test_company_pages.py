# SPDX-License-Identifier: Apache-2.0
"""The pages of companies without JavaScript: from the signature for one to files given for it, and each refusal."""

import re
from datetime import timedelta
from typing import Any

import pytest
from company_pages import browser, press, signed
from company_walk import Firm, account, confirm, list_, say_member, somebody
from flask import Flask
from flask.testing import FlaskClient
from forms import post
from working import run_all_but_records

from app.companies import release_requests
from app.companies.errors import CompanyUnknown
from app.contributions.formtext import texts_of
from app.signing.schemas import SIGNING_EXAMPLES
from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry

WEIGHTS: Any = SIGNING_EXAMPLES["contribution"]["value"]["declarations"]  # type: ignore[index]
FACTS = {
    "name": "Example GmbH",
    "jurisdiction": "de",
    "registration": "HRB 1234 B",
    "title": "Managing director",
    "power": "by-register",
}


def link_on(page: str) -> str:
    found = re.search(r"/companies/join/[\w-]+", page)
    assert found
    return found[0]


def invite(head: FlaskClient, company: str, app: Flask, services: Any, login: str) -> FlaskClient:
    """Invite by form, make the link, and let the invited person join in a browser of their own."""
    signed(head, press(head, f"{company}/managers/new", email=f"{login}@example.com"))
    page = head.get(company).text
    made = re.search(r"/companies/invitations/inv_\w+/link", page)
    assert made
    link = link_on(post(head, made[0], page).text)
    manager = browser(app, services, login)
    assert signed(manager, press(manager, link)) == company
    assert manager.get(link).status_code == 410
    return manager


def test_from_the_signature_for_a_company_to_files_given_for_it_without_javascript(app: Flask, services: Any) -> None:
    sig = browser(app, services, "sig")
    assert "Name the company" in sig.get("/sign/mcla-corporate").text
    done = signed(sig, press(sig, "/sign/mcla-corporate/company", **FACTS))
    company = re.search(r"/companies/com_\w+", sig.get(done).text)[0]  # type: ignore[index]
    assert "The company has no manager yet." in sig.get(company).text
    max_, mia = (invite(sig, company, app, services, each) for each in ("max", "mia"))
    assert "Nobody is covered yet" in max_.get(company).text
    entry = {"who": "domain", "domain": "example.com", "kind": "code", "reason": "All of us"}
    assert signed(max_, press(max_, f"{company}/list/new", **entry)) == company
    emil = browser(app, services, "emil")
    assert "it lists you" in emil.get("/companies").text
    page = emil.get(f"{company}/confirm").text
    entry_id = re.search(r'name="entry" value="(ent_\w+)"', page)[1]  # type: ignore[index]
    signed(emil, post(emil, f"{company}/confirm", page, entry=entry_id, act="confirm"))
    assert "Emil" in mia.get(company).text
    form = emil.get("/contributions/new").text
    assert "For Example GmbH" in form
    wanted = {"project": "tiny-llm", "kind": "code", "files": f"{sha256_hex(b'x')} 1 a.py"}
    given = signed(emil, post(emil, "/contributions/new", form, company=company.rpartition("/")[2], **wanted))
    shown = emil.get(given).text
    assert "Given for</dt><dd>Example GmbH" in shown
    assert "Emil" not in app.test_client().get(given).text
    assert "If the company changes its mind" not in app.test_client().get(given).text
    assert "If the company changes its mind" in mia.get(given).text
    assert "#c-19" in mia.get(given).text
    assert "you take it back for the company" in mia.get(f"{given}/end").text
    for member in ("sig", "emil"):
        seen = browser(app, services, member).get(company).text
        assert "everybody at @example.com" not in seen
        assert "Everything that was changed" not in seen
    assert browser(app, services, somebody(services, "x", "x@else.example")).get(company).status_code == 404
    history = mia.get(company).text
    assert "Lists everybody at @example.com for code" in history
    assert "All of us" in history
    assert emil.get("/api/v1/company-changes/" + re.search(r"chg_\w+", history)[0] + "/bundle").status_code == 200  # type: ignore[index]


WRONG_FACTS = [
    ({"name": ""}, "legal name"),
    ({"name": "Ex\u0430mple"}, "mixes letters of Cyrillic and Latin"),
    ({"name": "Exam\u200bple"}, "invisible character"),
    ({"jurisdiction": "Germany"}, "a jurisdiction such as DE"),
    ({"power": ""}, "where your power to sign comes from"),
]


def test_facts_that_do_not_fit_are_asked_for_again_with_what_to_do(app: Flask, services: Any) -> None:
    sig = browser(app, services, "sig")
    for wrong, words in WRONG_FACTS:
        answer = press(sig, "/sign/mcla-corporate/company", **(FACTS | wrong))
        assert (answer.status_code, words in answer.text) == (422, True), wrong
        assert "There is a problem" in answer.text


WRONG_ENTRIES = [
    ({}, 422, "whom the entry means"),
    ({"who": "domain", "domain": "*.example.com"}, 422, "without a star"),
    ({"who": "domain", "domain": "gmail.com"}, 422, "Anybody can have an address there"),
    ({"who": "domain", "domain": "other.example"}, 403, "yours is in example.com"),
    ({"who": "address", "email": "nobody"}, 422, "name@example.com"),
    ({"who": "account", "provider": "demo"}, 422, "number of the account"),
    ({"who": "organisation", "organisation": "demo:7"}, 422, "a code host has confirmed you"),
    ({"who": "address", "email": "a@example.com", "valid_from": "soon"}, 422, "2030-01-31"),
    ({"who": "address", "email": "a@example.com", "valid_from": "2020-01-01"}, 409, "begin in the past"),
    ({"who": "address", "email": "a@example.com", "kind": ""}, 422, "at least one kind"),
    ({"who": "address", "email": "a@example.com", "reason": ""}, 422, "needs a reason"),
]


def test_each_bad_entry_is_shown_again_and_says_what_to_do(app: Flask, services: Any, firm: Firm) -> None:
    max_, path = browser(app, services, firm.max), f"/companies/{firm.id}/list/new"
    for wrong, status, words in WRONG_ENTRIES:
        entry = {"kind": "code", "reason": "Why"} | wrong
        answer = press(max_, path, **{name: value for name, value in entry.items() if value})
        assert (answer.status_code, words in answer.text) == (status, True), (wrong, answer.status_code)
    assert services.companies.view(firm.max, firm.id).entries == ()


def test_an_organisation_is_listed_by_a_confirmed_member_and_covers_the_others(
    app: Flask, services: Any, firm: Firm
) -> None:
    max_, emil = browser(app, services, firm.max), browser(app, services, firm.emil)
    path, entry = f"/companies/{firm.id}/list/new", {"who": "organisation", "kind": "code", "reason": "All of us"}
    assert "First let the code host confirm your own membership" in max_.get(path).text
    say_member(services, firm.max, ("9919", "example-org"))
    assert "example-org, number 9919 at Demo ID" in max_.get(path).text
    signed(max_, press(max_, path, organisation="demo:9919", **entry))
    assert "members of example-org, number 9919 at demo" in max_.get(f"/companies/{firm.id}").text
    assert emil.get(f"/companies/{firm.id}/confirm").status_code == 404
    assert "let the host confirm that you are a member" in emil.get("/companies").text
    say_member(services, firm.emil, ("9919", "example-labs"), wanted="example-labs")
    assert "it lists you" in emil.get("/companies").text
    assert "example-labs" in emil.get("/account/memberships").text
    page = emil.get(f"/companies/{firm.id}/confirm").text
    listed = re.search(r'name="entry" value="(ent_\w+)"', page)[1]  # type: ignore[index]
    signed(emil, post(emil, f"/companies/{firm.id}/confirm", page, entry=listed, act="confirm"))
    assert "because people leave organisations" in emil.get(f"/companies/{firm.id}/confirm").text


def test_the_last_manager_and_an_unverified_address_are_told_on_the_page(app: Flask, services: Any, firm: Firm) -> None:
    sig = browser(app, services, firm.sig)
    for name in ("max", "mia"):
        answer = press(sig, f"/companies/managers/{firm.managers[name]}/remove", reason="Left")
        if name == "max":
            assert signed(sig, answer) == f"/companies/{firm.id}"
    assert answer.status_code == 409
    assert "Invite another manager first" in answer.text
    assert "One manager is not enough." in sig.get(f"/companies/{firm.id}").text
    signed(sig, press(sig, f"/companies/{firm.id}/managers/new", email="una@example.com"))
    page = sig.get(f"/companies/{firm.id}").text
    made = re.search(r"/companies/invitations/inv_\w+/link", page)[0]  # type: ignore[index]
    una = browser(app, services, somebody(services, "una", None))
    answer = press(una, link_on(post(sig, made, page).text))
    assert (answer.status_code, "Verify the address at the provider" in answer.text) == (403, True)


def test_weights_wait_for_a_second_person_and_are_given_when_released(
    app: Flask, services: Any, firm: Firm, clock: Any
) -> None:
    entry = list_(services, firm.max, firm.id, account(firm.emil), ("weights",))
    confirm(services, firm.emil, firm.id, entry)
    emil, mia = browser(app, services, firm.emil), browser(app, services, firm.mia)
    wanted = {"project": "tiny-llm", "kind": "weights", "files": f"{sha256_hex(b'w')} 1 w.bin", "company": firm.id}
    questions = post(emil, "/contributions/new", emil.get("/contributions/new").text, **wanted)
    assert questions.status_code == 200, questions.text
    unanswered = post(emil, "/contributions/questions", questions.text, **wanted)
    assert unanswered.status_code == 422
    answers = {f"d-{name}": text for name, text in texts_of(WEIGHTS).items()}
    asked = post(emil, "/contributions/questions", questions.text, **wanted, **answers)
    assert asked.headers["Location"].startswith("/companies/releases/rel_"), asked.text
    release = asked.headers["Location"]
    assert "wants a second person to release this" in emil.get(release).text
    own = post(emil, release, emil.get(release).text)
    assert own.status_code == 409
    assert release in mia.get(f"/companies/{firm.id}").text
    assert browser(app, services, firm.sig).get(release).status_code == 404
    assert "Release them only if you know" in mia.get(release).text
    signed(mia, press(mia, release))
    other = post(emil, "/contributions/questions", questions.text, **wanted, **(answers | {"d-compute": "1.3e17"}))
    assert other.headers["Location"] == release
    assert post(emil, release, emil.get(release).text).status_code == 409  # other answers than those released
    signed(mia, press(mia, release))
    given = signed(emil, press(emil, release))
    assert given.startswith("/contributions/ctr_")
    found = services.contributions.contribution(given.rpartition("/")[2], firm.emil)
    assert found.verdict == "verified"
    assert press(emil, release).headers["Location"] == given
    clock.at += release_requests.GIVEN
    run_all_but_records(services)
    with pytest.raises(CompanyUnknown):
        services.companies.releases.one(firm.emil, release.rpartition("/")[2])
    assert services.contributions.contribution(found.id, firm.emil).standing.state == "in-force"


def test_a_request_for_release_waits_half_a_year_from_when_it_was_last_asked(
    services: Any, firm: Firm, clock: Any
) -> None:
    entry = list_(services, firm.max, firm.id, account(firm.emil), ("weights",))
    confirm(services, firm.emil, firm.id, entry)
    releases, manifest = services.companies.releases, Manifest.of([ManifestEntry("w.bin", sha256_hex(b"w"), 1)])
    ask = lambda: releases.ask(firm.emil, firm.id, "tiny-llm", "weights", manifest, WEIGHTS, None)  # noqa: E731
    asked = ask()
    for days, left in ((179, [asked]), (2, [asked]), (180, [])):
        clock.at += timedelta(days=days)
        run_all_but_records(services)
        assert [each.id for each in releases.waiting(firm.max, firm.id)] == left
        if days == 179:
            assert ask() == asked
