# SPDX-License-Identifier: Apache-2.0
"""An embargoed safety patch: signed and logged at once, its names, answers and proof shown to few until its day."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from company_walk import Firm, change
from flask.testing import FlaskClient
from grant_walk import act_for, countersign, offer
from safety_answers import EMBARGOED, OPEN
from signin import person, sign_in
from signing_walk import PROJECT, accept, bearer, end, file, finish
from werkzeug.test import TestResponse

from app.companies.changes import EntryRemoved
from app.contributions.errors import ContributionUnknown, ReaderUnfit
from app.contributions.seeing import MOST_READERS

NAME = "fix-for-the-secret-hole.py"
PATCH = file(NAME, b"patch")
DIGEST = f"sha256:{PATCH.sha256}"


def give(services: Any, actor: Any, **changed: Any) -> Any:
    accept(services, actor)
    answers = (OPEN if changed.get("embargo") is False else EMBARGOED) | changed
    return finish(
        services, actor, services.signing.draft_contribution(actor, PROJECT, "safety", [PATCH], answers, "cli")
    )


def paths(identifier: str) -> list[str]:
    at = f"/api/v1/contributions/{identifier}"
    return [
        at,
        f"{at}/bundle",
        f"{at}/bundle?compat=dsse001",
        f"{at}/oms",
        f"{at}/manifest",
        f"/contributions/{identifier}",
    ]


def post(client: FlaskClient, services: Any, path: str, **fields: str) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found
    headers = {"Origin": services.settings.origin, "Sec-Fetch-Site": "same-origin"}
    return client.post(path, data={"csrf_token": found[1], **fields}, headers=headers)


def test_until_its_day_nobody_is_told_names_answers_or_proof_and_then_everybody_is(
    services: Any, client: FlaskClient, ada: Any, clock: Any
) -> None:
    given = give(services, ada)
    for path in paths(given.id):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "from 1 December 2026 on" in answer.text
        assert NAME not in answer.text
        assert "hole" not in answer.text
        assert "public" not in answer.headers["Cache-Control"]
    refused = client.get(paths(given.id)[1]).json
    assert (refused["code"], refused["embargo_until"]) == ("contribution-hidden", "2026-12-01")
    german = client.get(paths(given.id)[-1], headers={"Accept-Language": "de"})
    assert "ab dem 1. Dezember 2026" in german.text
    clock.at += timedelta(days=9)  # 2026-12-01
    for path in paths(given.id):
        assert client.get(path).status_code == (404 if path.endswith("/oms") else 200), path  # no list was signed
    assert NAME in client.get(paths(given.id)[4]).text
    assert "immutable" in client.get(paths(given.id)[1]).headers["Cache-Control"]


def test_the_log_and_every_public_list_hold_digests_alone(
    services: Any, client: FlaskClient, app: Any, ada: Any
) -> None:
    given = give(services, ada)
    entries = client.get("/log/tile/entries/000.p/2").data
    assert len(entries) > 100
    for secret in (NAME, "hole", "embargo"):
        assert secret.encode() not in entries
    for path in (f"/api/v1/artifacts/{DIGEST}", f"/verify?digest={DIGEST}", f"/artifacts/{DIGEST}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert NAME not in answer.text
        assert "secret" not in answer.text
    told = client.get(f"/api/v1/artifacts/{DIGEST}").json
    [covering] = told["contributions"]
    assert (told["verdict"], covering["path"]) == ("verified", "mcla:hidden")
    assert (covering["shown_to"], covering["embargo_until"], covering["id"]) == ("named", "2026-12-01", given.id)
    [asked] = app.test_client().post("/api/v1/verify", json={"digests": [DIGEST]}).json["results"]
    assert asked["contributions"][0]["path"] == "mcla:hidden"
    assert "embargo until 1 December 2026" in client.get(f"/verify?digest={DIGEST}").text


def test_giver_named_people_and_who_handles_reports_see_it_and_nobody_else_who_is_signed_in(
    services: Any, client: FlaskClient, ada: Any
) -> None:
    given = give(services, ada)
    bela, chris = person(services.identity, "bela"), person(services.identity, "chris")
    bundle = paths(given.id)[1]

    def status(actor: Any) -> int:
        answer = client.get(bundle, headers=bearer(services, actor))
        if answer.status_code == 200:
            assert json.loads(answer.data) == given.bundle
            assert answer.headers["Cache-Control"] == "private, no-store"
        return answer.status_code

    assert [status(each) for each in (ada, bela, chris)] == [200, 403, 403]
    services.contributions.seeing.name(ada, given.id, " Bela.Novak@Example.org ")
    services.contributions.seeing.name(ada, given.id, "bela.novak@example.org")
    assert services.contributions.seeing.readers(ada, given.id) == ["bela.novak@example.org"]
    assert [status(each) for each in (bela, chris)] == [200, 403]
    services.contributions.seeing.remove(ada, given.id, "BELA.novak@example.org")
    assert status(bela) == 403
    staff = (services.projects.project(PROJECT).foundation, chris.provider, chris.subject)
    services.staff.add(*staff)
    assert status(chris) == 403  # staff as such handles no reports
    for appointed in (True, None, False):  # None leaves it as it is
        services.staff.add(*staff, handles_reports=appointed)
        assert status(chris) == (403 if appointed is False else 200)
    elsewhere = services.projects.ensure_foundation("elsewhere", "Elsewhere", "contact@elsewhere.example")
    services.staff.add(elsewhere, chris.provider, chris.subject, handles_reports=True)
    assert status(chris) == 403
    assert [each.slug for each in services.staff.without_handlers()] == ["example"]


def test_dual_use_work_is_shown_to_whom_an_own_agreement_binds_until_it_is_ended(
    services: Any, client: FlaskClient, ada: Any
) -> None:
    given, bela = give(services, ada, embargo=False, dual_use="dual-use"), person(services.identity, "bela")
    bundle, headers = paths(given.id)[1], bearer(services, bela)
    assert client.get(bundle).status_code == 403
    refused = client.get(bundle, headers=headers)
    assert "bound by an agreement with its foundation" in refused.json["detail"]
    accepted = accept(services, bela)
    assert client.get(bundle, headers=headers).status_code == 200
    end(services, bela, accepted)
    assert client.get(bundle, headers=headers).status_code == 403
    assert client.get(f"/api/v1/artifacts/{DIGEST}").json["contributions"][0]["shown_to"] == "signers"


def test_dual_use_work_is_shown_to_a_companys_people_while_it_lists_them(
    services: Any, client: FlaskClient, ada: Any, firm: Firm
) -> None:
    bundle = paths(give(services, ada, embargo=False, dual_use="dual-use").id)[1]

    def status(actor: Any) -> int:
        return client.get(bundle, headers=bearer(services, actor)).status_code

    assert status(firm.emil) == 403
    firm.with_emil()
    # Whoever signed for the company, or keeps its list, bound the company and is not bound by that.
    assert [status(each) for each in (firm.emil, firm.sig, firm.max)] == [200, 403, 403]
    change(services, firm.mia, firm.id, EntryRemoved(firm.entry))
    assert status(firm.emil) == 403


def test_dual_use_work_is_shown_to_whose_grant_was_accepted_and_not_to_who_offers_one(
    services: Any, client: FlaskClient, ada: Any
) -> None:
    bundle = paths(give(services, ada, embargo=False, dual_use="dual-use").id)[1]
    giver, staff = person(services.identity, "bela"), act_for(services, person(services.identity, "chris"))

    def status() -> int:
        return client.get(bundle, headers=bearer(services, giver)).status_code

    given = offer(services, giver)
    assert status() == 403
    countersign(services, staff, given)
    assert status() == 200
    end(services, giver, given, stage="S0")
    assert status() == 403


def test_the_giver_may_end_an_embargo_early_and_only_the_giver(services: Any, client: FlaskClient, ada: Any) -> None:
    given, bela = give(services, ada), person(services.identity, "bela")
    for act in (services.contributions.seeing.lift, services.contributions.seeing.readers):
        with pytest.raises(ContributionUnknown):
            act(bela, given.id)
        with pytest.raises(ContributionUnknown):
            act(ada, "ctr_nothing")
    assert client.get(paths(given.id)[1]).status_code == 403
    services.contributions.seeing.lift(ada, given.id)
    services.contributions.seeing.lift(ada, given.id)
    assert client.get(paths(given.id)[1]).status_code == 200
    assert client.get(f"/api/v1/artifacts/{DIGEST}").json["contributions"][0]["path"] == NAME


@pytest.mark.parametrize(
    "email",
    ["", "bela", "bela@", "@example.org", "a b@example.org", "bela@example.org, x@example.org", "b@é.org", "x" * 300],
)
def test_what_is_no_address_names_nobody(services: Any, ada: Any, email: str) -> None:
    given = give(services, ada)
    with pytest.raises(ReaderUnfit, match="not an e-mail address"):
        services.contributions.seeing.name(ada, given.id, email)
    assert services.contributions.seeing.readers(ada, given.id) == []


def test_only_so_many_people_are_named(services: Any, ada: Any) -> None:
    given = give(services, ada)
    for number in range(MOST_READERS):
        services.contributions.seeing.name(ada, given.id, f"p{number}@example.org")
    with pytest.raises(ReaderUnfit, match="remove one first"):
        services.contributions.seeing.name(ada, given.id, "more@example.org")


def test_the_page_of_an_embargo_names_and_removes_people_without_scripts(
    services: Any, client: FlaskClient, app: Any, ada: Any
) -> None:
    page = f"/contributions/{give(services, ada).id}"
    sign_in(client, services, "ada")
    own = client.get(page).text
    assert "Under embargo until 1 December 2026" in own
    assert "Hand the files over in private" in own
    assert "you may publish it" not in own
    refused = post(client, services, f"{page}/readers", email="nobody")
    assert refused.status_code == 422
    assert 'href="#f-email"' in refused.text
    post(client, services, f"{page}/readers", email="bela.novak@example.org")
    assert "bela.novak@example.org" in client.get(page).text
    bela = app.test_client()
    sign_in(bela, services, "bela")
    seen = bela.get(page).text
    assert NAME in seen
    assert "bela.novak@example.org" not in seen.replace("Bela Novak", "")
    assert post(bela, services, f"{page}/readers", email="x@example.org").status_code == 404
    assert post(bela, services, f"{page}/lift").status_code == 404
    post(client, services, f"{page}/readers", email="bela.novak@example.org", do="remove")
    assert bela.get(page).status_code == 403
    post(client, services, f"{page}/lift")
    assert app.test_client().get(page).status_code == 200
