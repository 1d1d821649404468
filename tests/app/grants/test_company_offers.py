# SPDX-License-Identifier: Apache-2.0
"""A company offers files for a grant: by somebody whom it lists, released where it asks for that, in its own name."""

import json
from typing import Any

import pytest
from company_pages import browser, press, signed
from company_walk import Firm, change, draft_gift, somebody
from grant_walk import GRANT, countersign
from signing_walk import PROJECT, bearer, certified, draft_end, end, file, finish, sign
from spoken import english_left

from app.companies.changes import EntryRemoved, ReleaseAsked
from app.companies.errors import CompanyNamedOtherwise, CompanyUnknown, NotAffiliated, ReleaseNeeded
from app.companies.particulars import particulars_changed
from app.identity.ports import Actor
from app.records.load import load
from app.signing.errors import NothingToEnd, OfficeUnfit
from app.signing.values import Office, SigningInfo
from mcla.artifacts.manifest import Manifest
from mcla.statements.statement import Contribution, parse_draft

OFFICE = Office("Head of research", "by-proxy")
FILES = f"{'0a' * 32} 12 a.txt"


def draft(services: Any, actor: Actor, company_id: str | None, office: Office | None = OFFICE) -> SigningInfo:
    asked = (actor, PROJECT, "code", (file(),), {}, "cli")
    made: SigningInfo = services.signing.draft_contribution(
        *asked, company_id=company_id, agreement=GRANT, office=office
    )
    return made


def test_who_is_listed_offers_in_the_companys_name_and_the_foundation_sees_for_whom(
    services: Any, firm: Firm, staff: Actor
) -> None:
    firm.with_emil()
    drafted = draft(services, firm.emil, firm.id)
    said = parse_draft(drafted.statement)
    assert isinstance(said, Contribution)
    assert said.grantor is not None
    assert (said.grantor.name, said.grantor.power, said.capacity) == ("Example GmbH", "by-proxy", "company")
    assert (said.acceptance, OFFICE.title in drafted.statement.decode()) == (None, False)
    given = finish(services, firm.emil, drafted)
    offered = services.grants.offer(given.id)
    assert (offered.grantor.name, offered.grantor.title) == ("Example GmbH", OFFICE.title)
    countersign(services, staff, given)
    assert services.coverage.of_artifact(PROJECT, f"sha256:{file().sha256}", "code", None).verdict == "covered"
    with services.db.read() as session:
        record = load(session, services.records.state_of(offered.signing_id).id, services.trust, "0" * 64)
    assert record.signer.company is not None
    assert (record.signer.company.title, record.signer.company.registration) == (OFFICE.title, "HRB 1234 B")
    with pytest.raises(NothingToEnd):
        draft_end(services, somebody(services, "nina"), given)
    end(services, firm.mia, given)  # a manager takes it back for the company
    assert services.contributions.contribution(given.id, None).standing.state == "ended"


@pytest.mark.parametrize(("name", "number"), [("Example AG", "HRB 1234 B"), ("Example GmbH", "HRB 9 C")])
def test_an_offer_under_a_name_or_number_that_is_over_is_not_signed(
    services: Any, firm: Firm, name: str, number: str
) -> None:
    firm.with_emil()
    open_page = draft(services, firm.emil, firm.id)
    info = services.companies.view(firm.sig, firm.id).info
    change(services, firm.sig, firm.id, particulars_changed(info, name, number))
    with pytest.raises(CompanyNamedOtherwise, match=f"{name}, {number}"):
        finish(services, firm.emil, open_page)
    given = finish(services, firm.emil, draft(services, firm.emil, firm.id))
    grantor = services.grants.offer(given.id).grantor
    assert (grantor.name, grantor.registration) == (name, number)


def test_nobody_offers_for_a_company_who_is_not_listed_or_does_not_say_by_what_power(services: Any, firm: Firm) -> None:
    firm.with_emil()
    for stranger in (firm.sig, firm.max, somebody(services, "nina")):
        with pytest.raises(NotAffiliated):
            draft(services, stranger, firm.id)
    with pytest.raises(CompanyUnknown):
        draft(services, firm.emil, "com_" + "0" * 26)
    unfit = (Office(" ", "by-law"), Office("He\nad", "by-law"), Office("Head", "by-force"), Office("x" * 201, "by-law"))
    for office in (None, *unfit):
        with pytest.raises(OfficeUnfit):
            draft(services, firm.emil, firm.id, office)
    with pytest.raises(OfficeUnfit):
        draft(services, firm.emil, None)
    opened, holder = certified(services, firm.emil, lambda *who: draft(*who, firm.id))
    change(services, firm.max, firm.id, EntryRemoved(firm.entry))
    with pytest.raises(NotAffiliated):
        sign(services, firm.emil, opened, holder)


