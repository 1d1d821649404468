# SPDX-License-Identifier: Apache-2.0
"""A key that is ended at once: who is signing hears to sign again, and nothing void is said to be recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from company_walk import EXAMPLE, found, publish_corporate, somebody
from signing_walk import accept, bearer, certified, count, draft_contribution, draft_end, give, sign
from sqlalchemy import select

from app.log.models import LogEntry
from app.platform.jobs import Job
from app.platform.keys.rotate import rotate
from app.signing.errors import BundleUnsound, KeyEnded, RecordingDelayed
from app.signing.models import Signing
from mcla.envelope.encoding import encode_base64
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.verify.verifier import verify_bundle

CERTIFYING = pytest.mark.parametrize("kind", ["ca", "ct"])
DATING = pytest.mark.parametrize("kind", ["ca", "ct", "tsa"])


@pytest.fixture
def own(services: Any, own_keys: Any) -> Any:
    """The services over keys of their own."""
    return services


class LogAway(MclaError):
    """The log of this test does not answer."""

    status = 503


@contextmanager
def without_log(services: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def away(_: object) -> None:
        raise LogAway("the log is away")

    with monkeypatch.context() as patched:
        patched.setattr(services.log, "append", away)
        yield


def steal(services: Any, kind: Any, ago: timedelta = timedelta(0)) -> None:
    """The key was last safe so long ago; it is known a second later than whatever happened before."""
    services.clock.at += timedelta(seconds=1)
    rotate(services.settings, kind, services.clock.at, services.clock.at - ago, stolen=True)
    services.clock.at += timedelta(seconds=1)


def holds(services: Any, done: Any) -> bool:
    return verify_bundle(canonical_json(done.bundle), services.trust).verified


@CERTIFYING
def test_a_certificate_by_an_ended_key_signs_nothing_and_the_next_one_does(
    own: Any, ada: Any, db: Any, kind: Any
) -> None:
    signing, holder = certified(own, ada)
    steal(own, kind)
    with pytest.raises(KeyEnded) as refused:
        sign(own, ada, signing, holder)
    assert "sign again" in refused.value.hint
    assert "Nothing was signed" in refused.value.message
    assert (count(db, LogEntry), own.signing.signing(ada, signing.id).state) == (0, "certified")
    assert holds(own, accept(own, ada))


@pytest.mark.parametrize("kind", ["tsa", "log", "document"])
def test_keys_that_certify_nobody_end_at_once_without_turning_anybody_away(own: Any, ada: Any, kind: Any) -> None:
    pair = certified(own, ada)
    steal(own, kind)
    assert holds(own, sign(own, ada, *pair))


@DATING
def test_what_was_signed_but_not_recorded_before_the_end_became_known_is_signed_again(
    own: Any, ada: Any, db: Any, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    signing, holder = certified(own, ada)
    with without_log(own, monkeypatch), pytest.raises(RecordingDelayed):
        sign(own, ada, signing, holder)
    steal(own, kind, ago=timedelta(minutes=1))
    own.clock.at += timedelta(minutes=1)
    own.worker.run_due()
    assert [job.state for job in _jobs(db)] == ["done"]
    for _ in range(2):
        with pytest.raises(KeyEnded, match="was not recorded"):
            sign(own, ada, signing, holder)
    assert (count(db, LogEntry), own.signing.signing(ada, signing.id).state) == (0, "void")
    with db.read() as session:
        assert session.get_one(Signing, signing.id).signature
    assert holds(own, accept(own, ada))


@DATING
def test_what_was_signed_before_the_end_is_recorded_after_it(
    own: Any, ada: Any, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    signing, holder = certified(own, ada)
    with without_log(own, monkeypatch), pytest.raises(RecordingDelayed):
        sign(own, ada, signing, holder)
    steal(own, kind, ago=timedelta(seconds=1))
    assert holds(own, sign(own, ada, signing, holder))


def test_a_contribution_that_became_void_can_be_given_again(
    own: Any, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(own, ada)
    own.clock.at += timedelta(minutes=5)
    pair = certified(own, ada, draft_contribution)
    with without_log(own, monkeypatch), pytest.raises(RecordingDelayed):
        sign(own, ada, *pair)
    steal(own, "ca", ago=timedelta(minutes=1))
    with pytest.raises(KeyEnded):
        sign(own, ada, *pair)
    assert holds(own, sign(own, ada, *certified(own, ada, draft_contribution)))


def test_a_company_that_was_signed_for_in_vain_is_signed_for_again(
    own: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_corporate(own)
    sig = somebody(own, "sig")
    pair = certified(
        own, sig, lambda services, who: services.companies.draft_acceptance(who, "mcla-corporate", None, EXAMPLE, "cli")
    )
    with without_log(own, monkeypatch), pytest.raises(RecordingDelayed):
        sign(own, sig, *pair)
    steal(own, "ca", ago=timedelta(minutes=1))
    with pytest.raises(KeyEnded):
        sign(own, sig, *pair)
    found(own, sig)
    assert count(db, LogEntry) == 1


def test_a_withdrawal_takes_effect_whatever_became_of_the_keys(
    own: Any, ada: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(own, ada)
    given = give(own, ada)
    own.clock.at += timedelta(minutes=5)
    pair = certified(own, ada, lambda services, actor: draft_end(services, actor, given))
    with without_log(own, monkeypatch), pytest.raises(RecordingDelayed):
        sign(own, ada, *pair)
    steal(own, "ca", ago=timedelta(minutes=1))
    with pytest.raises(RecordingDelayed) as delayed:
        sign(own, ada, *pair)
    assert delayed.value.extra["reason"] == BundleUnsound.code
    assert count(db, LogEntry) == 3
    ended = own.signing.endable(ada, given.id)[1]
    assert ended is not None
    assert ended.log_index == 2


def test_over_http_the_answer_says_that_nothing_was_signed_and_what_to_do(own: Any, ada: Any, client: Any) -> None:
    signing, holder = certified(own, ada)
    steal(own, "ca")
    body = {"signature": encode_base64(holder.signature(signing.statement)), "consent": True}
    answer = client.post(f"/api/v1/signings/{signing.id}/signature", json=body, headers=bearer(own, ada))
    assert (answer.status_code, answer.json["code"]) == (409, "key-ended")
    assert answer.json["hint"].startswith("Open the page, or run the command, once more")


def _jobs(db: Any) -> list[Job]:
    with db.read() as session:
        return list(session.scalars(select(Job).where(Job.kind == "signing.finish")))
