# SPDX-License-Identifier: Apache-2.0
"""Pages in the language that a person chose or a browser asks for; what programs read stays English."""

import re
from typing import Any

import pytest
from every_page import OPEN, OWN
from flask.testing import FlaskClient
from signin import sign_in
from spoken import english_left
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.identity.people import mail_language
from app.platform.catalogues import languages, worded_in
from app.platform.formats import date_text, number_text, size_text, time_text
from app.platform.languages import choose, plural, said
from mcla.wording import Joined, Worded

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Words do not depend on the database."""
GERMAN = {"Accept-Language": "de"}
MORE = (*OWN, "/sign/mcla-corporate/company", "/companies", "/account/memberships", "/console")


@pytest.mark.parametrize(
    ("kept", "asked", "tag"),
    [
        (None, "", "en"),
        (None, "de", "de"),
        (None, "de-AT, en;q=0.5", "de"),
        (None, "en, de;q=0.9", "en"),
        (None, "fr, de;q=0.3", "de"),
        (None, "fr", "en"),
        (None, "*", "en"),
        (None, "de;q=0", "en"),
        (None, "xx-nonsense, ;;;, de;q=x", "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("fr", "de", "de"),
        ("../../etc", "", "en"),
        ("", "de", "de"),
    ],
)
def test_what_a_person_chose_counts_then_what_the_browser_asks_for_then_english(
    kept: str | None, asked: str, tag: str
) -> None:
    assert choose(kept, parse_accept_header(asked, LanguageAccept), ["en", "de"]) == tag


def test_languages_are_named_in_their_own_words() -> None:
    assert [(each.tag, each.name, each.direction) for each in languages().values()] == [
        ("en", "English", "ltr"),
        ("de", "Deutsch", "ltr"),
    ]


@ONCE
def test_a_page_says_in_which_language_it_is_and_what_that_depends_on(client: FlaskClient) -> None:
    page = client.get("/", headers=GERMAN)
    assert '<html lang="de" dir="ltr">' in page.get_data(as_text=True)
    assert page.headers["Content-Language"] == "de"
    assert {"Accept-Language", "Cookie"} <= set(page.vary)
    assert client.get("/").headers["Content-Language"] == "en"


@ONCE
def test_the_switch_keeps_the_page_and_nothing_but_the_language(client: FlaskClient) -> None:
    text = client.get("/verify?digest=nonsense").get_data(as_text=True)
    link = '<a href="/language/de?next=/verify%3Fdigest%3Dnonsense" lang="de" hreflang="de" rel="nofollow">Deutsch</a>'
    assert link in text
    assert '<span lang="en" aria-current="true">English</span>' in text
    answer = client.get("/language/de?next=/verify%3Fdigest%3Dnonsense")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/verify?digest=nonsense")
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"(__Host-)?mcla-language=de; ", cookie)
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"))
    assert client.get("/").headers["Content-Language"] == "de"
    client.get("/language/en")
    assert client.get("/", headers=GERMAN).headers["Content-Language"] == "en"


@ONCE
@pytest.mark.parametrize("next_path", ["//evil.example", "https://evil.example", "/\\evil.example", "%2F%2Fevil", ""])
def test_the_switch_leads_nowhere_else(client: FlaskClient, next_path: str) -> None:
    assert client.get("/language/de", query_string={"next": next_path}).headers["Location"] == "/"


@ONCE
@pytest.mark.parametrize("tag", ["fr", "DE", "de_AT", "..", "%00"])
def test_a_language_that_there_is_not_is_refused(client: FlaskClient, tag: str) -> None:
    answer = client.get(f"/language/{tag}")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


@ONCE
def test_the_switch_on_the_answer_to_a_form_leads_to_the_form(client: FlaskClient, services: Any) -> None:
    sign_in(client, services, "ada")
    headers = {"Origin": services.settings.origin, "Sec-Fetch-Site": "same-origin"}
    refused = client.post("/contributions/new", headers=headers)
    assert refused.status_code == 403
    assert "/language/de?next=/contributions/new" in refused.get_data(as_text=True)


def test_mails_follow_a_choice_while_signed_in(client: FlaskClient, services: Any) -> None:
    actor = sign_in(client, services, "ada")
    client.get("/language/de")
    with services.db.read() as session:
        assert mail_language(session, actor.contributor_id) == "de"


@ONCE
@pytest.mark.parametrize("path", ["/api/v1/agreements/no-such/1.0.0", "/healthz", "/log/checkpoint"])
def test_what_programs_read_is_english(client: FlaskClient, path: str) -> None:
    client.get("/language/de")
    german, english = (client.get(path, headers=each) for each in (GERMAN, {}))
    assert "Content-Language" not in german.headers
    assert re.sub(r"\w{16}", "", german.get_data(as_text=True)) == re.sub(r"\w{16}", "", english.get_data(as_text=True))


@ONCE
def test_pages_are_german_throughout(client: FlaskClient, services: Any) -> None:
    left = {path: english_left(client.get(path, headers=GERMAN)) for path in OPEN}
    sign_in(client, services, "ada")
    left |= {path: english_left(client.get(path, headers=GERMAN)) for path in MORE}
    told = {word for each in services.projects.projects() for word in each.summary.lower().split()}
    assert {path: words for path, words in left.items() if words - told} == {}


@ONCE
def test_every_error_is_explained_in_german(client: FlaskClient) -> None:
    assert '<span lang="en">' not in client.get("/problems", headers=GERMAN).get_data(as_text=True)


@ONCE
def test_the_text_that_is_signed_stays_in_its_own_language(client: FlaskClient) -> None:
    text = client.get("/agreements/mcla-individual/1.0.0", headers=GERMAN).get_data(as_text=True)
    assert '<article class="legal"' in text
    assert 'lang="en"' in text.partition('<article class="legal"')[2].partition(">")[0]


@ONCE
def test_a_sentence_that_has_no_german_is_marked_as_english(app: Any) -> None:
    with app.test_request_context("/", headers=GERMAN):
        assert said("Never <translated>.") == '<span lang="en">Never &lt;translated&gt;.</span>'
        assert said(Worded("There is no project %(slug)s.", slug="<x>")) == "Es gibt kein Projekt &lt;x&gt;."
    with app.test_request_context("/"):
        assert said(Worded("There is no project %(slug)s.", slug="x")) == "There is no project x."


def test_parts_that_are_sentences_themselves_are_translated_too() -> None:
    kinds = Joined(", ", (Worded("model weights"), Worded("data")))
    assert kinds == "model weights, data"
    told = Worded("Asks for a second person’s release of %(kinds)s", kinds=kinds)
    assert told == "Asks for a second person’s release of model weights, data"
    assert worded_in("de", told) == "Verlangt die Freigabe durch eine zweite Person für: Modellgewichte, Daten"
    assert worded_in("de", Joined(" ", ("Try again in a minute.", "Never translated."))) is None
    assert worded_in("de", "Adapter") == "Adapter"
    assert worded_in("en", told) is None


@ONCE
def test_scripts_get_every_plural_form_that_the_language_has(app: Any) -> None:
    with app.test_request_context("/", headers=GERMAN):
        assert plural("%(num)s byte", "%(num)s bytes") == {"one": "%(num)s Byte", "other": "%(num)s Byte"}
        forms = plural("%(count)s file, %(size)s, measured", "%(count)s files, %(size)s, measured")
        assert forms == {"one": "%(count)s Datei, %(size)s, gemessen", "other": "%(count)s Dateien, %(size)s, gemessen"}


def test_numbers_sizes_and_days_are_written_as_the_language_does() -> None:
    from datetime import UTC, date, datetime

    at = datetime(2026, 3, 5, 14, 5, tzinfo=UTC)
    assert time_text(at, "de") == "5. März 2026, 14:05 UTC"
    assert date_text(date(2026, 3, 5), "de") == "5. März 2026"
    assert (number_text(48210, "de"), number_text(48210)) == ("48.210", "48,210")
    assert (size_text(1536, "de"), size_text(999, "de")) == ("1,5 kB", "999 Byte")
