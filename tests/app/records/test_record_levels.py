# SPDX-License-Identifier: Apache-2.0
"""How well a record is sealed: with the service's own timestamp, under outside authorities, and while they are away."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from outside_authorities import Outside, outside_authorities, real_now
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from real_records import Real
from signin import person
from signing_walk import accept
from sqlalchemy import null, select, update

from app.platform.clock import FixedClock
from app.platform.db import Database
from app.platform.keys import KeyUnusable, create_keys, load_keys
from app.platform.keys.rotate import rotate
from app.platform.setting_values import KeyPlaces
from app.platform.settings import Settings
from app.records.errors import SealFailed
from app.records.models import Record, RecordFile
from app.records.standing import standing
from app.wiring import Services, build_services
from mcla.records.check import RecordVerdict, verify_record
from mcla.verify.verifier import verify_artifact


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside_authorities(tmp_path_factory.mktemp("authorities")) as made:
        yield made


@pytest.fixture(autouse=True)
def _back(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "outside" in request.fixturenames:
        request.getfixturevalue("outside").away = False


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, filled_sqlite: Any, seeding: Any, key_folder: Path, outside: Outside
) -> Path:
    """A service whose document key is certified by the outside authority, as of now."""
    home = tmp_path_factory.mktemp("service")
    shutil.copytree(key_folder.resolve(), home / "keys")
    (home / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    place = home / "keys" / "document-2.key.pem"
    shutil.copy(outside.folder / "sealer.key.pem", place)
    place.chmod(0o600)
    rotate(settings_of(home, outside), "document", real_now())
    return home


def settings_of(home: Path, outside: Outside) -> Settings:
    keys = KeyPlaces(document_chain=outside.document_chain)
    return Settings(home=home, demo=True, keys=keys, tsa_url=outside.tsa_url, tsa_chain=outside.tsa_chain)


@pytest.fixture
def services(home: Path, outside: Outside, tmp_path: Path) -> Services:
    """The wired service on a fresh copy of its data."""
    shutil.copytree(home, tmp_path / "home")
    settings = settings_of(tmp_path / "home", outside)
    made = build_services(settings, Database(settings.database), FixedClock(real_now()))
    made.log.recover()
    return made


def files(services: Services) -> list[RecordFile]:
    with services.db.read() as session:
        return list(session.scalars(select(RecordFile).order_by(RecordFile.number)))


def record(services: Services) -> Record:
    with services.db.read() as session:
        return session.scalars(select(Record)).one()


def verdict(services: Services) -> RecordVerdict:
    pdf = services.records.stored(record(services))
    return verify_record(pdf, services.trust, services.clock.now())


def test_by_default_the_service_stamps_the_seal_itself_and_logs_the_sealed_file(real: Real) -> None:
    found = verify_record(real.pdf, real.trust, real.now).found
    assert found is not None
    assert (found.seal.level, found.seal.stamped_by) == ("B-T", real.services.settings.origin)
    (file,) = (one for one in files(real.services) if one.sha256 == sha256(real.pdf))
    entry = verify_artifact(
        file.sha256, dumps(file.bundle), real.trust, identity=f"{origin(real)}/records", issuer=origin(real)
    )
    assert entry.verified
    assert file.log_index is not None
    assert not verify_artifact("ab" * 32, dumps(file.bundle), real.trust).verified


def test_a_seal_without_timestamp_counts_until_its_key_is_replaced_and_is_then_unknown(real: Real) -> None:
    from app.records.seal import seal

    end = real.pdf.index(b"%%EOF") + 6
    pdf = seal(real.pdf[:end], real.services.keys.document, real.now)
    assert verify_record(pdf, real.trust, real.now).verdict.verified
    ended = replaced_at(real.trust, real.now + timedelta(minutes=15))
    later = real.now + timedelta(days=1)
    found = verify_record(pdf, ended, later).verdict
    assert (found.verdict, found.reasons[0].code) == ("unknown", "record-time")
    assert verify_record(real.pdf, ended, later).verdict.verified  # that one is stamped


def test_a_seal_stamped_after_its_key_was_no_longer_believed_is_refused(real: Real) -> None:
    stolen = replaced_at(real.trust, real.now - timedelta(seconds=30))
    found = verify_record(real.pdf, stolen, real.now).verdict
    assert (found.verdict, found.reasons[0].code) == ("not-verified", "record-time")


def test_under_outside_authorities_a_seal_carries_what_proves_it_for_good_in_one_revision(
    services: Services, outside: Outside
) -> None:
    accept(services, person(services.identity))
    services.worker.run_due()
    pdf = services.records.stored(record(services))
    assert pdf.count(b"%%EOF") == 2
    assert len(pdf) <= 100_000
    asked = len(outside.asked)
    outside.away = True
    found = verdict(services)
    assert [step.outcome for step in found.verdict.steps] == ["yes"] * 7
    assert found.found is not None
    assert (found.found.seal.level, found.found.seal.stamped_by) == ("B-LT", outside.tsa_url)
    assert len(outside.asked) == asked  # the file alone was enough
    years = services.clock.now() + timedelta(days=365 * 20)
    assert verify_record(pdf, services.trust, years).verdict.verified  # long after every certificate ended
    kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(pdf)))
    assert (len(kept.ocsps), len(kept.crls)) == (1, 1)
    assert [one for one in kept.certs.values() if one.get_object().data.hex().upper().encode() in pdf] == []


def test_while_they_are_away_a_record_is_sealed_without_and_sealed_again_later(
    services: Services, outside: Outside
) -> None:
    outside.away = True
    ada = person(services.identity)
    accept(services, ada)
    services.worker.run_due()
    (first,) = files(services)
    assert first.level == "B-B"
    assert record(services).state == "verified"
    services.records.pdf(ada, record(services).id)
    services.clock.at += timedelta(minutes=11)  # type: ignore[attr-defined]
    services.worker.run_due()  # still away: put off, and told
    assert len(files(services)) == 1
    assert without_timestamp(services) == (1, timedelta(minutes=11))
    assert services.records.age().bare == 1
    outside.away = False
    services.clock.at += timedelta(minutes=11)  # type: ignore[attr-defined]
    services.worker.run_due()
    before, after = files(services)
    assert (before.level, after.level) == ("B-B", "B-LT")
    assert record(services).sha256 == after.sha256
    assert after.log_index is not None
    assert services.records.file(before.sha256).better == after.sha256
    assert record(services).state == "delivered"  # as it was before
    assert without_timestamp(services) == (0, timedelta(0))
    assert services.records.age().bare == 0
    services.clock.at += timedelta(days=1)  # type: ignore[attr-defined]
    services.worker.run_due()
    assert len(files(services)) == 2
    with services.db.write() as session:  # as if that run had ended before it had read the better file back
        session.execute(update(Record).values(sha256=before.sha256))
        session.execute(update(RecordFile).values(bundle=null(), log_index=None))
    services.records.upgrade_job({"record_id": record(services).id})
    assert [each.sha256 for each in files(services) if each.bundle] == [before.sha256, after.sha256]
    assert record(services).sha256 == after.sha256


def test_a_revoked_certificate_seals_nothing_and_is_no_outage(
    home: Path, tmp_path: Path, filled_sqlite: Any, seeding: Any, key_folder: Path
) -> None:
    (tmp_path / "authorities").mkdir()
    with outside_authorities(tmp_path / "authorities", revoked=True) as revoking:
        shutil.copytree(key_folder.resolve(), tmp_path / "home" / "keys")
        (tmp_path / "home" / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
        place = tmp_path / "home" / "keys" / "document-2.key.pem"
        shutil.copy(revoking.folder / "sealer.key.pem", place)
        place.chmod(0o600)
        settings = settings_of(tmp_path / "home", revoking)
        rotate(settings, "document", real_now())
        services = build_services(settings, Database(settings.database), FixedClock(real_now()))
        services.log.recover()
        accept(services, person(services.identity))
        with pytest.raises(SealFailed, match="was revoked"):
            services.records.issue(record(services).signing_id)
    assert files(services) == []
    assert record(services).state == "rendered"


def test_a_chain_that_certifies_another_key_is_not_taken(outside: Outside, tmp_path: Path, key_folder: Path) -> None:
    shutil.copytree(key_folder.resolve(), tmp_path / "keys")
    with pytest.raises(KeyUnusable, match="certifies another key"):
        rotate(settings_of(tmp_path, outside), "document", real_now())


def test_a_certificate_that_ends_within_a_month_seals_nothing(real: Real) -> None:
    from app.records.sealer import Sealer

    sealer = Sealer(real.services.signing.ports)
    end = real.services.keys.document.certificate.not_valid_after_utc
    sealer.check_life(end - timedelta(days=31))
    with pytest.raises(SealFailed, match="nothing is sealed in its last 30 days"):
        sealer.check_life(end - timedelta(days=29))


def test_a_certificate_seals_nothing_once_its_issuer_ends_within_a_month(real: Real, tmp_path: Path) -> None:
    from app.records.sealer import Sealer

    create_keys(tmp_path, "mcla.example.org", real.now - timedelta(days=365 * 11))
    ports, elder = real.services.signing.ports, load_keys(tmp_path).document.chain[-1]
    document = ports.keys.document
    end = elder.not_valid_after_utc
    assert end < document.certificate.not_valid_after_utc
    outside = replace(document, chain=(*document.chain[:-1], elder))
    keys = replace(ports.keys, document=outside)
    with pytest.raises(SealFailed, match=f"ends on {end:%Y-%m-%d}"):
        Sealer(replace(ports, keys_now=lambda: keys)).check_life(end - timedelta(days=29))


def test_a_record_that_waits_too_long_is_an_alarm(services: Services) -> None:
    accept(services, person(services.identity))
    services.clock.at += timedelta(minutes=16)  # type: ignore[attr-defined]
    age = services.records.age()
    assert (age.late, age.oldest, dict(age.states)) == (1, timedelta(minutes=16), {"logged": 1})
    services.worker.run_due()
    assert (services.records.age().late, services.records.age().oldest) == (0, timedelta(0))


def test_a_record_that_is_made_and_waits_to_stand_in_the_log_is_late_as_well(services: Services) -> None:
    accept(services, person(services.identity))
    services.worker.run_due()
    with services.db.write() as session:
        session.execute(update(RecordFile).values(bundle=null(), log_index=None))
    services.clock.at += timedelta(minutes=16)  # type: ignore[attr-defined]
    age = services.records.age()
    assert (age.late, age.oldest, dict(age.states)) == (1, timedelta(minutes=16), {"verified": 1})
    with services.db.read() as session:
        found = standing(session, services.clock.now(), timedelta(minutes=15))
    assert (found.waiting, found.late, found.oldest) == (1, 1, timedelta(minutes=16))


def without_timestamp(services: Services) -> tuple[int, timedelta]:
    with services.db.read() as session:
        found = standing(session, services.clock.now(), timedelta(minutes=15))
    return found.bare, found.bare_for


def sha256(pdf: bytes) -> str:
    import hashlib

    return hashlib.sha256(pdf).hexdigest()


def dumps(bundle: Any) -> bytes:
    import json

    return json.dumps(bundle).encode()


def origin(real: Real) -> str:
    return real.services.settings.origin


def replaced_at(trust: Any, end: Any) -> Any:
    """The same trust, with every sealing key believed until `end` alone."""
    ended = (replace(one, validity=replace(one.validity, end=end)) for one in trust.sealers)
    return replace(trust, sealers=tuple(ended))
