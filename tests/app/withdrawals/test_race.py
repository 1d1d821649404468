# SPDX-License-Identifier: Apache-2.0
"""An end and a contribution at the same moment: whatever wins, API, list and verifier say the order of the log."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from signing_walk import accept, certified, draft_contribution, draft_end, file, sign

from app.identity.ports import Actor
from app.signing.errors import AcceptanceEnded
from mcla.statements.canonical import canonical_json
from mcla.verify.standing import standing_of
from mcla.verify.verifier import verify_bundle
from mcla.verify.withdrawals import open_snapshot

ROUNDS = 8


def test_the_outcome_of_a_race_equals_the_order_of_the_log_for_everybody(services: Any, ada: Actor) -> None:
    seen = [race(services, ada, number) for number in range(ROUNDS)]
    assert set(seen) <= {"in-force", "refused", "given-after-end"}
    assert len(seen) == ROUNDS


def race(services: Any, ada: Actor, number: int) -> str:
    """One round; answers what became of the contribution."""
    accepted, start = accept(services, ada), Barrier(2)
    files = file(f"f{number}", str(number).encode())
    giving, ending = (
        certified(services, ada, lambda *who: draft_contribution(*who, files)),
        certified(services, ada, lambda *who: draft_end(*who, accepted)),
    )

    def run(signing: Any, holder: Any) -> Any:
        start.wait(timeout=60)
        try:
            return sign(services, ada, signing, holder)
        except AcceptanceEnded as refusal:
            return refusal

    with ThreadPoolExecutor(2) as both:
        given, ended = [each.result() for each in [both.submit(run, *pair) for pair in (giving, ending)]]
    if isinstance(given, AcceptanceEnded):
        assert not services.contributions.artifact(f"sha256:{files.sha256}").contributions
        return "refused"
    expected = "in-force" if given.log_index < ended.log_index else "given-after-end"
    assert told_by_everybody(services, given) == {expected}
    return expected


def told_by_everybody(services: Any, given: Any) -> set[str]:
    api = services.contributions.contribution(given.id, None).standing
    bundle = canonical_json(given.bundle)
    posted = services.contributions.verify_bundle(bundle).withdrawal
    verdict, snapshot = (
        verify_bundle(bundle, services.trust),
        open_snapshot(services.withdrawals.snapshot(), services.trust),
    )
    offline = standing_of(verdict.statement or {}, snapshot.ends, snapshot.as_of)
    return {each.code for each in (api, posted, offline)}


def test_a_contribution_that_the_log_has_after_the_end_was_never_in_force(
    services: Any, ada: Actor, client: Any, monkeypatch: Any
) -> None:
    """Signed first and recorded last: here the log's order is made to differ from the order of signing."""
    from app.log.errors import LogBusy
    from app.signing.errors import RecordingDelayed

    accepted = accept(services, ada)
    giving = certified(services, ada, draft_contribution)

    def busy(*_: object) -> None:
        raise LogBusy("The log is busy.")

    with monkeypatch.context() as broken:
        broken.setattr(type(services.log), "append", busy)
        try:
            sign(services, ada, *giving)
        except RecordingDelayed:
            delayed = True
    assert delayed
    sign(services, ada, *certified(services, ada, lambda *who: draft_end(*who, accepted)))
    given = sign(services, ada, *giving)
    assert told_by_everybody(services, given) == {"given-after-end"}
    told = client.get(f"/api/v1/artifacts/sha256:{file().sha256}").get_json()
    assert (told["verdict"], told["state"], told["reasons"][0]["code"]) == ("not-verified", "ended", "given-after-end")
    page = client.get(f"/verify?digest={file().sha256}").text
    assert "never in force" in page
