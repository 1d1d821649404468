# SPDX-License-Identifier: Apache-2.0
"""When an offer counts, offline: to the second, by the log's order, and by the foundation's own signature alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from interop.private_sigstore import FILES, NOW, ORIGIN, SIGNER, PrivateSigstore, offer, offer_answer

from mcla.artifacts.digest import sha256_hex
from mcla.verify.answers import AnswerUnfit, answered
from mcla.verify.artifact import OnlyAnswer
from mcla.verify.offers import Answer, counted, stand
from mcla.verify.standing import NOT_LOOKED_AT, AsOf, End, Standing
from mcla.verify.verdict import Verdict
from mcla.verify.verifier import verify_artifact, verify_bundle

OFFER = offer(FILES)
SAID = {"offer": {"until": "2030-01-31T12:00:00Z"}}
UNTIL = NOW.replace(year=2030, month=1, day=31, hour=12, minute=0, second=0, microsecond=0)
SECOND = timedelta(seconds=1)


def known(at: Any = UNTIL, end: End | None = None) -> Standing:
    state: Any = "ended" if end else "in-force"
    return Standing(state, state, "", valid_then=True, valid_now=end is None, since=end, as_of=AsOf(100, at))


def counter(at: Any = UNTIL, index: int = 10) -> Answer:
    return Answer("counter-signed", None, index, at)


@pytest.mark.parametrize(
    ("answer", "standing", "state", "then"),
    [
        (None, known(), "pending", None),
        (None, known(UNTIL + SECOND), "lapsed", False),
        (None, NOT_LOOKED_AT, "pending", None),
        (counter(), known(), "in-force", True),
        (counter(), known(UNTIL + 400 * SECOND), "in-force", True),
        (counter(UNTIL + SECOND), known(), "lapsed", False),
        (counter(), NOT_LOOKED_AT, "unknown", None),
        (Answer("declined", "quality", 10, UNTIL), known(), "declined", False),
        (Answer("declined", "quality", 10, UNTIL + SECOND), known(), "lapsed", False),
        (counter(), known(end=End(9, UNTIL)), "ended", False),
        (counter(), known(end=End(11, UNTIL)), "ended", True),
        (counter(UNTIL + SECOND), known(end=End(11, UNTIL)), "ended", False),
        (None, known(end=End(11, UNTIL)), "ended", False),
    ],
)
def test_an_offer_stands_as_its_answer_its_end_and_its_limit_say(
    answer: Answer | None, standing: Standing, state: str, then: bool | None
) -> None:
    found = stand(SAID, answer, standing)
    assert (found.state, found.valid_then) == (state, then)


@pytest.fixture(scope="module")
def alone(service: PrivateSigstore) -> Verdict:
    return verify_bundle(service.sign(OFFER.to_bytes()).bytes(), service.trust)


def test_a_bundle_of_an_offer_is_never_a_yes_by_itself(service: PrivateSigstore, alone: Verdict) -> None:
    assert (alone.verdict, alone.sound, alone.withdrawal.state) == ("unknown", True, "pending")
    for target in (OFFER.root, sha256_hex(b"weights")):
        verdict = verify_artifact(target, service.sign(OFFER.to_bytes()).bytes(), service.trust)
        assert (verdict.verdict, verdict.step("artifact").outcome) == ("unknown", "yes")
    broken = verify_artifact("a" * 64, service.sign(OFFER.to_bytes()).bytes(), service.trust)
    assert (broken.verdict, broken.sound) == ("not-verified", False)


def test_an_answer_covers_no_file(service: PrivateSigstore) -> None:
    bundle = service.sign(offer_answer(OFFER).to_bytes(), signer=offer_answer(OFFER).signer).bytes()
    verdict = verify_artifact(OFFER.root, bundle, service.trust)
    assert (verdict.verdict, verdict.reasons[0].code) == ("not-verified", OnlyAnswer.code)


def test_the_foundations_own_signature_makes_it_count(service: PrivateSigstore, alone: Verdict) -> None:
    answer = offer_answer(OFFER)
    bundle = service.sign(answer.to_bytes(), signer=answer.signer).bytes()
    both = counted(alone, answered(alone, bundle, service.trust), NOT_LOOKED_AT)
    assert both.verdict == "verified"
    assert both.statement["offer"]["answered"]["answer"] == "counter-signed"


def test_a_counter_signature_in_another_log_is_none_for_nobody_knows_which_came_first(
    service: PrivateSigstore, alone: Verdict
) -> None:
    answer = offer_answer(OFFER)
    bundle = service.sign(answer.to_bytes(), signer=answer.signer).bytes()
    assert alone.checkpoint is not None
    elsewhere = replace(alone, checkpoint=replace(alone.checkpoint, origin="other.example"))
    assert answered(alone, bundle, service.trust)
    with pytest.raises(AnswerUnfit, match=r"log other\.example"):
        answered(elsewhere, bundle, service.trust)


@pytest.mark.parametrize(
    "changed",
    [
        {"signer": SIGNER},
        {"signer": f"{ORIGIN}/signers/fnd_2"},
        {"foundation": "elsewhere"},
    ],
)
def test_a_counter_signature_by_the_giver_or_another_foundation_is_none(
    service: PrivateSigstore, alone: Verdict, changed: dict[str, Any]
) -> None:
    answer = offer_answer(OFFER, **changed)
    bundle = service.sign(answer.to_bytes(), signer=answer.signer).bytes()
    assert verify_bundle(bundle, service.trust).verified  # sound by itself, and still no answer to this offer
    with pytest.raises(AnswerUnfit):
        answered(alone, bundle, service.trust)
