# SPDX-License-Identifier: Apache-2.0
"""Claims on pages: a person sees what provably names them and can sign, staff sees all of it and can erase."""

from collections.abc import Callable

import claim_files as files
import pytest
from flask.testing import FlaskClient
from forms import post
from signin import PEOPLE, sign_in
from signing_walk import accept

from app.claims.values import ClaimInfo, Whose
from app.platform.security import limiter
from app.wiring import Services

PAGE = "/console/claims"
ROWS = files.csv(files.DATABASE, files.database_row(), files.database_row("bnovak", files.BELA))


@pytest.fixture(autouse=True)
def fresh_limits(client: FlaskClient) -> None:
    limiter.reset()


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada in the console."""
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


@pytest.fixture
def only(services: Services, foundations: list[str]) -> Callable[[], list[ClaimInfo]]:
    """What is known of Ada."""
    return lambda: services.claims.find(Whose("account", PEOPLE["ada"].subject, "demo"), foundations)


def test_a_person_sees_the_record_of_the_very_account_with_its_origin_and_is_asked_to_sign(
    client: FlaskClient, services: Services, take: Callable[..., object]
) -> None:
    take("cla-assistant", ROWS)
    ada = sign_in(client, services)
    page = client.get("/signatures").text
    assert "You have signed nothing here." in page
    assert "On record from CLA assistant: claimed" in page
    assert "Signed by the account itself, recorded with its number, 4 May 2019." in page
    assert "Row 2 of a file imported for" in page
    assert files.REVISION in page
    assert "Sign Model Contributor License Agreement for individuals 1.0.0 now" in page
    assert 'href="/sign/mcla-individual"' in page
    assert "Row 3" not in page, "that is Bela's"
    accept(services, ada)
    after = client.get("/signatures").text
    assert "and that counts" in after
    assert 'href="/sign/mcla-individual"' not in after


def test_the_login_is_never_shown_to_whoever_holds_it_now(
    client: FlaskClient, services: Services, take: Callable[..., object]
) -> None:
    take("cla-assistant", files.csv(files.PAGE, files.page_row("adali")))
    take("clabot", files.clabot("adali", "@example.org"))
    sign_in(client, services)
    assert "On record" not in client.get("/signatures").text


def test_staff_sees_every_row_and_that_a_login_or_a_domain_is_nobody(
    staff: FlaskClient, services: Services, take: Callable[..., object], foundations: list[str]
) -> None:
    assert "mcla-server import cla-assistant" in staff.get(PAGE).text
    take("clabot", files.clabot("<b>", "adali", "@example.org"))
    take("easycla", files.csv(files.COMPANIES, files.firm("*.example.com")))
    overview = staff.get(PAGE).text
    assert "Put on a list; no act of signing was recorded: 1" in overview
    assert "Mail domains: 1" in overview
    assert "Companies: 1" in overview
    pages = [staff.get(f"{PAGE}/{each.id}").text for each in services.claims.imports(foundations)]
    told = "".join(pages)
    assert "A claim for the login adali at GitHub" in told
    assert "Everybody at @example.org" in told
    assert "4 entries on its list there, which let nobody in here" in told
    for after in ("2", "9" * 8, "-1", "x", "٣", "9" * 30):
        assert staff.get(f"{PAGE}/{services.claims.imports(foundations)[0].id}?after={after}").status_code == 200


def test_erasing_needs_the_box_and_then_nothing_names_the_person(
    staff: FlaskClient, take: Callable[..., object], only: Callable[[], list[ClaimInfo]]
) -> None:
    take("cla-assistant", ROWS)
    whose = {"by": "account", "provider": "demo", "account": PEOPLE["ada"].subject}
    found = post(staff, f"{PAGE}/find", staff.get(PAGE).text, **whose)
    assert "CLA assistant, row 2" in found.text
    assert "row 3" not in found.text
    refused = post(staff, f"{PAGE}/erase", found.text, **whose)
    assert (refused.status_code, len(only())) == (422, 1)
    assert "Tick the box" in refused.text
    done = post(staff, f"{PAGE}/erase", found.text, **whose, erase="yes")
    assert (done.status_code, only()) == (303, [])
    assert "Erased: 1" in staff.get(PAGE).text
    assert "No row names them." in post(staff, f"{PAGE}/find", staff.get(PAGE).text, **whose).text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_search_for_nobody_is_asked_again(staff: FlaskClient) -> None:
    page = staff.get(PAGE).text
    for form in (
        {},
        {"by": "name", "name": "Ada"},
        {"by": "login"},
        {"by": "login", "login": " "},
        {"by": "address", "login": "adali"},
        {"by": "account", "account": "1\0", "provider": "demo"},
        {"by": "account", "account": "1", "provider": "d\0"},
        {"by": "login", "login": "x" * 400},
    ):
        answers = [post(staff, f"{PAGE}/{act}", page, **form).status_code for act in ("find", "erase")]
        assert answers == [422, 422], form


def test_nobody_but_staff_sees_or_erases_anything(
    client: FlaskClient, services: Services, take: Callable[..., object], foundations: list[str]
) -> None:
    take("cla-assistant", ROWS)
    sign_in(client, services, "bela")
    (known,) = services.claims.imports(foundations)
    page = client.get("/account").text
    for path in (PAGE, f"{PAGE}/{known.id}"):
        assert client.get(path).status_code == 403
    whose = {"by": "account", "provider": "demo", "account": str(files.ADA), "erase": "yes"}
    for act in ("find", "erase"):
        assert post(client, f"{PAGE}/{act}", page, **whose).status_code == 403
    assert services.claims.imports(foundations) == [known]
