# SPDX-License-Identifier: Apache-2.0
"""A foundation takes its records: one copy or a ZIP, by the operator a folder; never another's, never guessed."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from forms import post
from record_reading import shown
from signin import person, sign_in
from signing_walk import accept, file, give
from sqlalchemy import select, update

from app.cli.main import main
from app.contributions.models import Contribution
from app.identity.models import PersonDetail
from app.platform.security import limiter
from app.platform.settings import Settings
from app.records import filling, index
from app.records.archive import zipped
from app.records.listing import Listed
from app.records.models import Record
from app.signing.models import Signing
from mcla.records.check import verify_record

ASKED = ("--agreement", "mcla-individual", "--since", "2026-11-01")
WHERE = ("signedInAt", "address", "userAgent", "zoneOffset", "session", "pageText", "pageLanguage")
Server = Callable[..., Result]


@pytest.fixture
def given(services: Any) -> Any:
    """Ada has signed and given a file; no record is made yet."""
    ada = person(services.identity)
    accept(services, ada)
    give(services, ada, file("part.py", b"print()\n"))
    return services


@pytest.fixture
def half(services: Any) -> Any:
    """The same, and the record of what she signed first is sealed and had."""
    ada = person(services.identity)
    done = accept(services, ada)
    services.worker.run_due()
    give(services, ada, file("part.py", b"print()\n"))
    assert services.records.pdf(ada, Path(done.record_url).stem)
    return services


@pytest.fixture
def staff(services: Any, client: FlaskClient) -> FlaskClient:
    """Bela's browser, who acts for the foundation."""
    limiter.reset()
    bela = sign_in(client, services, "bela")
    services.staff.add(services.projects.foundation("example"), bela.provider, bela.subject)
    return client


@pytest.fixture
def server(settings: Settings, database_url: str) -> Server:
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, ["records", "export", "--processes", "1", *args], env=env)

    return run


