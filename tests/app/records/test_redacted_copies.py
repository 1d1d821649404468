# SPDX-License-Identifier: Apache-2.0
"""A redacted copy says what it withholds, verifies as a record does, and tells nothing that it withholds."""

import base64
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from record_reading import shown
from record_samples import digest
from signin import person, sign_in
from signing_walk import accept

from app.identity.ports import Actor
from app.records.data import attached_files
from app.records.errors import RecordNotReady, RecordUnknown
from app.records.pages import html_of
from app.records.parts import (
    CompanyDetail,
    ReplacedDetail,
)
from app.records.redaction import WITHHELD, redacted
from mcla.cli.main import cli
from mcla.records.check import check_sealed, verify_record
from mcla.records.fields import NAMES, SECRET, FieldsInvalid, read_personal
from mcla.verify.verifier import verify_bundle

ORIGINAL = "cd" * 32
HIDDEN = {"name": "Ada Example", "login": "ada-login", "subject": "1815121000", "email": "ada@example.org",
          "title": "Head of Data", "signedInAt": "2026-11-22 13:34:09", "address": "2001:db8::17",
          "userAgent": "Firefox/145.0", "zoneOffset": "UTC+01:00", "session": digest("session"),
          "pageText": digest("Prüfen")}  # fmt: skip


@pytest.fixture
def whole(make_acceptance: Any) -> Any:
    company = CompanyDetail("Example GmbH", "DE", "HRB 1234 B", HIDDEN["title"], "by law")
    return make_acceptance(login=HIDDEN["login"], capacity="company", company=company)


def told(data: Any) -> str:
    """Everything that a record of this data says, on its pages and in record.json."""
    return html_of(data) + attached_files(data)[-1].content.decode()


def test_a_copy_tells_no_personal_field_anywhere(whole: Any) -> None:
    everything = told(redacted(whole, [], ORIGINAL))
    assert not [name for name, value in HIDDEN.items() if value in everything]
    assert base64.b64encode(whole.signer.secret).decode() not in everything
    assert {name for name, value in HIDDEN.items() if value not in told(whole)} == set()


@pytest.mark.parametrize("name", HIDDEN)
def test_a_copy_shows_one_field_where_its_signer_says_so(whole: Any, name: str) -> None:
    everything = told(redacted(whole, [name], ORIGINAL))
    assert [each for each, value in HIDDEN.items() if value in everything] == [name]


def test_a_copy_says_what_it_withholds_and_of_which_record_it_is(whole: Any) -> None:
    data = redacted(whole, ["name"], ORIGINAL)
    page, record = html_of(data), json.loads(attached_files(data)[-1].content)
    assert "Redacted copy of a signed record" in page
    assert ORIGINAL in page
    assert 'Withheld</th><td class="">account name, account number, e-mail' in page
    assert record["redacted"] == {"original": ORIGINAL, "withheld": [name for name in NAMES if name != "name"]}
    original = json.loads(attached_files(whole)[-1].content)
    assert record["personal"]["digests"] == original["personal"]["digests"]
    assert "redacted" not in original
    assert whole.personal.root in page
    assert whole.personal.root in html_of(whole)


def test_a_copy_of_somebody_without_verified_address_does_not_say_so(whole: Any) -> None:
    pages = [html_of(redacted(replace(whole, signer=replace(whole.signer, email=email)), [], ORIGINAL))
             for email in (None, HIDDEN["email"])]  # fmt: skip
    assert WITHHELD in pages[0]
    assert "none that the provider" not in pages[0]
    assert "verified by" not in pages[1]


def test_a_name_put_right_goes_with_the_name_and_why_with_the_whole_person(whole: Any) -> None:
    anew = replace(whole, replaces=ReplacedDetail("rec_old", "0d" * 32, "Ann had it wrong", "Ada Right"))
    shows = [], ["name"], ["name", "login", "subject", "email"]
    pages = [told(redacted(anew, show, ORIGINAL)) for show in shows]
    assert ["Ada Right" in page for page in pages] == [False, True, True]
    assert ["Ann had it wrong" in page for page in pages] == [False, False, True]


@pytest.fixture
def ada(services: Any) -> Actor:
    return replace(person(services.identity), address="2001:db8::17", agent="Firefox/145.0")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_of_a_real_record_is_sealed_and_proves_the_same(
    services: Any, client: Any, ada: Actor, tmp_path: Path
) -> None:
    done = accept(services, ada)
    record_id = done.record_url.rpartition("/")[2].removesuffix(".pdf")
    with pytest.raises(RecordNotReady):
        services.record_copies.redacted(ada, record_id)
    services.worker.run_due()
    pdf = services.records.pdf(ada, record_id)
    sign_in(client, services, "ada")
    for path in (f"/api/v1/records/{record_id}/redacted.pdf?show=login", f"/records/{record_id}/redacted.pdf"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{record_id}-redacted.pdf"'
        answered = verify_record(answer.data, services.trust, services.clock.now())
        assert answered.verdict.verified, answered.verdict.reasons
        assert any("redacted copy, which withholds name" in step.detail for step in answered.verdict.steps)
        assert answered.record()["redacted"]["withheld"][-1] == SECRET
        found = check_sealed(answer.data, services.trust, services.clock.now())
        assert found.record["redacted"]["original"] == hashlib.sha256(pdf).hexdigest()
        assert read_personal(found.record["personal"]).withheld[0] == "name"
        assert verify_bundle(found.attachments["bundle.sigstore.json"], services.trust).verified
        text = shown(answer.data)
        assert not [word for word in ("Ada Li", "104729", "ada.li@", "2001:db8::17", "Firefox") if word in text]
        assert ("adali" in text) is ("show=login" in path)
    visitor = client.application.test_client()
    uploaded = visitor.post("/verify", data={"bundle": (io.BytesIO(answer.data), "copy.pdf")})
    assert "The redacted copy holds." in uploaded.text
    said = " ".join(_verified(answer.data, services, tmp_path).split())
    assert f"REDACTED COPY of the record sha256:{hashlib.sha256(pdf).hexdigest()} It withholds: name, account" in said
    assert "secret that opens the commitment to the person." in said
    assert "REDACTED" not in _verified(pdf, services, tmp_path)
    original = check_sealed(pdf, services.trust, services.clock.now())
    assert read_personal(original.record["personal"]).root == read_personal(found.record["personal"]).root
    assert client.get(f"/api/v1/records/{record_id}/redacted.pdf?show={SECRET}").json["code"] == FieldsInvalid.code
    sign_in(client, services, "bela")
    assert client.get(f"/api/v1/records/{record_id}/redacted.pdf").status_code == 404
    with pytest.raises(RecordUnknown):
        services.record_copies.redacted(person(services.identity, "bela"), record_id)


def _verified(pdf: bytes, services: Any, folder: Path) -> str:
    """What `mcla verify` prints of a good record."""
    (folder / "record.pdf").write_bytes(pdf)
    (folder / "trusted_root.json").write_bytes(services.trust.to_json())
    asked = ["verify", str(folder / "record.pdf"), "--trust", str(folder / "trusted_root.json")]
    ran = CliRunner().invoke(cli, asked, prog_name="mcla")
    assert ran.exit_code == 0, ran.output
    return ran.stdout
