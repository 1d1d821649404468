# SPDX-License-Identifier: Apache-2.0
"""What a foundation's staff do with records in the console, in a browser: find them, take one, take many."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fetching import trust_of
from looking import check_looks
from playwright.sync_api import Page, expect
from running import Running
from sqlalchemy import select, update
from windows import Window, saved

from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.settings import Settings
from app.records.models import Record
from mcla.records.check import verify_record

GRANT = "mcla-grant@1.0.0"


def waiting_record(console: Page, service: Running) -> None:
    """The record of an offer stands in the list and says what it waits for."""
    console.goto(f"{service.origin}/console/records")
    expect(console.locator("main")).to_contain_text("1 waits for your counter-signature, under Offers.")
    console.get_by_label("Agreement").select_option(GRANT)
    console.get_by_role("button", name="Show").click()
    expect(console.locator("caption")).to_have_text("1 record, the latest signature first")
    expect(console.locator("tbody tr")).to_contain_text("Waits for your counter-signature")
    expect(console.locator("tbody tr").get_by_role("link", name="Contribution")).to_be_visible()


def taken_records(console: Page, service: Running, folder: Path) -> None:
    """The copy of the grant's record, the ZIP that holds it, a day without any, and one that could not be made."""
    console.goto(f"{service.origin}/console/records?agreement={GRANT}")
    expect(console.locator("tbody tr")).to_have_count(1)
    check_looks(console)
    with console.expect_download() as one:
        console.get_by_role("link", name="Copy (PDF)").click()
    copy = saved(one.value, folder)
    answered = verify_record(copy.read_bytes(), trust_of(service), SystemClock().now())
    assert answered.verdict.verified, answered.verdict.reasons
    assert "secret" in (answered.record() or {})["redacted"]["withheld"]
    with console.expect_download() as many:
        console.get_by_role("button", name="Take 1 record as a ZIP").click()
    with zipfile.ZipFile(saved(many.value, folder)) as archive:
        (row,) = csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")))
        assert archive.namelist() == [row["file"], "index.csv"]
    assert (row["signer"], row["agreement"]) == ("Ada Li", "mcla-grant")
    assert copy.name == f"{row['record_id']}-foundation.pdf"
    console.get_by_label("Signed up to").fill("2020-01-02")
    console.get_by_role("button", name="Show").click()
    expect(console.locator("main")).to_contain_text("No record is there for this choice.")
    with _not_made(service, row["record_id"]):
        console.goto(f"{service.origin}/console/records?agreement={GRANT}")
        expect(console.locator("main")).to_contain_text("1 failed No font of the service draws a character.")
        expect(console.locator("tbody tr")).to_contain_text("Could not be made yet")
        check_looks(console)


def refused_records(somebody: Window) -> None:
    """Who does not act for the foundation sees no record, and is told why."""
    answer = somebody.page.goto(f"{somebody.service.origin}/console/records")
    assert answer is not None
    assert answer.status == 403
    expect(somebody.page.locator("main")).to_contain_text("The console is for the foundation's staff")


@contextmanager
def _not_made(service: Running, record_id: str) -> Iterator[None]:
    """As it would be had no font drawn one of its characters; nothing tries again meanwhile."""
    db, at = Database(Settings(home=service.home).database), Record.id == record_id
    with db.write() as session:
        made = session.execute(select(Record.state, Record.sha256).where(at)).one()
        session.execute(update(Record).where(at).values(state="logged", sha256=None, failure="glyph-missing: U+5C71"))
    try:
        yield
    finally:
        with db.write() as session:
            session.execute(update(Record).where(at).values(state=made[0], sha256=made[1], failure=None))
        db.dispose()
