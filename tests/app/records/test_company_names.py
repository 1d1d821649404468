# SPDX-License-Identifier: Apache-2.0
"""Records of a company that got another name: each tells the name that was signed with and every change since."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from company_walk import Firm, change, draft_gift
from conftest import NOW
from record_reading import shown
from signing_walk import file, finish

from app.companies.particulars import particulars_changed
from app.platform.clock import FixedClock
from app.platform.db import Database
from app.platform.settings import Settings
from app.records.choosing import Choice
from app.records.filling import FillingRenderer
from app.records.listing import page
from app.records.load import load
from app.records.models import Record
from app.records.render import render
from app.wiring import build_services
from mcla.records.agreeing import check_agreeing
from mcla.records.check import verify_record
from mcla.records.errors import SealInvalid
from mcla.records.text import check_pages

OLD, NEW = ("Example GmbH", "HRB 1234 B"), ("Example AG", "HRB 9 C")

pytestmark = pytest.mark.timeout(400)  # the first test to come makes six sealed records


@dataclass(frozen=True)
class Renamed:
    """Records by what they are of, and the service; `changed` is the log entry of the change of name."""

    services: Any
    changed: int
    ids: dict[str, str]
    pdfs: dict[str, bytes]

    def told(self, which: str) -> dict[str, Any]:
        """The company in the record's data, after the whole rule was applied."""
        answer = verify_record(self.pdfs[which], self.services.trust, self.services.clock.now())
        assert answer.verdict.verified, answer.verdict.reasons
        assert answer.found is not None
        told: dict[str, Any] = answer.found.record["signer"]["company"]
        return told


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Any, seeding: Any, key_folder: Path) -> Renamed:
    home = tmp_path_factory.mktemp("renamed")
    (home / "keys").symlink_to(key_folder)
    (home / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    settings, clock = Settings(home=home, demo=True), FixedClock(NOW)
    services = build_services(settings, Database(settings.database), clock)
    services.log.recover()
    firm = Firm.founded(services).with_emil()
    before = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id, file("before.py", b"1\n")))
    services.worker.run_due()
    clock.at += timedelta(hours=1)
    info = services.companies.view(firm.sig, firm.id).info
    done = change(services, firm.sig, firm.id, particulars_changed(info, *NEW))
    clock.at += timedelta(hours=1)
    after = finish(services, firm.emil, draft_gift(services, firm.emil, firm.id, file("after.py", b"2\n")))
    services.worker.run_due()
    signed = services.signing.signatures(firm.sig)[0]
    ids = {
        "accepted": services.records.state_of(signed.signing_id).id,
        "before": Path(str(before.record_url)).stem,
        "after": Path(str(after.record_url)).stem,
    }
    ids |= {
        f"{which} anew": services.records.reissue(ids[which], "The company is called otherwise")
        for which in ("accepted", "before")
    }
    clock.at += timedelta(hours=1)
    services.worker.run_due()
    with services.db.read() as session:
        pdfs = {which: services.records.stored(session.get_one(Record, each)) for which, each in ids.items()}
    return Renamed(services, done.log_index, ids, pdfs)


@pytest.mark.parametrize("which", ["accepted", "before"])
def test_a_record_from_before_stays_what_it_was(renamed: Renamed, which: str) -> None:
    told = renamed.told(which)
    assert (told["name"], told["registration"]) == OLD
    assert "changes" not in told
    assert NEW[0] not in shown(renamed.pdfs[which])


@pytest.mark.parametrize(("which", "name"), [("accepted anew", OLD), ("before anew", OLD), ("after", NEW)])
def test_a_record_from_afterwards_tells_both_names_and_the_entry_that_joins_them(
    renamed: Renamed, which: str, name: tuple[str, str]
) -> None:
    told = renamed.told(which)
    assert (told["name"], told["registration"]) == name
    (joined,) = told["changes"]
    assert (joined["was"]["name"], joined["was"]["registration"]) == OLD
    assert (joined["name"], joined["registration"], joined["logIndex"]) == (*NEW, renamed.changed)
    text = shown(renamed.pdfs[which])
    for words in (*OLD, *NEW, "Change of name", f"log entry {renamed.changed:,}"):
        assert words in text


def test_the_foundations_list_has_the_name_of_now(renamed: Renamed) -> None:
    with renamed.services.db.read() as session:
        listed = page(session, Choice())
    assert {each.company for each in listed} == {NEW[0]}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("was", "name"), "Another GmbH"),
        (("was", "registration"), "HRB 1"),
        (("statement",), "00" * 32),
        (("logIndex",), 4711),
        (("at",), "2020-01-01T00:00:00Z"),
        (("name",), "Another AG"),
    ],
)
def test_a_change_that_does_not_fit_the_signed_name_or_the_page_is_no_record(
    renamed: Renamed, place: tuple[str, ...], value: object
) -> None:
    """The seal is the foundation's, so a record is made anew whose data say otherwise than its pages or its proof."""
    pdf = renamed.pdfs["accepted anew"]
    found = verify_record(pdf, renamed.services.trust, renamed.services.clock.now()).found
    assert found is not None
    record = deepcopy(found.record)
    at = record["signer"]["company"]["changes"][0]
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    wrong = replace(found.contents, record=record)
    with pytest.raises(SealInvalid):
        _ = check_agreeing(wrong), check_pages(pdf, wrong)


def test_both_renderers_say_the_same_of_a_renamed_company(renamed: Renamed) -> None:
    services = renamed.services
    with services.db.read() as session:
        data = load(session, renamed.ids["after"], services.trust, "ab" * 32)
    filled = FillingRenderer()
    for words in ("Change of name", *OLD, *NEW):
        assert words in shown(filled.render(data))
        assert words in shown(render(data))
    assert filled.counts.in_full.total() == 0
