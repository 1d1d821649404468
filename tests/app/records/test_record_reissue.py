# SPDX-License-Identifier: Apache-2.0
"""Records issued anew: the new one names the old, the old one still verifies and is told to be superseded."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from applications import new_application
from click.testing import CliRunner
from real_records import Real
from record_reading import shown
from serving import serving
from signin import person
from signing_walk import file, give
from spoken import english_left

from app.records.choosing import Choice
from app.records.errors import RecordReplaced, RecordUnknown
from app.records.load import load
from app.records.models import Record, RecordFile
from mcla.cli.main import cli
from mcla.records.check import verify_record

WHY, RIGHT = "The provider had the name wrong", "Ada Lí"


@dataclass(frozen=True)
class Anew:
    """The old record, and the one that took its place."""

    old: bytes
    old_id: str
    new: bytes
    new_id: str
    real: Real


@pytest.fixture(scope="module")
def anew(real: Real) -> Anew:
    return put_right(real, "misspelt.py")  # the record that other tests read keeps its place


def put_right(real: Real, path: str) -> Anew:
    """Ada's gift of a file of her own, and its record issued twice."""
    ada = person(real.services.identity)
    done = give(real.services, ada, file(path, path.encode()))
    real.services.worker.run_due()
    old_id = Path(done.record_url).stem
    old = real.services.records.pdf(ada, old_id)
    new_id = real.services.records.reissue(old_id, WHY, RIGHT)
    real.services.worker.run_due()
    with real.services.db.read() as session:
        new = real.services.records.stored(session.get_one(Record, new_id))
    return Anew(old, old_id, new, new_id, real)


