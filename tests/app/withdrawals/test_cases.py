# SPDX-License-Identifier: Apache-2.0
"""Cases of taking back: open from the first moment, answered in time or said to be late, and naming nobody."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from counting import counted
from signing_walk import draft_end, end, file, give
from sqlalchemy import func, select

from app.cli.withdrawals import withdrawals
from app.identity.ports import Actor
from app.platform.db import Database
from app.wiring import build_services
from app.withdrawals.cases import NewDecision
from app.withdrawals.errors import DecisionUnfit, StageUnfit, WithdrawalUnknown
from app.withdrawals.models import Decision, ReachedStage
from mcla.artifacts.digest import DigestInvalid
from mcla.statements.statement import parse_statement

ALLOWED = NewDecision("allowed")


@pytest.fixture
def taken(services: Any, ada: Actor, gift: Any) -> Any:
    """Ada's contribution, taken back because somebody claims rights in it."""
    return end(services, ada, gift.given, reason="rights-claim", stage="S1")


def test_a_withdrawal_is_a_case_at_once_and_late_after_the_days_of_the_agreement(
    services: Any, gift: Any, taken: Any, clock: Any
) -> None:
    case = services.cases.case(taken.id)
    assert services.cases.of_contribution(gift.given.id) == case
    assert (case.state, case.stage, case.log_index) == ("waiting", "S1", taken.log_index)
    assert (case.said.answer, case.said.code) == ("yes", "for-cause")
    assert case.due_at - case.signed_at == timedelta(days=5)
    assert services.cases.waiting() == (1, 0)
    clock.at += timedelta(days=5, seconds=1)
    assert services.cases.waiting() == (1, 1)
    services.cases.decide(case.id, ALLOWED)
    assert services.cases.waiting() == (0, 0)


def test_an_end_of_an_acceptance_or_one_not_recorded_is_no_case(services: Any, ada: Actor, gift: Any) -> None:
    end(services, ada, gift.accepted)
    draft_end(services, ada, gift.given)
    assert services.cases.cases() == []
    assert services.cases.of_contribution(gift.given.id) is None
    for unknown in ("wdr_" + "0" * 26, "wdr_\0", "", gift.given.id):
        with pytest.raises(WithdrawalUnknown):
            services.cases.case(unknown)


def test_a_stage_is_recorded_once_and_never_left(services: Any, gift: Any, db: Any) -> None:
    given = gift.given.id
    assert services.cases.reached(given) is None
    services.cases.reach(given, "S2", "release 1.2")
    for wrong in ("S1", "S2", "S0", "S5", ""):
        with pytest.raises(StageUnfit):
            services.cases.reach(given, wrong, "")
    for nobody in ("ctr_" + "0" * 26, gift.accepted.id, "ctr_\0"):
        with pytest.raises(StageUnfit):
            services.cases.reach(nobody, "S3", "")
    services.cases.reach(given, "S4", "")
    assert services.cases.reached(given) == "S4"
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(ReachedStage)) == 2


