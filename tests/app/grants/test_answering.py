# SPDX-License-Identifier: Apache-2.0
"""An offer counts once the foundation has counter-signed it in time, and what stands against an answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from company_walk import somebody
from grant_walk import SIGNED, act_for, countersign, draft_offer, offer
from signing_walk import PROJECT, accept, draft_contribution, end, file, give

from app.coverage.values import Coverage
from app.grants.answering import NewAnswer
from app.grants.errors import OfferAnswered, OfferLapsed, OfferTakenBack, OfferUnknown, OwnOffer
from app.identity.ports import Actor
from app.projects.staff import NotStaff
from app.signing.errors import AgreementNotSigned, AlreadyContributed, NotForOffers
from app.signing.values import Completed
from app.withdrawals.errors import DecisionUnfit
from app.withdrawals.values import NewDecision
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.verify.answers import AnswerUnfit, answered
from mcla.verify.offers import counted
from mcla.verify.standing import standing_of
from mcla.verify.verifier import verify_artifact, verify_bundle
from mcla.verify.withdrawals import open_snapshot

DAYS = timedelta(days=30)
"""What the published terms of the grant say, in text and terms.toml; the code knows no number."""


def artifact(services: Any, digest: str = "") -> tuple[str, str]:
    found = services.contributions.artifact(f"sha256:{digest or file().sha256}")
    return found.verdict, found.state


def coverage(services: Any, at: Any = None) -> str:
    found: Coverage = services.coverage.of_artifact(PROJECT, f"sha256:{file().sha256}", "code", at)
    return found.kinds["code"].code


def offline(services: Any, given: Completed, answer: Any = None) -> tuple[str, str]:
    """What `mcla verify` says with these files, the signed list of withdrawals among them."""
    verdict = verify_bundle(canonical_json(given.bundle), services.trust)
    snapshot = open_snapshot(services.withdrawals.snapshot(), services.trust)
    found = answered(verdict, canonical_json(answer), services.trust) if answer else None
    told = counted(verdict, found, standing_of(verdict.statement or {}, snapshot.ends, snapshot.as_of))
    return told.verdict, told.withdrawal.state


def test_a_counter_signature_after_the_limit_is_refused_and_the_offer_can_be_signed_again(
    services: Any, clock: Any, ada: Actor, staff: Actor
) -> None:
    given = offer(services, ada)
    until = services.grants.offer(given.id).until
    assert until - clock.now().replace(microsecond=0) == DAYS
    clock.at = until + timedelta(seconds=1)
    with pytest.raises(OfferLapsed) as refused:
        countersign(services, staff, given)
    assert "sign the offer again" in str(refused.value.hint)
    assert artifact(services) == ("not-verified", "lapsed") == offline(services, given)
    assert coverage(services) == "contribution-lapsed"
    assert services.grants.offers() == []
    again = offer(services, ada)
    clock.at = services.grants.offer(again.id).until
    assert countersign(services, staff, again).standing.state == "in-force"
    assert artifact(services) == ("verified", "in-force")
    assert services.contributions.contribution(given.id, None).standing.state == "lapsed"


def test_nothing_counts_before_the_counter_signature_and_the_past_stays_as_it_was(
    services: Any, clock: Any, ada: Actor, staff: Actor
) -> None:
    given = offer(services, ada)
    assert artifact(services) == ("unknown", "pending") == offline(services, given)
    alone = verify_artifact(file().sha256, canonical_json(given.bundle), services.trust)
    assert (alone.verdict, alone.sound, alone.reasons[0].code) == ("unknown", True, "counter-signature-missing")
    assert coverage(services) == "contribution-pending"
    before = clock.now()
    clock.at += timedelta(days=3)
    countersign(services, staff, given)
    bundle = services.grants.answer_bundle(given.id)
    assert artifact(services) == ("verified", "in-force") == offline(services, given, bundle)
    assert (coverage(services), coverage(services, before)) == ("covered", "contribution-pending")
    since = services.coverage.of_artifact(PROJECT, f"sha256:{file().sha256}", "code", None).kinds["code"].basis.since
    assert since == clock.now().replace(microsecond=0)


def test_only_these_files_are_covered_and_nothing_else_of_the_person(services: Any, ada: Actor, staff: Actor) -> None:
    countersign(services, staff, offer(services, ada))
    assert artifact(services, file("other.py", b"other").sha256) == ("unknown", "unknown")
    account = services.coverage.of_account(PROJECT, ada.provider, ada.subject, "code", None)
    assert account.kinds["code"].code == "agreement-not-signed"
    with pytest.raises(AgreementNotSigned):
        draft_contribution(services, ada, file("other.py", b"other"))


def test_an_answer_is_given_once_and_by_the_foundation_alone(services: Any, ada: Actor, staff: Actor) -> None:
    given = offer(services, ada)
    services.projects.ensure_foundation("elsewhere", "Elsewhere", "contact@elsewhere.example")
    stranger = act_for(services, somebody(services, "chen"), "elsewhere")
    for actor in (stranger, ada):
        with pytest.raises(NotStaff):
            countersign(services, actor, given)
    with pytest.raises(OwnOffer):
        countersign(services, act_for(services, ada), given)
    with pytest.raises(OfferUnknown):
        services.grants.offer(given.id, [services.projects.foundation("elsewhere").id])
    assert artifact(services) == ("unknown", "pending")
    countersign(services, staff, given)
    for new in (SIGNED, NewAnswer("declined", "quality")):
        with pytest.raises(OfferAnswered, match="counter-signed"):
            services.grants.answer(staff, given.id, new)


def test_what_is_no_offer_cannot_be_answered(services: Any, ada: Actor, staff: Actor) -> None:
    accepted = accept(services, ada)
    for each in (accepted.id, give(services, ada).id, "ctr_nothing", "ctr_" + "0" * 26, "\0"):
        with pytest.raises(OfferUnknown):
            services.grants.answer(staff, each, SIGNED)


def test_a_declined_offer_licenses_nothing_and_can_be_made_again(services: Any, ada: Actor, staff: Actor) -> None:
    given = offer(services, ada)
    with pytest.raises(AlreadyContributed):
        draft_offer(services, ada)
    found = services.grants.answer(staff, given.id, NewAnswer("declined", "licence-unfit"))
    assert (found.standing.state, found.answer.reason) == ("declined", "licence-unfit")
    told = offline(services, given, services.grants.answer_bundle(given.id))
    assert artifact(services) == ("not-verified", "declined") == told
    assert offer(services, ada).id != given.id


def test_a_giver_takes_an_offer_back_freely_and_a_grant_for_a_cause_only(
    services: Any, ada: Actor, staff: Actor
) -> None:
    given = offer(services, ada)
    ended = end(services, ada, given)
    with pytest.raises(OfferTakenBack):
        countersign(services, staff, given)
    case = services.cases.case(ended.id)
    assert (case.granted, case.said.answer, case.said.code) == (False, "yes", "offer-open")
    mine = [services.projects.foundation("example").id]
    assert (case.state, services.cases.waiting(), services.cases.waiting_for(mine)) == ("never-bound", (0, 0), [])
    with pytest.raises(DecisionUnfit, match="licensed nothing"):
        services.cases.decide(case.id, NewDecision("allowed", stage="S0"))
    stands = services.contributions.contribution(given.id, None).standing
    assert (stands.state, stands.code, stands.valid_then) == ("ended", "offer-taken-back", False)
    again = offer(services, ada)
    countersign(services, staff, again)
    cases = [services.cases.case(end(services, ada, again, stage="S0").id)]
    assert (cases[0].granted, cases[0].said.answer, cases[0].said.code) == (True, "no", "cause-needed")
    assert [each.id for each in services.cases.waiting_for(mine)] == [cases[0].id]
    stands = services.contributions.contribution(again.id, None).standing
    assert (stands.state, stands.valid_then, stands.valid_now) == ("ended", True, False)
    bundle = services.grants.answer_bundle(again.id)
    assert offline(services, again, bundle) == ("verified", "ended")


def test_another_offers_answer_and_somebody_elses_bundle_prove_nothing(services: Any, ada: Actor, staff: Actor) -> None:
    one, two = offer(services, ada), offer(services, ada, file("two.py", b"two"))
    countersign(services, staff, two)
    verdict = verify_bundle(canonical_json(one.bundle), services.trust)
    other = services.grants.answer_bundle(two.id)
    changed = {**other, "dsseEnvelope": {**other["dsseEnvelope"], "payload": one.bundle["dsseEnvelope"]["payload"]}}
    for bundle in (other, two.bundle, one.bundle, changed, {}):
        with pytest.raises(AnswerUnfit):
            answered(verdict, canonical_json(bundle), services.trust)
    plain = verify_bundle(canonical_json(accept(services, ada).bundle), services.trust)
    with pytest.raises(AnswerUnfit, match="something else"):
        answered(plain, canonical_json(other), services.trust)


@pytest.mark.parametrize("second", [SIGNED, NewAnswer("declined", "none-given"), None], ids=["both", "decline", "end"])
def test_of_two_answers_at_once_one_is_recorded_and_everybody_says_the_same(
    services: Any, ada: Actor, staff: Actor, second: NewAnswer | None
) -> None:
    given, start = offer(services, ada), Barrier(2)

    def run(new: NewAnswer | None) -> str:
        start.wait(timeout=60)
        try:
            if new is None:
                end(services, ada, given)
            else:
                services.grants.answer(staff, given.id, new)
        except MclaError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as both:
        said = sorted(each.result() for each in [both.submit(run, new) for new in (SIGNED, second)])
    state = services.contributions.contribution(given.id, None).standing.state
    if second is None:
        assert state == "ended"
        assert set(said) <= {"done", "offer-taken-back"}
    else:
        assert said == ["done", "offer-answered"]
        word = services.grants.offer(given.id).answer.word
        assert state == {"counter-signed": "in-force", "declined": "declined"}[word]


def test_an_answer_that_the_log_did_not_take_is_finished_by_its_job(
    services: Any, clock: Any, ada: Actor, staff: Actor, monkeypatch: Any
) -> None:
    from app.log.errors import LogBusy
    from app.signing.errors import RecordingDelayed

    given = offer(services, ada)

    def busy(*_: object) -> None:
        raise LogBusy("The log is busy.")

    with monkeypatch.context() as broken:
        broken.setattr(type(services.log), "append", busy)
        with pytest.raises(RecordingDelayed):
            countersign(services, staff, given)
    assert artifact(services) == ("unknown", "pending")
    with pytest.raises(OfferAnswered):
        countersign(services, staff, given)
    # Recorded after the limit, but signed within it: the timestamp decides.
    clock.at = services.grants.offer(given.id).until + timedelta(minutes=5)
    services.worker.run_due()
    assert artifact(services) == ("verified", "in-force")
    assert services.records.state_of(services.grants.offer(given.id).signing_id).state == "sealed"


def test_an_agreement_that_is_none_for_offers_is_refused_by_name(services: Any, ada: Actor) -> None:
    def draft(agreement: str, **more: Any) -> Any:
        return services.signing.draft_contribution(
            ada, PROJECT, "code", (file(),), {}, "cli", agreement=agreement, **more
        )

    with pytest.raises(NotForOffers, match="everything that somebody gives"):
        draft("mcla-individual")
    with pytest.raises(MclaError, match="mcla-nothing"):
        draft("mcla-nothing")


def test_the_record_waits_for_the_counter_signature_and_carries_both_signatures(
    services: Any, ada: Actor, staff: Actor
) -> None:
    from app.records.data import COUNTER_JSON, attached_files
    from app.records.load import load

    given = offer(services, ada)
    signing = services.grants.offer(given.id).signing_id
    services.worker.run_due()
    assert services.records.state_of(signing).state == "waiting"
    countersign(services, staff, given)
    with services.db.read() as session:
        data = load(session, services.records.state_of(signing).id, services.trust, "0" * 64)
    names = {each.name for each in attached_files(data)}
    assert COUNTER_JSON in names
    assert data.counter is not None
    assert data.counter.log_index == services.grants.offer(given.id).answer.log_index
