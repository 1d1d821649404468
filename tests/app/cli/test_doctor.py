# SPDX-License-Identifier: Apache-2.0
"""`mcla-server doctor` on good and on broken services: each fault is named with what mends it, none hides another."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from witness_servers import witnesses

from app.cli.doctor import Finding, examine
from app.cli.main import main
from app.platform.clock import FixedClock, SystemClock
from app.platform.clock_watch import ClockMark
from app.platform.jobs import Job, add_job
from app.platform.settings import KeyPlaces, ProviderSettings, Settings
from mcla.log.vkey import KeyType, VerifierKey


def by_part(settings: Settings) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in examine(settings):
        found.setdefault(finding.part, []).append(finding)
    return found


def test_a_good_service_has_no_fault_and_a_test_record_was_sealed(services: Any) -> None:
    found = by_part(services.settings)
    assert {finding.state for findings in found.values() for finding in findings} <= {"ok", "attention"}
    assert "sealed and verified" in found["record"][0].says
    assert "0 entries" in found["log"][0].says


def test_a_document_key_of_another_algorithm_than_the_settings_ask_for_is_worth_attention(services: Any) -> None:
    asked = services.settings.model_copy(update={"keys": KeyPlaces(document_algorithm="RSA-3072")})
    (told,) = (one for one in by_part(asked)["keys"] if one.state == "attention")
    assert told.says == "document is P-256; MCLA_KEYS says RSA-3072"
    assert told.fix == "Run: mcla-server keys rotate document"


def test_a_document_key_that_cannot_be_read_is_a_fault_and_the_rest_is_still_looked_at(
    services: Any, own_keys: Path
) -> None:
    (own_keys / "document.key.pem").write_text("not a key")
    found = by_part(services.settings)
    assert found["record"][0].state == "fault"
    assert "document.key.pem" in found["record"][0].says
    assert found["database"][0].state == "ok"
    assert found["jobs"][0].state == "ok"


def test_a_key_that_others_can_read_is_a_fault_with_the_command_that_mends_it(services: Any, own_keys: Path) -> None:
    (own_keys / "log.key.pem").chmod(0o644)
    fault = by_part(services.settings)["keys"][0]
    assert (fault.state, fault.fix.startswith("Run: chmod 600 log.key.pem")) == ("fault", True)


def test_a_database_without_tables_is_a_fault_that_names_init(tmp_path: Path, settings: Settings) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'empty.sqlite'}"})
    faults = [finding for finding in by_part(empty)["database"] if finding.state == "fault"]
    assert [fault.fix for fault in faults] == ["Run: mcla-server init"]


def test_a_service_that_nobody_can_sign_in_to_is_a_fault(services: Any) -> None:
    alone = services.settings.model_copy(update={"demo": False, "providers": ()})
    states = {finding.says: finding.state for finding in by_part(alone)["settings"]}
    assert states["nobody can sign in: no identity provider"] == "fault"
    known = ProviderSettings(name="github", kind="github", client_id="c", client_secret="s")
    good = alone.model_copy(update={"providers": (known,)})
    assert "fault" not in {finding.state for finding in by_part(good)["settings"]}


def test_jobs_that_failed_for_good_or_wait_too_long_are_worth_attention(services: Any) -> None:
    early = FixedClock(SystemClock().now() - timedelta(minutes=11))
    with services.db.write() as session:
        add_job(session, early, "record.issue", {})
        dead = add_job(session, early, "record.issue", {})
        session.flush()
        session.execute(update(Job).where(Job.id == dead).values(state="dead"))
    says = {finding.says[:14]: finding.state for finding in by_part(services.settings)["jobs"]}
    assert says == {"1 jobs failed ": "attention", "the oldest wai": "attention"}


def test_a_clock_before_what_was_seen_or_signed_is_told(services: Any, clock: FixedClock) -> None:
    assert by_part(services.settings)["clock"][0].state == "ok"
    ahead = SystemClock().now() + timedelta(hours=1)
    with services.db.write() as session:
        session.execute(update(ClockMark).values(at=ahead))
    told = by_part(services.settings)["clock"][0]
    assert (told.state, "sign-ins end once" in told.fix) == ("attention", True)
    clock.at = ahead
    services.log.append([b"an entry of a clock that ran ahead"])
    told = by_part(services.settings)["clock"][0]
    assert (told.state, "NTP" in told.fix) == ("fault", True)


def test_the_command_ends_with_one_on_a_fault_and_speaks_json(
    services: Any, own_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = services.settings
    for name, value in (("HOME", settings.home), ("DATABASE_URL", settings.database_url), ("DEMO", "true")):
        monkeypatch.setenv(f"MCLA_{name}", str(value))
    good = CliRunner().invoke(main, ["doctor", "--json"])
    assert good.exit_code == 0, good.output
    (own_keys / "tsa.key.pem").unlink()
    bad = CliRunner().invoke(main, ["doctor", "--json"])
    assert bad.exit_code == 1
    faults = [finding for finding in json.loads(bad.stdout)["findings"] if finding["state"] == "fault"]
    assert faults
    assert all(fault["fix"] for fault in faults)


def test_the_witnesses_are_asked_and_those_that_say_nothing_or_are_our_own_are_named(
    services: Any, tmp_path: Path
) -> None:
    place = tmp_path / "policy"
    key = VerifierKey.of_log(services.settings.host, services.keys.log.public_key())
    with witnesses(tmp_path, 2) as running:
        for one in running:
            one.home.add_log(key.line)
        running[1].url = running[1].url.replace("127.0.0.1", "localhost")
        lines = [f"witness w{n} {one.home.cosigner().vkey.line} {one.url}\n" for n, one in enumerate(running, 1)]
        place.write_text("".join([*lines, "quorum w2\n"]))
        asked = services.settings.model_copy(update={"witness_policy": place, "witness_wait": 5.0})
        found = by_part(asked)["witnesses"]
        assert [finding.state for finding in found] == ["attention", "ok"]
        assert "w1 is at this service's own host" in found[0].says
        assert found[1].says == "2 of 2 cosigned the newest head"
        running[1].fault = "broken"
        services.log.append([b"an entry that w2 does not see"])
        found = by_part(asked)["witnesses"]
        assert [finding.state for finding in found] == ["attention", "attention", "fault"]
        assert "w2 has not cosigned" in found[1].says
    own = VerifierKey("somebody.example/w9", KeyType.COSIGNATURE_ED25519, key.raw)
    place.write_text(f"witness own {own.line} https://own.example\nquorum own\n")
    (found,) = by_part(asked)["witnesses"]
    assert (found.state, "got 'own' with the key 'log'" in found.says) == ("fault", True)
    assert "Take its line out of the file" in found.fix
    assert by_part(services.settings)["witnesses"][0].says.startswith("none: the log rests on this operator's word")
