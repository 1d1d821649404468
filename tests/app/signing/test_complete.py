# SPDX-License-Identifier: Apache-2.0
"""Signing: what is refused leaves nothing behind, what is accepted is recorded once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from signing_walk import (
    Holder,
    accept,
    certified,
    count,
    draft_acceptance,
    draft_contribution,
    finish,
    give,
    sign,
)
from sqlalchemy import select
from version_folders import copy_version

from app.agreements.errors import AgreementWithdrawn
from app.contributions.models import Contribution, ContributionArtifact
from app.log.models import LogEntry
from app.platform.jobs import Job
from app.projects.changed import ASK_JOB
from app.records.models import Record
from app.signing.errors import (
    AgreementReplaced,
    AlreadyContributed,
    AlreadySigned,
    CertificateExpired,
    ClockUnsteady,
    ConsentMissing,
    NotCertified,
    SignatureInvalid,
    SigningUnknown,
)
from app.signing.models import Signature
from app.signing.steady import SteadyClock
from mcla.statements.canonical import canonical_json
from mcla.statements.statement import parse_statement
from mcla.verify.verifier import verify_bundle


def test_the_bundle_verifies_for_exactly_this_signer_and_service(services, ada):
    done = accept(services, ada)
    signer = services.signing.signing(ada, "sng_" + done.id[4:]).signer.uri
    bundle = canonical_json(done.bundle)
    assert verify_bundle(bundle, services.trust, identity=signer, issuer=services.settings.origin).verified
    assert not verify_bundle(bundle, services.trust, identity=signer + "x").verified


def test_completing_leaves_one_signature_one_record_to_be_made_and_its_job(services, ada, db):
    accept(services, ada)
    assert [count(db, table) for table in (Signature, Record, LogEntry, Contribution)] == [1, 1, 1, 0]
    with db.read() as session:
        assert session.scalars(select(Record.state)).one() == "logged"
        kinds = sorted(session.scalars(select(Job.kind).where(Job.kind != ASK_JOB)))
    assert kinds == ["record.issue", "signing.finish"]


def test_a_contribution_stores_its_files_and_points_to_its_acceptance(services, ada, db):
    accepted, done = accept(services, ada), give(services, ada)
    with db.read() as session:
        row = session.get_one(Contribution, done.id)
        assert row.signature_id == accepted.id
        assert session.scalars(select(ContributionArtifact.path)).one() == "model.safetensors"
    statement = parse_statement(services.signing.signing(ada, row.signing_id).statement)
    assert statement.acceptance.log_index == accepted.log_index


def test_the_same_request_again_gets_the_same_answer(services, ada, db):
    signing, holder = certified(services, ada)
    first = sign(services, ada, signing, holder)
    assert sign(services, ada, signing, holder) == first
    assert services.signing.signing(ada, signing.id).result == first
    assert count(db, LogEntry) == 1


def test_without_the_tick_nothing_is_signed(services, ada, db):
    signing, holder = certified(services, ada)
    with pytest.raises(ConsentMissing):
        sign(services, ada, signing, holder, consent=False)
    assert count(db, LogEntry) == 0
    assert services.signing.signing(ada, signing.id).state == "certified"


def test_a_signature_before_a_certificate_is_refused(services, ada):
    with pytest.raises(NotCertified):
        sign(services, ada, draft_acceptance(services, ada), Holder())


def test_a_signature_by_another_key_than_the_certified_one_is_refused(services, ada, db):
    signing, _ = certified(services, ada)
    with pytest.raises(SignatureInvalid):
        sign(services, ada, signing, Holder())
    assert count(db, LogEntry) == 0


def test_a_signature_over_another_statement_is_refused(services, ada):
    signing, holder = certified(services, ada)
    for other in (signing.statement + b" ", signing.statement[:-1], b""):
        with pytest.raises(SignatureInvalid):
            services.signing.complete(ada, signing.id, holder.signature(other), consent=True)


@pytest.mark.parametrize("signature", [b"", b"0", bytes(72), b"\x30" * 71, bytes.fromhex("3006020100020101")])
def test_bytes_that_are_no_signature_are_refused(services, ada, signature):
    signing, _ = certified(services, ada)
    with pytest.raises(SignatureInvalid):
        services.signing.complete(ada, signing.id, signature, consent=True)


def test_somebody_else_cannot_complete_a_signing(services, ada, bela, db):
    signing, holder = certified(services, ada)
    with pytest.raises(SigningUnknown):
        sign(services, bela, signing, holder)
    assert count(db, LogEntry) == 0


def test_a_minute_before_the_certificate_ends_is_in_time(services, ada, clock):
    signing, holder = certified(services, ada)
    clock.at += timedelta(minutes=9, seconds=59)
    assert sign(services, ada, signing, holder).id


def test_after_the_certificate_ends_nothing_is_signed(services, ada, clock, db):
    signing, holder = certified(services, ada)
    clock.at += timedelta(minutes=10, seconds=1)
    with pytest.raises(CertificateExpired) as refused:
        sign(services, ada, signing, holder)
    assert "nothing was signed" in refused.value.hint.lower()
    assert count(db, LogEntry) == 0


def test_a_clock_that_went_back_stops_signing_until_it_is_right(services, ada, clock):
    signing, holder = certified(services, ada)
    clock.at -= timedelta(hours=2)
    with pytest.raises(ClockUnsteady):
        sign(services, ada, signing, holder)
    clock.at += timedelta(hours=2)
    assert sign(services, ada, signing, holder).id


def test_a_new_process_sees_in_the_database_that_the_clock_went_back(services, ada, clock, db):
    accept(services, ada)
    clock.at -= timedelta(hours=2)
    with db.read() as session, pytest.raises(ClockUnsteady):
        SteadyClock(clock).now(session)


def test_a_clock_that_jumps_while_the_service_runs_is_noticed(clock, db):
    ran = [0.0]
    steady = SteadyClock(clock, lambda: ran[0])
    with db.read() as session:
        clock.at += timedelta(hours=1)
        ran[0] += 3600
        assert steady.now(session) == clock.at
        clock.at += timedelta(days=1)
        with pytest.raises(ClockUnsteady):
            steady.now(session)


def test_a_version_withdrawn_while_the_page_stood_open_is_not_signed(services, ada, db):
    signing, holder = certified(services, ada)
    services.agreements.withdraw("mcla-individual", "1.0.0")
    with pytest.raises(AgreementWithdrawn):
        sign(services, ada, signing, holder)
    assert count(db, LogEntry) == 0


def test_a_version_replaced_while_the_page_stood_open_is_not_signed(services, ada, db, tmp_path):
    signing, holder = certified(services, ada)
    services.agreements.publish(copy_version(tmp_path, "1.1.0"), "example")
    with pytest.raises(AgreementReplaced):
        sign(services, ada, signing, holder)
    assert count(db, LogEntry) == 0


def test_a_second_draft_of_a_signed_version_cannot_be_completed(services, ada, db):
    one, two = certified(services, ada), certified(services, ada)
    done = sign(services, ada, *one)
    with pytest.raises(AlreadySigned) as refused:
        sign(services, ada, *two)
    assert refused.value.extra["signature"] == done.id
    assert count(db, Signature) == count(db, LogEntry) == 1


def test_a_second_draft_of_the_same_contribution_cannot_be_completed(services, ada, db):
    accept(services, ada)
    one, two = (certified(services, ada, draft_contribution) for _ in range(2))
    done = sign(services, ada, *one)
    with pytest.raises(AlreadyContributed) as refused:
        sign(services, ada, *two)
    assert refused.value.extra["contribution"] == done.id
    assert count(db, Contribution) == 1


def test_one_completion_raced_by_eight_threads_is_recorded_once(services, ada, db):
    signing, holder = certified(services, ada)
    signature = holder.signature(signing.statement)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: services.signing.complete(ada, signing.id, signature, consent=True), range(8)))
    assert all(each == done[0] for each in done)
    assert [count(db, table) for table in (LogEntry, Signature, Record)] == [1, 1, 1]


def test_two_signings_of_one_version_raced_are_recorded_once(services, ada, db):
    pairs = [certified(services, ada) for _ in range(4)]

    def race(pair) -> str:
        try:
            return sign(services, ada, *pair).id
        except AlreadySigned:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(race, pairs))
    assert answers.count("refused") == 3
    assert count(db, Signature) == count(db, LogEntry) == 1


def test_two_signings_of_one_contribution_raced_are_recorded_once(services, ada, db):
    accept(services, ada)
    pairs = [certified(services, ada, draft_contribution) for _ in range(4)]

    def race(pair) -> str:
        try:
            return sign(services, ada, *pair).id
        except AlreadyContributed:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(race, pairs))
    assert answers.count("refused") == 3
    assert count(db, Contribution) == 1


def test_many_people_who_sign_at_once_are_all_recorded(services, db):
    from app.identity.ports import VerifiedClaims

    secrets = [
        services.identity.start_session(VerifiedClaims("demo", f"9{n}", name=f"P{n}", login=f"p{n}")) for n in range(6)
    ]
    people = [services.identity.actor_of_session(secret) for secret in secrets]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda actor: accept(services, actor), people))
    assert sorted(each.log_index for each in done) == list(range(6))
    assert all(verify_bundle(canonical_json(each.bundle), services.trust).verified for each in done)


def test_what_was_signed_is_listed_for_its_signer_alone(services, ada, bela):
    done = finish(services, ada, draft_acceptance(services, ada))
    given = give(services, ada)
    assert [each.id for each in services.signing.signatures(ada)] == [done.id]
    assert [each.id for each in services.contributions.mine(ada.contributor_id)] == [given.id]
    assert services.signing.signatures(bela) == services.contributions.mine(bela.contributor_id) == []
