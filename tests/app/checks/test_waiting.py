# SPDX-License-Identifier: Apache-2.0
"""Checks that wait: each fact asks them again, through the outbox alone, and another answer is told once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from check_questions import question, sent
from company_walk import change as change_company
from counting import counted
from receivers import Receiver, run
from signing_walk import accept, end, give
from sqlalchemy import func, select

from app.checks.errors import HeadSuperseded, WaitingFull, WaitingUnknown
from app.checks.models import CheckDelivery, WaitingCheck, WaitingQuestion
from app.checks.queueing import DELIVER_JOB
from app.checks.waiting import KEPT, Reference, WaitingInfo
from app.checks.webhooks import signature
from app.companies.changes import EntryRemoved
from app.platform.db import Database
from app.platform.jobs import LEASE, Job
from app.projects.changed import ASK_JOB
from app.wiring import build_services
from mcla.checks.change import read_change
from mcla.checks.people import ByAccount

A, B, C = "a" * 40, "b" * 40, "c" * 40
Wait = Callable[..., WaitingInfo]


@pytest.fixture
def wait(services: Any) -> Wait:
    """Registers a check of an opener's change 7, or another."""

    def register(opener: Any, *authors: Any, head: str = A, change: int = 7, **members: Any) -> WaitingInfo:
        asked = read_change(question(opener, *authors, **members))
        addresses = any("email" in each for each in authors)
        return services.waiting.register(asked, Reference("demo", "42", change, head), addresses=addresses)  # type: ignore[no-any-return]

    return register


def rows(db: Any, table: Any) -> int:
    with db.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)))


def test_a_signature_makes_the_answer_other_which_is_told_once_with_its_signature(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, secret: str
) -> None:
    waiting = wait(ada)
    assert (waiting.state, waiting.answer and waiting.answer["code"]) == ("waiting", "not-signed")
    run(services)
    assert hooked.messages == [], "nothing changed, and the first answer was told to the asker"
    accept(services, ada)
    run(services)
    run(services)
    (message,) = hooked.messages
    assert message.data["reference"] == {"forge": "demo", "repository": "42", "change": 7, "head": A}
    assert (message.data["id"], message.data["state"]) == (waiting.id, "covered")
    assert message.data["answer"] == services.waiting.info("tiny-llm", waiting.id).answer
    assert message.data["answer"]["verdict"] == "covered"
    assert message.headers["content-type"] == "application/json"
    seconds = int(message.headers["webhook-timestamp"])
    assert seconds == int(services.clock.now().timestamp())
    assert message.headers["webhook-signature"] == signature(secret, message.id, seconds, message.body)
    assert rows(services.db, WaitingQuestion) == 0, "its addresses are kept no longer than it waits"


def test_a_list_change_an_exemption_and_a_policy_ask_again(
    services: Any, firm: Any, wait: Wait, hooked: Receiver, project: Any
) -> None:
    firm.with_emil()
    covered = wait(firm.emil, change=1)
    assert (covered.id, covered.state) == (None, "covered"), "what is covered already is not kept"
    assert rows(services.db, WaitingCheck) == 0
    wait(firm.emil, change=2, artifacts=[sent(b"new")])
    wait(firm.mia, change=3)
    change_company(services, firm.mia, firm.id, EntryRemoved(firm.entry))
    run(services)
    until = services.clock.now() + timedelta(9)
    services.exemptions.add(project, "bot", ByAccount("demo", firm.mia.subject), "It is one.", until, "x")
    run(services)
    services.policies.set(project, "version = 1\n[[artifacts]]\npaths = ['**']\nkind = 'none'\n", "x")
    run(services)
    told = [(each.data["reference"]["change"], each.data["answer"]["code"]) for each in hooked.messages]
    assert told == [(2, "not-covered"), (3, "covered"), (2, "company-entry-over")]