def digest(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()


def test_the_new_record_names_the_old_one_and_why_on_its_page_and_in_its_data(anew: Anew) -> None:
    answer = verify_record(anew.new, anew.real.trust, anew.real.now)
    assert answer.verdict.verified
    assert answer.found is not None
    told = {"recordId": anew.old_id, "sha256": digest(anew.old), "reason": WHY, "correctedName": RIGHT}
    assert answer.found.record["supersedes"] == told
    text = shown(anew.new)
    for fact in (anew.old_id, WHY, RIGHT, "Ada Li"):
        assert fact in text, fact


def test_the_old_record_still_verifies_and_is_known_to_be_superseded(anew: Anew) -> None:
    assert verify_record(anew.old, anew.real.trust, anew.real.now).verdict.verified
    newer = anew.real.services.records.file(digest(anew.old)).superseded
    assert newer is not None
    assert newer.sha256 == digest(anew.new)
    assert anew.real.services.records.file(digest(anew.new)).superseded is None


def test_a_record_is_replaced_once_and_one_that_is_not_there_never(anew: Anew) -> None:
    with pytest.raises(RecordReplaced, match=anew.new_id):
        anew.real.services.records.reissue(anew.old_id, WHY)
    with pytest.raises(RecordUnknown):
        anew.real.services.records.reissue("rec_" + "0" * 26, WHY)


def test_the_signer_is_led_to_the_newest(anew: Anew) -> None:
    with anew.real.services.db.read() as session:
        signing = session.get_one(Record, anew.old_id).signing_id
    state = anew.real.services.records.state_of(signing)
    assert state is not None
    assert (state.id, state.state) == (anew.new_id, "sealed")


@pytest.fixture
def at_hand(anew: Anew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trusted_root.json").write_bytes(anew.real.trust.to_json())
    (tmp_path / "old.pdf").write_bytes(anew.old)
    (tmp_path / "new.pdf").write_bytes(anew.new)
    return tmp_path


def mcla(*args: str) -> Any:
    return CliRunner().invoke(cli, ["verify", *args, "--trust", "trusted_root.json"], prog_name="mcla")


def test_a_newer_record_at_hand_tells_offline_that_the_old_one_was_superseded(at_hand: Path, anew: Anew) -> None:
    ran = mcla("old.pdf", "--newer", "new.pdf")
    assert ran.exit_code == 0
    assert f"SUPERSEDED by a newer record of the same signature: sha256:{digest(anew.new)}" in ran.stdout
    turned = mcla("new.pdf", "--newer", "old.pdf")
    assert turned.exit_code == 3
    assert "replaces another" in turned.stderr


def test_an_old_record_that_is_sealed_better_afterwards_is_still_the_one_that_was_replaced(
    at_hand: Path, anew: Anew
) -> None:
    services = anew.real.services
    with services.db.write() as session:
        session.get_one(RecordFile, digest(anew.old)).level = "B-B"  # as if the stamp's authority had been away
    services.records.upgrade_job({"record_id": anew.old_id})
    with services.db.write() as session:
        better = services.records.stored(session.get_one(Record, anew.old_id))
        session.get_one(RecordFile, digest(better)).sealed_at += timedelta(minutes=11)  # this clock stands still
    with services.db.read() as session:
        named = load(session, anew.new_id, anew.real.trust, "ab" * 32).replaces
    assert better != anew.old
    (at_hand / "better.pdf").write_bytes(better)
    for older in ("better.pdf", "old.pdf"):
        ran = mcla(older, "--newer", "new.pdf")
        assert (ran.exit_code, "SUPERSEDED" in ran.stdout) == (0, True), ran.stderr
        told = services.records.file(digest((at_hand / older).read_bytes()))
        assert told.superseded is not None
        assert told.superseded.sha256 == digest(anew.new)
    assert named is not None
    assert named.sha256 == digest(anew.old)  # made once more, the new record says the same as before
    assert mcla("new.pdf", "--newer", "better.pdf").exit_code == 3


@pytest.fixture
def url(anew: Anew) -> Iterator[str]:
    with serving(new_application(anew.real.services)) as address:
        yield address


def test_the_service_tells_the_log_entry_of_the_file_which_is_proven_here_and_what_took_its_place(
    at_hand: Path, anew: Anew, url: str
) -> None:
    ran = mcla("old.pdf", "--service", url, "--json", "--then")
    record = json.loads(ran.stdout)["record"]
    assert (ran.exit_code, record["superseded_by"]) == (0, f"sha256:{digest(anew.new)}")
    assert isinstance(record["log_index"], int)
    assert "entry" in mcla("new.pdf", "--service", url, "--then").stdout


def test_the_verify_page_says_that_a_newer_record_took_its_place(anew: Anew) -> None:
    application = new_application(anew.real.services)
    old, new, german = (
        application.test_client().post("/verify", data={"bundle": (io.BytesIO(pdf), "r.pdf")}, headers=headers)
        for pdf, headers in ((anew.old, {}), (anew.new, {}), (anew.old, {"Accept-Language": "de"}))
    )
    assert "The record holds, and a newer one has taken its place." in old.text
    assert "The record holds." in new.text
    assert english_left(german) == set()
    assert not [secret for secret in (anew.new_id, WHY, RIGHT) if secret in old.text]


def test_a_digest_tells_nothing_of_the_person_and_a_guessed_one_nothing_at_all(anew: Anew) -> None:
    client = new_application(anew.real.services).test_client()
    answer = client.get(f"/api/v1/records/files/sha256:{digest(anew.old)}")
    assert answer.status_code == 200
    for secret in (anew.old_id, anew.new_id, WHY, RIGHT, "Ada Li", "adali"):
        assert secret not in answer.text
    assert client.get(f"/api/v1/records/files/sha256:{'0' * 64}").status_code == 404
    assert client.get("/api/v1/records/files/sha256:short").status_code == 422


def test_a_name_put_right_stays_so_in_later_records_and_in_what_the_foundation_takes(real: Real) -> None:
    services, anew = real.services, put_right(real, "misspelt-too.py")  # others see the newest of `anew`
    last_id = services.records.reissue(anew.new_id, "The key was replaced")
    services.worker.run_due()
    with services.db.read() as session:
        last = session.get_one(Record, last_id)
    copy = services.record_copies.for_foundation(last)
    for pdf in (services.records.stored(last), copy):
        answer = verify_record(pdf, anew.real.trust, anew.real.now)
        assert answer.found is not None, answer.verdict.reasons
        told = answer.found.record["supersedes"]
        assert (told["correctedName"], told["recordId"]) == (RIGHT, anew.new_id)
        assert RIGHT in shown(pdf)
    (listed,) = (each for each in services.foundation_records.everything(Choice()) if each.id == last_id)
    assert listed.name == RIGHT
