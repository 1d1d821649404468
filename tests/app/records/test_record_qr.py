# SPDX-License-Identifier: Apache-2.0
"""The QR code of a printed record, read as a telephone reads it, leads to the verify page and to the right answer."""

import subprocess
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flask.testing import FlaskClient
from needs import needs
from signin import person
from signing_walk import accept, draft_acceptance, file, give

from app.identity.ports import Actor
from app.records.models import Record
from app.signing.models import Signature
from app.signing.values import Completed


@pytest.fixture
def ada(services: Any) -> Actor:
    return person(services.identity)


@pytest.fixture
def accepted(services: Any, ada: Actor) -> Completed:
    return accept(services, ada)


def scanned(
    services: Any, actor: Actor, done: Completed, tmp_path: Path, *, every_page: bool = False
) -> tuple[str, str]:
    """What the codes on a record's last three pages say, or on every page, and what all its pages say in print."""
    record, pdf = Path(done.record_url or "").stem, tmp_path / "record.pdf"
    with services.db.read() as session:
        signing = session.get_one(Record, record).signing_id
    services.records.issue(signing)
    pdf.write_bytes(services.records.pdf(actor, record))
    first = 1 if every_page else len(pypdf.PdfReader(pdf).pages) - 2
    drawn = ["-f", str(first), "-r", "110", "-gray", "-png", pdf, tmp_path / "page"]
    subprocess.run([needs("pdftoppm"), *drawn], check=True, timeout=60)
    pages = sorted(tmp_path.glob("page*.png"))
    read = [needs("zbarimg"), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *pages]
    codes = subprocess.run(read, capture_output=True, text=True, timeout=60).stdout
    words = subprocess.run([needs("pdftotext"), pdf, "-"], capture_output=True, text=True, timeout=60).stdout
    return codes.strip(), "".join(words.split())


def page_of(client: FlaskClient, services: Any, address: str) -> str:
    origin = services.settings.origin
    assert address.startswith(f"{origin}/verify?digest=sha256:")
    answer = client.get(address.removeprefix(origin))
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_code_of_a_contribution_leads_to_what_is_known_of_its_file(
    services: Any, client: FlaskClient, ada: Actor, accepted: Completed, tmp_path: Path
) -> None:
    code, words = scanned(services, ada, give(services, ada), tmp_path, every_page=True)
    assert code in words
    assert "Covered: model.safetensors was given to" in page_of(client, services, code)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_code_of_many_files_leads_to_all_of_them_together(
    services: Any, client: FlaskClient, ada: Actor, accepted: Completed, tmp_path: Path
) -> None:
    code, words = scanned(services, ada, give(services, ada, file(), file("b.py", b"b")), tmp_path)
    assert code in words
    assert "Covered: this set of files was given to" in page_of(client, services, code)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_code_of_an_acceptance_leads_to_the_acceptance(
    services: Any, client: FlaskClient, ada: Actor, accepted: Completed, tmp_path: Path
) -> None:
    code, words = scanned(services, ada, accepted, tmp_path)
    assert code in words
    page = page_of(client, services, code)
    version = services.agreements.version("mcla-individual", "1.0.0")
    assert f"Accepted: {version.title}, version 1.0.0." in page
    assert "Signature is in the public log" in page
    assert not [word for word in ("Ada Li", "adali", "ada.li@") if word in page]


def test_an_acceptance_that_is_not_signed_yet_is_unknown(services: Any, client: FlaskClient, ada: Actor) -> None:
    draft = draft_acceptance(services, ada)
    page = client.get(f"/verify?digest=sha256:{draft.statement_sha256}").text
    assert "Unknown." in page
    assert "Accepted" not in page


def test_an_acceptance_whose_stored_proof_was_changed_is_not_verified(
    services: Any, client: FlaskClient, ada: Actor, accepted: Completed
) -> None:
    info = services.signing.signing(ada, services.signing.signatures(ada)[0].signing_id)
    with services.db.write() as session:
        row = session.get_one(Signature, accepted.id)
        envelope = row.bundle["dsseEnvelope"] | {"payload": "e30="}
        row.bundle = dict(row.bundle) | {"dsseEnvelope": envelope}
    page = client.get(f"/verify?digest=sha256:{info.statement_sha256}").text
    assert "Not verified." in page
    assert "Accepted:" not in page


def test_a_digest_that_is_none_is_refused_as_before(client: FlaskClient) -> None:
    assert client.get("/verify?digest=sha256:zz").status_code == 400