def test_many_facts_are_one_pass_and_one_delivery(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(ada)
    accepted = accept(services, ada)
    end(services, ada, accepted)
    accept(services, ada)
    with db.read() as session:
        due = session.scalars(select(Job.id).where(Job.kind == ASK_JOB, Job.state == "waiting")).all()
    assert len(due) >= 3
    asked: list[Any] = []
    real = services.checks.ask
    monkeypatch.setattr(type(services.checks), "ask", lambda _self, *a, **k: asked.append(a) or real(*a, **k))
    run(services)
    assert (len(asked), len(hooked.messages)) == (1, 1)


def test_two_workers_at_once_queue_one_delivery(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, database_url: str, clock: Any
) -> None:
    waiting = wait(ada)
    accept(services, ada)
    other = build_services(services.settings, Database(database_url), clock)
    both = [threading.Thread(target=each.waiting.tend_job, args=({"id": waiting.id},)) for each in (services, other)]
    for each in both:
        each.start()
    for each in both:
        each.join(30)
    assert rows(services.db, CheckDelivery) == 1
    work = [threading.Thread(target=run, args=(each,)) for each in (services, other)]
    for each in work:
        each.start()
    for each in work:
        each.join(30)
    other.db.dispose()
    assert len(hooked.messages) == 1


def test_an_older_answer_never_replaces_a_newer_one(
    services: Any, ada: Any, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = wait(ada)
    accept(services, ada)
    real, slow = services.checks.ask, []

    def ask(_self: Any, *args: Any, **more: Any) -> Any:
        answer = real(*args, **more)
        if not slow:
            slow.append(1)
            services.waiting.end("tiny-llm", waiting.id)  # somebody else marks it while this one thinks
        return answer

    monkeypatch.setattr(type(services.checks), "ask", ask)
    services.waiting.tend_job({"id": waiting.id})
    assert services.waiting.info("tiny-llm", waiting.id or "").state == "ended"


def test_who_died_between_the_answer_and_its_mark_leaves_the_same_delivery_to_the_next(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, db: Database, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(ada)
    accept(services, ada)

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit  # like a kill: no handling sees it

    for dies, method in ((services.waiting, "_mark"), (services.webhooks, "_done")):
        monkeypatch.setattr(type(dies), method, die)
        with pytest.raises(SystemExit):
            run(services)
        monkeypatch.undo()
        clock.at += LEASE
    run(services)
    first, second = hooked.messages
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    with db.read() as session:
        assert [(each.state, each.body) for each in session.scalars(select(CheckDelivery))] == [("delivered", None)]


def test_one_that_cannot_be_asked_holds_up_no_other_and_is_kept_for_a_person(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, db: Database, clock: Any, capsys: Any
) -> None:
    broken, _ = wait(ada, {"name": "Ada", "email": "secret@example.org"}, change=1), wait(ada, change=2)
    with db.write() as session:
        session.get_one(WaitingQuestion, broken.id).question = b"no zlib"
    accept(services, ada)
    run(services)
    assert [each.data["reference"]["change"] for each in hooked.messages] == [2]
    for _ in range(14):
        clock.at += timedelta(hours=1)
        run(services)
    with db.read() as session:
        assert [each.payload["id"] for each in session.scalars(select(Job).where(Job.state == "dead"))] == [broken.id]
    said = capsys.readouterr()
    assert "secret@" not in said.out + said.err


def test_the_newest_head_wins_and_an_older_one_is_told(services: Any, ada: Any, wait: Wait, hooked: Receiver) -> None:
    first = wait(ada)
    again = wait(ada)
    assert (again.id, again.number > first.number) == (first.id, True)
    second = wait(ada, head=B)
    assert (second.id, second.reference.head) == (first.id, B)
    with pytest.raises(HeadSuperseded):
        wait(ada, head=A)
    with pytest.raises(HeadSuperseded):
        wait(ada, head="0" * 40)  # a commit of the change that waits, so below its head
    accept(services, ada)
    run(services)
    assert [each.data["reference"]["head"] for each in hooked.messages] == [B]


def test_a_head_that_moves_while_it_is_asked_gets_no_answer_of_the_older_one(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(ada)
    accept(services, ada)
    real, moved = services.checks.ask, []

    def ask(_self: Any, *args: Any, **more: Any) -> Any:
        answer = real(*args, **more)
        if not moved:
            moved.append(1)
            wait(ada, {"provider": "demo", "subject": "404"}, head=C)
        return answer

    monkeypatch.setattr(type(services.checks), "ask", ask)
    run(services)
    assert {each.data["reference"]["head"] for each in hooked.messages} <= {C}


def test_what_is_ended_or_ninety_days_old_is_asked_no_more(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, clock: Any, db: Database
) -> None:
    ended, old = wait(ada, change=1), wait(ada, change=2)
    for _ in range(2):
        services.waiting.end("tiny-llm", ended.id or "")
    assert services.waiting.info("tiny-llm", ended.id or "").state == "ended"
    assert rows(db, WaitingQuestion) == 1
    clock.at += KEPT
    run(services)
    assert (rows(db, WaitingCheck), rows(db, WaitingQuestion)) == (0, 0)
    with pytest.raises(WaitingUnknown):
        services.waiting.info("tiny-llm", old.id or "")
    accept(services, ada)
    run(services)
    assert hooked.messages == []


def test_time_alone_is_noticed_within_a_day(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, db: Database, clock: Any
) -> None:
    waiting = wait(ada)
    accept(services, ada)
    with db.write() as session:
        for job in session.scalars(select(Job).where(Job.kind == ASK_JOB)):
            session.delete(job)
    run(services)
    assert services.waiting.info("tiny-llm", waiting.id or "").state == "waiting"
    clock.at += timedelta(days=1)
    run(services)
    assert services.waiting.info("tiny-llm", waiting.id or "").state == "covered"


def test_a_pass_goes_through_all_pages_and_asks_no_other_project(
    services: Any, ada: Any, wait: Wait, hooked: Receiver, monkeypatch: pytest.MonkeyPatch, project: Any
) -> None:
    monkeypatch.setattr("app.checks.waiting.PAGE", 2)
    for number in range(1, 6):
        wait(ada, change=number)
    other = read_change(question(ada) | {"project": "open-voice"})
    services.waiting.register(other, Reference("demo", "42", 1, A), addresses=False)
    accept(services, ada)
    run(services)
    assert sorted(each.data["reference"]["change"] for each in hooked.messages) == [1, 2, 3, 4, 5]


def test_as_many_as_are_kept_and_no_more(services: Any, ada: Any, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.checks.waiting.MOST", 2)
    for number in (1, 2, 2):
        wait(ada, change=number)
    with pytest.raises(WaitingFull):
        wait(ada, change=3)


def test_a_fact_costs_one_statement_while_it_is_stored(services: Any, ada: Any, db: Database, project: Any) -> None:
    with counted(db) as statements:
        services.policies.set(project, "version = 1\n", "x")
    assert len([each for each in statements if each.startswith("INSERT INTO job")]) == 1
    assert DELIVER_JOB not in "".join(statements)


def test_a_contribution_makes_a_changed_file_covered(services: Any, ada: Any, wait: Wait, hooked: Receiver) -> None:
    accept(services, ada)
    wait(ada, artifacts=[sent()])
    give(services, ada)
    run(services)
    assert [each.data["answer"]["verdict"] for each in hooked.messages] == ["covered"]
