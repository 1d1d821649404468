# SPDX-License-Identifier: Apache-2.0
"""A crash between any two steps: before `signed` nothing happened, after it the job finishes what was begun."""

from datetime import timedelta

import pytest
from signing_walk import Holder, accept, certify, draft_acceptance, draft_contribution
from sqlalchemy import func, select

from app.contributions import recording
from app.contributions.models import Contribution
from app.log.models import LogEntry
from app.records.models import Record
from app.signing import complete, finish
from app.signing.errors import BundleUnsound, NotCertified, RecordingDelayed, SigningUnknown
from app.signing.models import Signature
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.verify.verdict import Reason, Verdict
from mcla.verify.verifier import verify_bundle


class Crash(BaseException):
    """The process dies here: nothing catches it."""


def dies(*_: object, **__: object) -> None:
    raise Crash


def count(db, table) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def certified(services, actor, draft=draft_acceptance):
    signing, holder = draft(services, actor), Holder()
    certify(services, actor, signing, holder)
    return signing, holder.signature(signing.statement)


# where the process dies, and what a caller who asks again finds
BEFORE = [(complete, "issue_timestamp"), (complete, "lock_signers"), (complete, "changed_rows"), (complete, "add_job")]
AFTER = [
    (finish, "statement_of"),
    (finish, "envelope_body"),
    (finish, "make_bundle"),
    (finish, "verify_bundle"),
    (finish, "changed_rows"),
    (finish, "Signature"),
]


@pytest.mark.parametrize(("module", "name"), BEFORE, ids=lambda value: getattr(value, "__name__", value))
def test_a_crash_before_the_commit_leaves_nothing_signed(services, ada, db, monkeypatch, module, name):
    signing, signature = certified(services, ada)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, dies)
        with pytest.raises(Crash):
            services.signing.complete(ada, signing.id, signature, consent=True)
    assert services.signing.signing(ada, signing.id).state == "certified"
    assert count(db, LogEntry) == 0
    assert services.signing.complete(ada, signing.id, signature, consent=True).log_index == 0


@pytest.mark.parametrize(("module", "name"), AFTER, ids=lambda value: getattr(value, "__name__", value))
def test_a_crash_after_the_commit_is_finished_by_the_job(services, ada, db, clock, monkeypatch, module, name):
    signing, signature = certified(services, ada)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, dies)
        with pytest.raises(Crash):
            services.signing.complete(ada, signing.id, signature, consent=True)
    assert count(db, Signature) == 0
    clock.at += timedelta(hours=1)  # the certificate is long over: the timestamp is what counts
    services.worker.run_due(1)
    done = services.signing.signing(ada, signing.id).result
    assert done is not None
    assert verify_bundle(canonical_json(done.bundle), services.trust).verified
    assert [count(db, table) for table in (LogEntry, Signature, Record)] == [1, 1, 1]
    assert services.signing.complete(ada, signing.id, signature, consent=True) == done


def test_a_crash_inside_the_last_transaction_leaves_no_half_of_a_contribution(services, ada, db, clock, monkeypatch):
    accept(services, ada)
    signing, signature = certified(services, ada, draft_contribution)
    with monkeypatch.context() as patched:
        patched.setattr(recording, "_store_artifacts", dies)
        with pytest.raises(Crash):
            services.signing.complete(ada, signing.id, signature, consent=True)
    assert count(db, Contribution) == 0
    assert services.signing.signing(ada, signing.id).state == "signed"
    done = services.signing.complete(ada, signing.id, signature, consent=True)
    assert (count(db, Contribution), count(db, LogEntry)) == (1, 2)
    clock.at += timedelta(hours=1)
    services.worker.run_due(1)
    assert services.signing.signing(ada, signing.id).result == done


class LogAway(MclaError):
    """The log of this test does not answer."""

    code = "log-away"
    status = 503


def test_a_log_that_is_away_delays_the_recording_and_says_so(services, ada, db, clock, monkeypatch):
    signing, signature = certified(services, ada)

    def away(_: object) -> None:
        raise LogAway("the log is away")

    with monkeypatch.context() as patched:
        patched.setattr(services.log, "append", away)
        with pytest.raises(RecordingDelayed) as refused:
            services.signing.complete(ada, signing.id, signature, consent=True)
    assert refused.value.extra["reason"] == "log-away"
    assert services.signing.signing(ada, signing.id).state == "signed"
    clock.at += timedelta(minutes=1)
    services.worker.run_due(1)
    assert services.signing.signing(ada, signing.id).state == "complete"


def test_a_bundle_that_our_own_verifier_refuses_is_not_stored(services, ada, db, monkeypatch):
    signing, signature = certified(services, ada)
    with monkeypatch.context() as patched:
        unsound = Verdict("not-verified", (Reason("made-up", "for this test"),))
        patched.setattr(finish, "verify_bundle", lambda *_, **__: unsound)
        with pytest.raises(RecordingDelayed) as refused:
            services.signing.complete(ada, signing.id, signature, consent=True)
        assert refused.value.extra["reason"] == BundleUnsound.code
    assert count(db, Signature) == 0
    assert services.signing.complete(ada, signing.id, signature, consent=True).log_index == 0


def test_while_it_is_being_recorded_the_same_thing_is_not_signed_twice(services, ada, monkeypatch):
    from app.signing.errors import AlreadySigned

    signing, signature = certified(services, ada)
    other, other_signature = certified(services, ada)
    with monkeypatch.context() as patched:
        patched.setattr(finish, "envelope_body", dies)
        with pytest.raises(Crash):
            services.signing.complete(ada, signing.id, signature, consent=True)
    with pytest.raises(AlreadySigned):
        services.signing.complete(ada, other.id, other_signature, consent=True)


def test_the_job_of_a_signing_that_is_complete_changes_nothing(services, ada, db):
    done = accept(services, ada)
    for _ in range(3):
        services.signing.finish("sng_" + done.id[4:])
    assert [count(db, table) for table in (LogEntry, Signature, Record)] == [1, 1, 1]


def test_a_signing_that_was_not_signed_cannot_be_finished(services, ada):
    with pytest.raises(NotCertified):
        services.signing.finish(draft_acceptance(services, ada).id)
    with pytest.raises(SigningUnknown):
        services.signing.finish("sng_00000000000000000000000000")