def records(services: Any) -> dict[str, str]:
    """The ids of the two records by what they are of."""
    with services.db.read() as session:
        rows = session.execute(select(Signing.kind, Record.id).join(Record, Record.signing_id == Signing.id)).all()
    return {row[0]: row[1] for row in rows}


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_staff_take_a_copy_of_one_and_a_zip_with_an_index_of_all(half: Any, staff: FlaskClient) -> None:
    ids, page = records(half), staff.get("/console/records")
    assert "Ada Li" in page.text
    assert f"/console/records/{ids['acceptance']}.pdf" in page.text
    assert f"/console/records/{ids['contribution']}.pdf" not in page.text
    assert "1 is not ready yet" in page.text
    answer = post(staff, "/console/records/zip", page.text)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as taken:
        assert taken.testzip() is None
        *names, last = taken.namelist()
        sealed, waiting = sorted(rows_of(taken.read(last)), key=lambda row: row["record_id"] != ids["acceptance"])
        pdf = taken.read(*names)
    assert (last, names) == ("index.csv", [sealed["file"]])
    assert sealed["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert (sealed["signer"], sealed["account"], sealed["state"]) == ("Ada Li", "adali at demo", "delivered")
    assert (sealed["agreement"], sealed["version"]) == ("mcla-individual", "1.0.0")
    assert (waiting["file"], waiting["sha256"], waiting["failed"]) == ("", "", "record-not-ready")
    answered = verify_record(pdf, half.trust, half.clock.now())
    assert answered.verdict.verified, answered.verdict.reasons
    assert answered.record()["redacted"] == {
        "original": sealed["record_sha256"],
        "withheld": [*WHERE, "secret"],
    }
    assert "Ada Li" in shown(pdf)


def test_another_foundations_record_and_one_that_never_was_look_the_same_to_staff(
    given: Any, client: FlaskClient
) -> None:
    other = given.projects.ensure_foundation("other", "Other Foundation", "contact@other.example")
    bela = sign_in(client, given, "bela")
    given.staff.add(other, bela.provider, bela.subject)
    page = client.get("/console/records")
    assert "Ada Li" not in page.text
    assert "No record is there for this choice." in page.text
    for record_id in (*records(given).values(), "rec_" + "0" * 26, "rec_%00"):
        answer = client.get(f"/console/records/{record_id}.pdf")
        assert answer.status_code == 404
        assert "There is no such record of your foundation that you may see." in answer.text
    claims = client.get("/console/claims").text
    assert post(client, "/console/records/zip", claims, agreement="mcla-individual@1.0.0").status_code == 422


def test_of_what_is_under_embargo_only_who_handles_reports_sees_a_record(given: Any, staff: FlaskClient) -> None:
    with given.db.write() as session:
        session.execute(update(Contribution).values(hidden_until=date(2026, 12, 24)))
    hidden, bela = records(given)["contribution"], sign_in(staff, given, "bela")
    assert "1 record, " in staff.get("/console/records").text
    assert staff.get(f"/console/records/{hidden}.pdf").status_code == 404
    given.staff.add(given.projects.foundation("example"), bela.provider, bela.subject, handles_reports=True)
    assert "2 records, " in staff.get("/console/records").text
    assert staff.get(f"/console/records/{hidden}.pdf").status_code == 409
    given.staff.add(given.projects.foundation("example"), bela.provider, bela.subject, handles_reports=False)
    with given.db.write() as session:
        session.execute(update(Contribution).values(lifted_at=given.clock.now()))
    assert "2 records, " in staff.get("/console/records").text
    with given.db.write() as session:
        session.execute(update(Contribution).values(hazard="dual-use"))
    assert "1 record, " in staff.get("/console/records").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("since=2026-11-23", 200, "No record is there for this choice."),
        ("until=2026-11-21", 200, "No record is there for this choice."),
        ("since=2026-11-22&until=2026-11-22&agreement=mcla-individual@1.0.0", 200, "2 records, "),
        ("agreement=mcla-individual@2.0.0", 200, "No record is there"),
        ("agreement=a%00b", 422, "Choose an agreement."),
        ("since=yesterday", 422, "Write the day as 2026-11-25."),
        ("until=2026-13-01", 422, "Write the day as 2026-11-25."),
        ("after=rec_00000000000000000000000000", 200, "No record is there"),
        ("after=%27%00", 200, "2 records, "),
    ],
)
def test_the_page_shows_what_was_asked_for_and_says_what_cannot_be_meant(
    given: Any, staff: FlaskClient, query: str, status: int, said: str
) -> None:
    answer = staff.get(f"/console/records?{query}")
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_than_a_page_can_make_at_once_are_left_to_the_operator(
    given: Any, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.console.record_pages.MOST", 1)
    page = staff.get("/console/records")
    assert "A ZIP from here holds up to 1 records: choose fewer days." in page.text
    assert post(staff, "/console/records/zip", staff.get("/console/claims").text).status_code == 422


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operator_exports_a_folder_that_is_gone_on_with_and_a_zip(
    half: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    compile_template, compiled = filling.compile_template, list[str]()
    spy: Any = lambda data, *more: (compiled.append(data.record_id), compile_template(data, *more))[1]  # noqa: E731
    monkeypatch.setattr(filling, "compile_template", spy)
    ran = server(*ASKED, "out")
    assert ran.exit_code == 1
    assert "1 records in out, with its index." in ran.stdout.replace("their", "its")
    assert "1 have no file (record-not-ready): see the index" in ran.stdout
    assert ran.stdout.count("have no file") == 1
    (path,) = Path("out").glob("*/*.pdf")
    first, rows = path.read_bytes(), rows_of(Path("out/index.csv").read_bytes())
    (row,) = (each for each in rows if each["file"])
    assert row["file"] == str(path.relative_to("out"))
    assert row["sha256"] == hashlib.sha256(first).hexdigest()
    assert path.stat().st_mode & 0o077 == Path("out/index.csv").stat().st_mode & 0o077 == 0
    assert server(*ASKED, "out").exit_code == 1
    assert path.read_bytes() == first, "what is there is not made again"
    assert compiled == [path.stem.partition("-")[0]], "its page is filled into a template"
    assert server(*ASKED, "--private", "all.zip").exit_code == 1
    with zipfile.ZipFile("all.zip") as taken:
        (private,) = (name for name in taken.namelist() if name.endswith("-private.pdf"))
        assert hashlib.sha256(taken.read(private)).hexdigest() == row["record_sha256"]
    spoken = server(*ASKED, "--json", "out")
    assert (spoken.exit_code, json.loads(spoken.stdout)) == (
        1,
        {
            "target": "out",
            "total": 2,
            "written": 1,
            "missing": {"record-not-ready": 1},
            "laid_out_in_full": {},
            "whole": True,
        },
    )
    assert "Exporting 2/2 records" in spoken.stderr
    for target, said in (("all.zip", "is there already"), ("out/index.csv", "neither a folder")):
        refused = server(*ASKED, target)
        assert (refused.exit_code, said in refused.output) == (2, True)
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_export_leaves_out_what_is_hidden_and_names_in_the_index_what_cannot_be_certified(
    half: Any, server: Server, tmp_path: Path
) -> None:
    with half.db.write() as session:
        session.execute(update(Contribution).values(hazard="controlled"))
        session.execute(update(PersonDetail).values(login="mallory"))
    server(*ASKED, str(tmp_path / "open"))
    (row,) = rows_of((tmp_path / "open" / "index.csv").read_bytes())
    assert (row["account"], row["file"], row["failed"]) == ("mallory at demo", "", "record-content-invalid")
    server(*ASKED, "--with-hidden", str(tmp_path / "all"))
    assert len(rows_of((tmp_path / "all" / "index.csv").read_bytes())) == 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u3000="])
def test_no_cell_of_the_index_is_computed_by_a_spreadsheet(sign: str) -> None:
    evil = f'{sign}HYPERLINK("//x","y"),\r\n2'
    listed = Listed(
        "rec_1",
        "acceptance",
        "a",
        "1.0.0",
        evil,
        "l at p",
        evil,
        datetime(2026, 11, 22, tzinfo=UTC),
        "sealed",
        None,
        "",
    )
    (row,) = rows_of(index.head() + index.line(listed))
    assert row["signer"] == row["company"] == f"'{evil}"
    assert row["agreement"] == "a"


def test_a_zip_leaves_as_its_files_come_and_holds_none_of_them() -> None:
    made: list[int] = []

    def files() -> Any:
        for number in range(20):
            made.append(number)
            yield f"{number}.bin", datetime(2026, 11, 22, tzinfo=UTC), [bytes([number]) * 100_000]

    pieces, largest, whole = zipped(files()), 0, b""
    for piece in pieces:
        largest, whole = max(largest, len(piece)), whole + piece
        assert len(made) <= whole.count(b"PK\x03\x04") + 1
    assert largest < 100_000
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert archive.read("7.bin") == b"\x07" * 100_000