def test_where_a_second_person_releases_the_release_is_for_the_very_agreement(services: Any, firm: Firm) -> None:
    firm.with_emil()
    change(services, firm.max, firm.id, ReleaseAsked(("code",)))
    with pytest.raises(ReleaseNeeded):
        draft(services, firm.emil, firm.id)
    releases, listed = services.companies.releases, Manifest.of([file()])
    accepted, alone = (
        releases.ask(firm.emil, firm.id, PROJECT, "code", listed, {}, None, *way) for way in ((), (GRANT, OFFICE))
    )
    assert accepted != alone
    finish(services, firm.mia, releases.draft_release(firm.mia, accepted, "", "cli"))
    with pytest.raises(ReleaseNeeded):
        draft(services, firm.emil, firm.id)
    assert draft_gift(services, firm.emil, firm.id, file()).type == "contribution"
    finish(services, firm.mia, releases.draft_release(firm.mia, alone, "", "cli"))
    given = finish(services, firm.emil, releases.draft_gift(firm.emil, alone, "cli"))
    offered = services.grants.offer(given.id)
    assert (offered.slug, offered.grantor.title, offered.grantor.power) == (GRANT, OFFICE.title, OFFICE.power)


def test_the_pages_ask_for_the_office_and_say_for_whom_it_is_offered(
    app: Any, services: Any, firm: Firm, staff: Actor
) -> None:
    firm.with_emil()
    emil = browser(app, services, firm.emil)
    wanted = {"project": PROJECT, "kind": "code", "files": FILES, "company": firm.id, "agreement": GRANT}
    refused = press(emil, "/contributions/new", **wanted)
    assert (refused.status_code, "says your title there" in refused.text) == (422, True)
    drafted = press(emil, "/contributions/new", **wanted, title=OFFICE.title, power=OFFICE.power)
    review = emil.get(drafted.headers["Location"]).text
    told = ("Example GmbH", "HRB 1234 B, DE", OFFICE.title, "by a written proxy")
    assert [each for each in told if each not in review] == []
    again = emil.get(f"/contributions/new?from={drafted.headers['Location'].rpartition('/')[2]}").text
    assert f'value="{OFFICE.title}"' in again
    place = signed(emil, drafted)
    console = browser(app, services, staff)
    shown = console.get(f"/console/grants/{place.rpartition('/')[2]}").text
    assert "signed as Head of research, by a written proxy" in shown
    assert "Example GmbH" in console.get(place).text
    for client, path in ((emil, f"/contributions/new?company={firm.id}"), (emil, place), (console, place)):
        client.set_cookie("mcla-language", "de", domain="localhost")
        assert english_left(client.get(path)) == set()


def test_the_api_takes_a_request_for_a_release_of_an_offer(app: Any, services: Any, firm: Firm) -> None:
    firm.with_emil()
    client, head = app.test_client(), bearer(services, firm.emil)
    asked = {"project": PROJECT, "kind": "code", "files": [file().to_dict()], "agreement": GRANT}
    office = {"title": OFFICE.title, "power": OFFICE.power}
    made = client.post(f"/api/v1/companies/{firm.id}/releases", json=asked | {"office": office}, headers=head)
    assert made.status_code == 201, made.text
    wanted = asked | {"type": "contribution", "company": firm.id, "key_holder": "cli"}
    unsaid = client.post("/api/v1/signings", json=wanted, headers=head)
    assert (unsaid.status_code, unsaid.get_json()["code"]) == (422, "office-unfit")
    drafted = client.post("/api/v1/signings", json=wanted | {"office": office}, headers=head).get_json()
    assert json.loads(drafted["statement"])["predicate"]["grantor"]["registration"] == "HRB 1234 B"
    page = browser(app, services, firm.max).get(f"/companies/releases/{made.get_json()['id']}").text
    assert "which binds Example GmbH for these files alone" in page
