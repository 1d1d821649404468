# SPDX-License-Identifier: Apache-2.0
"""Drafts and certificates are over when the clock was set back, also for a process that began afterwards."""

from datetime import timedelta

import pytest
from signin import person
from signing_walk import Holder, certified, certify, draft_acceptance, sign

from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.signing.drafts import DRAFT_LIFE
from app.signing.errors import ClockUnsteady, NotCertified, SigningError, SigningExpired
from app.signing.models import Signing
from app.sigstore.stamping import stamp
from app.wiring import Services, build_services
from mcla.envelope.certificate import read_leaf
from mcla.envelope.timestamp import StampWish, read_timestamp

TWO_HOURS = timedelta(hours=2)


def restarted(services: Services, database_url: str) -> Services:
    """The same service after a restart: what the old process remembered of the time is gone."""
    return build_services(services.settings, Database(database_url), services.clock)


def test_a_draft_is_over_and_no_certificate_is_made_for_it_then_or_later(services, ada, clock, database_url):
    signing = draft_acceptance(services, ada)
    clock.at -= TWO_HOURS
    after = restarted(services, database_url)
    person(after.identity)
    for _ in range(3):
        with pytest.raises(SigningExpired):
            certify(after, ada, signing, Holder())
        clock.at += DRAFT_LIFE
    after.db.dispose()


def test_a_certificate_is_taken_back_and_its_statement_is_never_signed(services, ada, clock, database_url, db):
    signing, holder = certified(services, ada)
    clock.at -= timedelta(minutes=5)
    after = restarted(services, database_url)
    person(after.identity)
    for step in (timedelta(0), timedelta(minutes=5)):
        clock.at += step
        with pytest.raises(NotCertified):
            sign(after, ada, signing, holder)
        with pytest.raises(SigningExpired):
            certify(after, ada, signing, Holder())
    with db.read() as session:
        assert session.get_one(Signing, signing.id).signature is None
    after.db.dispose()


def test_the_person_signs_again_after_the_clock_was_set_right(services, ada, clock, database_url):
    clock.at += timedelta(days=1)
    ahead, _ = certified(services, ada)
    clock.at -= timedelta(days=1)
    after = restarted(services, database_url)
    again, holder = certified(after, person(after.identity))
    assert sign(after, ada, again, holder).id
    with pytest.raises(SigningError):
        sign(after, ada, ahead, holder)
    after.db.dispose()


def test_the_process_that_saw_the_step_signs_nothing_and_no_list_of_ends_is_dated_by_it(services, ada, clock):
    signing, holder = certified(services, ada)
    services.withdrawals.snapshot()
    clock.at -= TWO_HOURS
    with pytest.raises(ClockUnsteady):
        sign(services, ada, signing, holder)
    with pytest.raises(ClockUnsteady):
        services.withdrawals.snapshot()


def test_what_is_signed_already_stays_signed(services, ada, clock, db):
    signing, holder = certified(services, ada)
    sign(services, ada, signing, holder)
    before = _row(db, signing.id)
    clock.at -= TWO_HOURS
    ClockWatch(db, clock, ()).look()
    person(services.identity)
    assert _row(db, signing.id) == before


def test_certificates_and_timestamps_of_a_time_that_comes_twice_have_serial_numbers_of_their_own(services, ada):
    drafts = [draft_acceptance(services, ada) for _ in range(3)]
    leaves = [read_leaf(certify(services, ada, draft, Holder()).certificates[0]) for draft in drafts]
    stamps = [read_timestamp(stamp(services.signing.ports, StampWish(bytes(32)))) for _ in drafts]
    assert len({leaf.not_before for leaf in leaves}) == len({each.time for each in stamps}) == 1
    assert len({leaf.certificate.serial_number for leaf in leaves}) == 3
    assert len({each.serial for each in stamps}) == 3


def _row(db: Database, signing_id: str) -> list[object]:
    with db.read() as session:
        row = session.get_one(Signing, signing_id)
        return [row.state, row.certificate, row.signature, row.signed_at]
