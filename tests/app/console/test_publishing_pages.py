# SPDX-License-Identifier: Apache-2.0
"""Publishing in the console: the numbers before, the typed number, the word of a person, and what came in between."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from forms import SAME_SITE, fields_of, post
from signin import person, sign_in
from signing_walk import accept
from version_folders import MATERIAL, NOTICE, newer_version
from werkzeug.test import TestResponse

from app.wiring import Services

REASON = "Nobody had used the clause before."


@pytest.fixture
def staff(client: FlaskClient, services: Services) -> FlaskClient:
    """Ada in the console, after Bela has signed 1.0.0."""
    accept(services, person(services.identity, "bela"))
    ada = sign_in(client, services)
    services.staff.add(services.projects.foundation("example"), ada.provider, ada.subject)
    return client


def previewed(client: FlaskClient, folder: Path, slug: str = "mcla-individual") -> TestResponse:
    page = client.get("/console/agreements/new").text
    files = [(io.BytesIO(path.read_bytes()), path.name) for path in folder.rglob("*") if path.is_file()]
    form = {"csrf_token": fields_of(page)["csrf_token"], "slug": slug, "documents": files}
    return client.post("/console/agreements/preview", data=form, headers=SAME_SITE)


def sent(client: FlaskClient, page: str, **entered: str) -> TestResponse:
    return post(client, "/console/agreements/publish", page, **(fields_of(page) | entered))


def test_the_numbers_are_shown_and_the_typed_number_publishes(
    staff: FlaskClient, services: Services, tmp_path: Path
) -> None:
    shown = previewed(staff, newer_version(tmp_path, "1.1.0", MATERIAL))
    assert shown.status_code == 200, shown.text
    assert "The strongest change is <strong>material</strong>" in shown.text
    assert "<dt>Sign again</dt><dd><strong>1</strong>" in shown.text
    mistyped = sent(staff, shown.text, typed="1.1", grace_days="14")
    assert mistyped.status_code == 422
    assert "Type the number 1.1.0" in mistyped.text
    assert 'value="14"' in mistyped.text
    done = sent(staff, mistyped.text, typed="1.1.0", grace_days="14")
    assert (done.status_code, done.headers["Location"]) == (303, "/agreements/mcla-individual/1.1.0")
    assert services.agreements.version("mcla-individual").grace_days == 14


def test_a_word_against_the_rules_needs_both_boxes_and_is_then_signed_by_staff(
    staff: FlaskClient, services: Services, tmp_path: Path
) -> None:
    page = previewed(staff, newer_version(tmp_path, "1.1.0", MATERIAL)).text
    refused = sent(staff, page, typed="1.1.0", word="yes", reason=REASON)
    assert refused.status_code == 422
    assert "there are material changes" in refused.text
    assert len(services.agreements.versions("mcla-individual")) == 1
    taken = sent(staff, refused.text, typed="1.1.0", word="yes", although="material", reason=REASON)
    assert taken.status_code == 303
    old, new = (services.agreements.version("mcla-individual", each) for each in ("1.0.0", "1.1.0"))
    declared = services.succession.declared(old, new)
    assert declared is not None
    assert b'"declaredBy":"staff"' in declared.document


def test_what_was_published_since_the_preview_is_told(staff: FlaskClient, services: Services, tmp_path: Path) -> None:
    page = previewed(staff, newer_version(tmp_path, "1.2.0", NOTICE)).text
    services.agreements.publish(newer_version(tmp_path, "1.1.0", NOTICE), "example")
    answer = sent(staff, page, typed="1.2.0")
    assert answer.status_code == 422
    assert "was published meanwhile" in answer.text
    assert services.agreements.version("mcla-individual").version == "1.1.0"


def test_other_documents_than_those_shown_are_not_published(
    staff: FlaskClient, services: Services, tmp_path: Path
) -> None:
    page = previewed(staff, newer_version(tmp_path / "a", "1.1.0", NOTICE)).text
    other = fields_of(previewed(staff, newer_version(tmp_path / "b", "1.1.0", MATERIAL)).text)["documents"]
    for documents in (other, "", "[]", '{"x":1}'):
        assert sent(staff, page, typed="1.1.0", documents=documents).status_code in (409, 422)
    assert len(services.agreements.versions("mcla-individual")) == 1


@pytest.mark.parametrize("entered", [{"grace_days": "0" * 5000}, {"grace_days": "0000001"}, {"documents": "[" * 50000}])
def test_a_field_that_only_a_program_would_send_is_refused(
    staff: FlaskClient, services: Services, tmp_path: Path, entered: dict[str, str]
) -> None:
    page = previewed(staff, newer_version(tmp_path, "1.1.0", NOTICE)).text
    assert sent(staff, page, typed="1.1.0", **entered).status_code in (409, 422)
    assert len(services.agreements.versions("mcla-individual")) == 1


def test_a_mistyped_name_founds_no_agreement_until_a_box_says_so(
    staff: FlaskClient, services: Services, tmp_path: Path
) -> None:
    shown = previewed(staff, newer_version(tmp_path, "1.1.0", NOTICE), "mcla-indivdual").text
    assert "It founds a new agreement called mcla-indivdual" in shown
    assert 'href="/console/agreements/new?slug=mcla-individual"' in shown
    for box in ({}, {"found": "yes"}, {"found": "mcla-individual"}):
        refused = sent(staff, shown, typed="1.1.0", **box)
        assert refused.status_code == 422
        assert "No agreement is called mcla-indivdual yet" in refused.text
    assert "mcla-indivdual" not in services.agreements.titles()
    assert sent(staff, shown, typed="1.1.0", found="mcla-indivdual").status_code == 303
    assert services.agreements.version("mcla-indivdual").version == "1.1.0"


def test_files_that_make_no_version_are_named(staff: FlaskClient, tmp_path: Path) -> None:
    folder = newer_version(tmp_path, "1.1.0")
    (folder / "notes.md").write_text("notes\n")
    answer = previewed(staff, folder)
    assert answer.status_code == 422
    assert "&#39;notes.md&#39; is no document of a version" in answer.text
    (folder / "notes.md").unlink()
    (folder / "terms.toml").write_text("grant = \n")
    assert "the file is not TOML" in previewed(staff, folder).text
    (folder / "terms.toml").unlink()
    assert "lack terms.toml" in previewed(staff, folder).text


def test_staff_of_another_foundation_cannot_publish_here(
    client: FlaskClient, services: Services, tmp_path: Path
) -> None:
    ada = sign_in(client, services)
    services.staff.add(services.projects.ensure_foundation("other", "Other", "x@other.example"), "demo", ada.subject)
    assert previewed(client, newer_version(tmp_path, "1.1.0", NOTICE)).status_code == 403