def test_what_was_recorded_counts_more_than_what_the_signer_says(services: Any, gift: Any, taken: Any) -> None:
    services.cases.reach(gift.given.id, "S4", "model 2")
    case = services.cases.case(taken.id)
    assert (case.claimed_stage, case.recorded_stage, case.stage) == ("S1", "S4", "S4")
    with pytest.raises(DecisionUnfit, match="S4 was recorded"):
        services.cases.decide(case.id, NewDecision("allowed", stage="S1"))
    decided = services.cases.decide(case.id, ALLOWED)
    assert decided.decided.steps[-2:] == ("publish-advisory", "name-replacement")


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (NewDecision("allowed", steps=("out-of-repository",)), DecisionUnfit),
        (NewDecision("allowed", steps=("out-of-repository", "out-of-next-release", "burn-it")), DecisionUnfit),
        (NewDecision("refused", steps=("out-of-repository",)), DecisionUnfit),
        (NewDecision("refused", replacement="1" * 64), DecisionUnfit),
        (NewDecision("allowed", replacement="sha256:" + "1" * 64), DigestInvalid),
        (NewDecision("allowed", evidence_sha256="A" * 64), DigestInvalid),
        (NewDecision("allowed", note="x" * 4001), DecisionUnfit),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_stored(
    services: Any, taken: Any, db: Any, new: NewDecision, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        services.cases.decide(taken.id, new)
    assert caught.value.hint  # type: ignore[attr-defined]
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_nobody_decides_without_knowing_how_far_it_had_come(services: Any, ada: Actor, gift: Any) -> None:
    taken = end(services, ada, gift.given)
    assert services.cases.case(taken.id).said.answer == "depends"
    with pytest.raises(DecisionUnfit, match="Nobody knows"):
        services.cases.decide(taken.id, ALLOWED)
    assert services.cases.decide(taken.id, NewDecision("allowed", stage="S0")).decided.steps == ("leave-unmerged",)


def test_a_later_answer_corrects_and_the_earlier_one_stays(services: Any, taken: Any, db: Any) -> None:
    services.cases.decide(taken.id, NewDecision("refused", note="no proof was given"))
    assert services.cases.case(taken.id).state == "refused"
    services.cases.decide(taken.id, NewDecision("allowed", replacement="ab" * 32))
    case = services.cases.case(taken.id)
    assert (case.state, case.decided.replacement) == ("allowed", "ab" * 32)
    with db.read() as session:
        assert list(session.scalars(select(Decision.answer).order_by(Decision.number))) == ["refused", "allowed"]


def test_of_answers_at_the_same_moment_each_is_kept_or_refused(
    services: Any, taken: Any, db: Any, database_url: str
) -> None:
    others = [build_services(services.settings, Database(database_url), services.clock) for _ in range(2)]
    outcomes: list[str] = []

    def answer(one: Any) -> None:
        for _ in range(5):
            try:
                one.cases.decide(taken.id, ALLOWED)
                outcomes.append("kept")
            except DecisionUnfit:
                outcomes.append("refused")

    threads = [threading.Thread(target=answer, args=(each,)) for each in others]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    for each in others:
        each.db.dispose()
    with db.read() as session:
        numbers = list(session.scalars(select(Decision.number).order_by(Decision.number)))
    assert len(outcomes) == 10
    assert numbers == list(range(1, outcomes.count("kept") + 1))


def test_the_notices_are_a_list_for_programs_page_by_page(
    services: Any, client: Any, ada: Actor, gift: Any, taken: Any
) -> None:
    second = give(services, ada, file("other.py", b"other"))
    later = end(services, ada, second)
    services.cases.decide(taken.id, NewDecision("allowed", replacement="cd" * 32, note="secret reasons"))
    first = client.get("/api/v1/withdrawals?limit=1")
    (told,) = first.get_json()["notices"]
    assert (told["id"], told["state"], told["stage"], told["stage_from"]) == (taken.id, "allowed", "S1", "foundation")
    assert [each["code"] for each in told["steps"]] == ["out-of-repository", "out-of-next-release"]
    assert told["replacement"] == "sha256:" + "cd" * 32
    link = first.get_json()["next"]
    assert first.headers["Link"] == f'<{link}>; rel="next"'
    rest = client.get(link.removeprefix(services.settings.origin)).get_json()
    assert [each["id"] for each in rest["notices"]] == [later.id]
    assert (rest["notices"][0]["state"], rest["notices"][0]["stage_from"]) == ("waiting", None)
    rest_of_it = {"downstream": [], "downstream_whole": True}
    assert client.get(f"/api/v1/withdrawals/{taken.id}").get_json() == told | rest_of_it
    signer = parse_statement(services.signing.signing(ada, "sng_" + gift.given.id[4:]).statement).signer
    for hidden in (signer, "secret reasons", ada.name, ada.login):
        assert hidden not in json.dumps(told) + client.get(f"/withdrawals/{taken.id}").text
    assert client.get("/api/v1/withdrawals?after=x").status_code == 422
    assert client.get("/api/v1/withdrawals/wdr_none").status_code == 404


def test_any_number_of_cases_is_read_in_the_same_statements(services: Any, ada: Actor, taken: Any, db: Any) -> None:
    with counted(db) as one:
        services.cases.cases()
    for number in range(3):
        end(services, ada, give(services, ada, file(f"{number}.py", str(number).encode())))
    with counted(db) as four:
        assert len(services.cases.cases()) == 4
    assert len(four) == len(one)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, ("answer is due by", "Not decided yet")),
        (NewDecision("allowed"), ("Taken back. The foundation ends its use.", "leaves the project")),
        (NewDecision("refused"), ("does not allow it any more", "stays licensed as before")),
    ],
)
def test_the_notice_says_what_is_done_and_what_cannot_be_undone(
    services: Any, client: Any, gift: Any, taken: Any, answer: NewDecision | None, words: tuple[str, ...]
) -> None:
    if answer:
        services.cases.decide(taken.id, answer)
    page = client.get(f"/withdrawals/{taken.id}").text
    for said in (*words, "Copies that others made", "Somebody else claims rights in it", gift.given.id):
        assert said in page
    assert client.get("/withdrawals/wdr_none").status_code == 404


def test_the_command_lists_shows_records_and_answers(
    services: Any, gift: Any, taken: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("app.cli.withdrawals._services", lambda: services)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(withdrawals, words)
        return done.exit_code, done.output

    assert run("reach", gift.given.id, "S2", "--evidence", "release 1.0")[0] == 0
    code, said = run("list")
    assert (code, taken.id in said, "waiting" in said) == (0, True, True)
    clock.at += timedelta(days=6)
    assert run("list")[0] == 1
    assert "OVERDUE" in run("list")[1]
    shown = run("show", taken.id)[1]
    for part in ("S2 recorded, S1 as was said then", "flag-old-releases", "yes: The agreement names this cause"):
        assert part in shown
    assert json.loads(run("show", taken.id, "--json")[1])["claimed_stage"] == "S1"
    letter = tmp_path / "letter.txt"
    letter.write_text("a claim")
    code, said = run("decide", taken.id, "allowed", "--evidence", str(letter), "--note", "a claim")
    assert (code, said.strip()) == (0, f"allowed: {services.settings.origin}/withdrawals/{taken.id}")
    assert run("list")[1].strip() == "Nothing waits for an answer."
    assert json.loads(run("list", "--all", "--json")[1])["cases"][0]["state"] == "allowed"


def test_the_page_before_says_what_the_agreement_allows_at_each_stage(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    from signin import sign_in

    accept_again = sign_in(client, services)
    assert accept_again.contributor_id == ada.contributor_id
    page = client.get(f"/contributions/{gift.given.id}/end").text
    assert "has not recorded yet how far it has come" in page
    assert page.count("No, a cause is needed") == 3
    assert page.count("Older releases that hold it are marked") == 3
    services.cases.reach(gift.given.id, "S3", "model 1")
    again = client.get(f"/contributions/{gift.given.id}/end").text
    assert "Used to train a model (recorded)" in again
