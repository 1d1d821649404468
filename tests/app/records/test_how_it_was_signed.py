# SPDX-License-Identifier: Apache-2.0
"""What the page showed comes back with the signature, is kept and stands in the record; what was made up is refused."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from forms import SAME_SITE, fields_of, post
from real_records import Real
from record_reading import shown as shown_text
from signin import person, sign_in
from signing_walk import Holder, accept, certify, draft_acceptance
from sqlalchemy import select

from app.identity.models import PersonDetail
from app.platform.build import page_build
from app.platform.security import limiter
from app.signing.complete import session_digest
from app.signing.errors import PageUnfit
from app.signing.models import Circumstance, Signing
from app.signing.shown import read_state, state_of
from app.signing.values import Shown
from mcla.envelope.encoding import encode_base64
from mcla.records.agreeing import check_agreeing
from mcla.records.check import check_sealed, verify_record
from mcla.records.contents import Contents
from mcla.records.errors import SealInvalid
from mcla.records.fields import Personal, Told, read_personal
from mcla.records.text import check_pages

SECRET = b"s" * 32
GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def fresh_limits(app: Any) -> None:
    limiter.reset()


def kept(services: Any, signing_id: str) -> Circumstance | None:
    with services.db.read() as session:
        return session.scalar(select(Circumstance).where(Circumstance.signing_id == signing_id))


def state(services: Any, signing_id: str) -> str:
    with services.db.read() as session:
        return str(session.get_one(Signing, signing_id).state)


def test_without_scripts_the_form_brings_back_what_the_page_showed_in_the_language_shown(
    client: Any, services: Any, fresh_limits: None
) -> None:
    ada = sign_in(client, services)
    draft = draft_acceptance(services, ada, "service")
    at = f"/sign/mcla-individual/review/{draft.id}"
    page = client.get(at, headers=GERMAN).text
    shown_at = services.clock.now()
    services.clock.at += timedelta(minutes=2)
    answer = post(client, at, page, consent="yes", page=fields_of(page)["page"])
    assert answer.status_code == 303
    row = kept(services, draft.id)
    assert row is not None
    assert (row.shown_at, row.shown_language, row.shown_build) == (shown_at, "de", page_build())
    assert (row.zone_offset, row.address) == (None, "127.0.0.1")
    text = row.shown_text or ""
    assert "Prüfen und unterzeichnen" in text
    assert f"☐ {draft.consent.box}" in text
    assert f"[{draft.consent.button}]" in text
    assert all(" ".join(one.split()) in text for one in draft.consent.disclosure)
    assert draft.statement_sha256 in text
    assert draft.statement.decode() not in text
    services.worker.run_due()
    record = services.records.state_of(draft.id)
    pdf = services.records.pdf(ada, record.id)
    assert verify_record(pdf, services.trust, services.clock.now()).verdict.verified
    found = check_sealed(pdf, services.trust, services.clock.now())
    assert found.attachments["shown.txt"].decode() == text
    fields = {name: told["value"] for name, told in found.record["personal"]["fields"].items()}
    assert fields["pageText"] == hashlib.sha256(text.encode()).hexdigest()
    assert (fields["pageLanguage"], fields["zoneOffset"]) == ("de", None)
    assert [one["event"] for one in found.record["events"]] == [
        "statement-made", "page-shown", "key-certified", "signed", "logged", "record-ordered"
    ]  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_with_scripts_the_request_brings_the_time_zone_too_and_what_was_altered_signs_nothing(
    client: Any, services: Any, fresh_limits: None
) -> None:
    ada = sign_in(client, services)
    draft, holder = draft_acceptance(services, ada), Holder()
    certify(services, ada, draft, holder)
    page = client.get(f"/sign/mcla-individual/review/{draft.id}").text
    body = {"signature": encode_base64(holder.signature(draft.statement)), "consent": True, "zone_offset": 330}
    headers = SAME_SITE | {"X-CSRFToken": fields_of(page)["csrf_token"]}

    def send(**more: Any) -> Any:
        return client.post(f"/api/v1/signings/{draft.id}/signature", json=body | more, headers=headers)

    shown = fields_of(page)["page"]
    for unfit in (shown[:-2], f"{shown[:9]}x{shown[10:]}", "nothing", draft.id):
        refused = send(page=unfit)
        assert (refused.status_code, refused.json["code"]) == (409, "page-unfit")
    assert send(page=shown, zone_offset=1441).status_code == 422
    assert (state(services, draft.id), kept(services, draft.id)) == ("certified", None)
    assert send(page=shown).status_code == 201
    row = kept(services, draft.id)
    assert row is not None
    assert (row.zone_offset, row.shown_language) == (330, "en")
    assert row.session == session_digest(_secret(services, draft.id), str(ada.session_id))
    assert str(ada.session_id) not in str(row.session)
    services.worker.run_due()
    text = shown_text(services.records.pdf(ada, services.records.state_of(draft.id).id))
    assert "Time zone UTC+05:30, as the browser says" in text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_altered_page_signs_nothing_without_scripts_either(client: Any, services: Any, fresh_limits: None) -> None:
    ada = sign_in(client, services)
    draft, other = (draft_acceptance(services, ada, "service") for _ in range(2))
    pages = [client.get(f"/sign/mcla-individual/review/{one.id}").text for one in (draft, other)]
    at = f"/sign/mcla-individual/review/{draft.id}"
    for unfit in (fields_of(pages[1])["page"], "nothing"):
        assert post(client, at, pages[0], consent="yes", page=unfit).status_code == 409
    assert (state(services, draft.id), kept(services, draft.id)) == ("drafted", None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_who_signs_with_a_program_no_page_is_told(services: Any) -> None:
    ada = person(services.identity)
    done = accept(services, replace(ada, session_id=None))
    with services.db.read() as session:
        row = session.scalars(select(Circumstance)).one()
    told = row.shown_at, row.shown_language, row.shown_build, row.shown_text, row.zone_offset, row.session
    assert told == (None,) * 6
    services.worker.run_due()
    text = shown_text(services.records.pdf(ada, Path(str(done.record_url)).stem))
    assert "Page signed on not told" in text
    assert "Time zone not told" in text
    assert "Page shown" not in text


def test_a_state_is_read_for_its_own_page_and_under_its_own_secret_alone() -> None:
    shown = Shown(datetime(2026, 11, 22, 14, 5, 9, 123456, tzinfo=UTC), "de", "0.1.0+4f1d", "Prüfen ☐ " * 2000)
    sealed = state_of(shown, "sng_1", SECRET)
    assert len(sealed) < 1000
    assert read_state(sealed, "sng_1", SECRET) == shown
    for unfit in ((sealed, "sng_2", SECRET), (sealed, "sng_1", b"t" * 32), (sealed + "A", "sng_1", SECRET)):
        with pytest.raises(PageUnfit):
            read_state(*unfit)


def _secret(services: Any, signing_id: str) -> bytes:
    with services.db.read() as session:
        signing = session.get_one(Signing, signing_id)
        return bytes(session.get_one(PersonDetail, signing.person_detail_id).secret)


def contents_of(real: Real) -> Contents:
    found = check_sealed(real.pdf, real.trust, real.now).contents
    return Contents(copy.deepcopy(found.record), dict(found.attachments))


def told_otherwise(record: dict[str, Any], name: str, value: str | None) -> None:
    """Put another value into a personal field, with the digests that fit."""
    was = read_personal(record["personal"])
    told = Told(was.fields[name].salt, value)
    digests = dict(was.digests) | {name: told.digest(name)}
    record["personal"] = Personal(digests, dict(was.fields) | {name: told}).to_dict()


def another_text(contents: Contents) -> None:
    contents.attachments["shown.txt"] += b"\nNothing else."


def no_text(contents: Contents) -> None:
    del contents.attachments["shown.txt"]


def text_without_consent(contents: Contents) -> None:
    text = contents.attachments["shown.txt"].split(b"\n")[0]
    contents.attachments["shown.txt"] = text
    told_otherwise(contents.record, "pageText", hashlib.sha256(text).hexdigest())


def text_without_button(contents: Contents) -> None:
    text = contents.attachments["shown.txt"].rpartition(b"\n")[0]
    contents.attachments["shown.txt"] = text
    told_otherwise(contents.record, "pageText", hashlib.sha256(text).hexdigest())


def step_left_out(contents: Contents) -> None:
    contents.record["events"] = [one for one in contents.record["events"] if one["event"] != "logged"]


def steps_turned(contents: Contents) -> None:
    contents.record["events"].reverse()


def step_twice(contents: Contents) -> None:
    contents.record["events"].insert(0, dict(contents.record["events"][0]))


def unknown_step(contents: Contents) -> None:
    contents.record["events"].append({"event": "notarised", "at": "2026-11-22T14:05:09Z"})


def moved(event: str) -> Callable[[Contents], None]:
    def spoil(contents: Contents) -> None:
        next(one for one in contents.record["events"] if one["event"] == event)["at"] = "2020-01-01T00:00:00Z"

    return spoil


DISAGREES = {
    "text of the page": (another_text, no_text),
    "page that was shown does not say": (text_without_consent, text_without_button),
    "course of events": (step_left_out, steps_turned, step_twice),
    "notarised": (unknown_step,),
    "time of the statement": (moved("statement-made"),),
    "time of the certificate": (moved("key-certified"),),
    "time of the signature": (moved("signed"),),
}


@pytest.mark.parametrize("words", DISAGREES)
def test_what_does_not_fit_the_page_that_was_shown_or_the_proof_is_refused(real: Real, words: str) -> None:
    check_agreeing(contents_of(real))
    for spoil in DISAGREES[words]:
        contents = contents_of(real)
        spoil(contents)
        with pytest.raises(SealInvalid, match=words) as refused:
            check_agreeing(contents)
        assert refused.value.check == "agreeing"


PRINTED: dict[str, Callable[[dict[str, Any]], None]] = {
    "time of page-shown": lambda record: record["events"][1].update(at="2026-11-22T14:05:09Z"),
    "time of record-ordered": lambda record: record["events"][-1].update(at="2026-11-22T14:05:09Z"),
    "build of the page": lambda record: record["act"].update(pageBuild="0.1.0+4f1d2c3b5a6a"),
    "agreement's language": lambda record: record["agreement"].update(language="de"),
    "time of publication": lambda record: record["agreement"].update(publishedAt="2020-01-01T00:00:00Z"),
    "signer's pageLanguage": lambda record: told_otherwise(record, "pageLanguage", "en"),
    "signer's zoneOffset": lambda record: told_otherwise(record, "zoneOffset", "UTC+01:30"),
    "signer's session": lambda record: told_otherwise(record, "session", "ab" * 32),
    "signer's pageText": lambda record: told_otherwise(record, "pageText", "ab" * 32),
}


@pytest.mark.parametrize("what", PRINTED)
def test_pages_that_tell_another_way_of_signing_are_refused(real: Real, what: str) -> None:
    contents = contents_of(real)
    PRINTED[what](contents.record)
    with pytest.raises(SealInvalid, match=what):
        check_pages(real.pdf, contents)


def test_no_copy_carries_the_words_of_the_page(real: Real) -> None:
    contents = contents_of(real)
    personal = read_personal(contents.record["personal"]).telling(["name", "pageText"])
    contents.record.update(personal=personal.to_dict(), redacted={"withheld": list(personal.withheld)})
    with pytest.raises(SealInvalid, match="which no copy has"):
        check_agreeing(contents)
    del contents.attachments["shown.txt"]
    check_agreeing(contents)
