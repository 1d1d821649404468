# SPDX-License-Identifier: Apache-2.0
"""From promise to mail server: with its fact or not at all, once, again after a failure, and not for ever."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from post_office import PostOffice, text_of
from sqlalchemy import select

from app.identity.ports import Actor
from app.mail.errors import MailServerAway
from app.mail.models import Mail
from app.mail.outbox import Letter, Outbox
from app.mail.service import LEASE, MailService
from app.platform.clock import FixedClock
from app.platform.db import Database
from app.wiring import Services, build_services

INVITED = {
    "company": "Hooli",
    "foundation": "Example Foundation",
    "contact": "",
    "address": "cy@hooli.example",
    "url": "https://mcla.example.org/companies/join/s3cret",
    "until": "2026-11-29T12:00:00+00:00",
}
Promise = Callable[..., None]


def letter(about: str = "inv_1") -> Letter:
    return Letter("manager-invited", about, INVITED)


@pytest.fixture
def outbox(clock: FixedClock) -> Outbox:
    return Outbox(clock, on=True)


@pytest.fixture
def invite(db: Database, outbox: Outbox) -> Promise:
    def promise(about: str = "inv_1", to: str = "cy@hooli.example") -> None:
        with db.write() as session:
            outbox.to_address(session, letter(about), to)

    return promise


def rows(db: Database) -> list[Mail]:
    with db.read() as session:
        return list(session.scalars(select(Mail).order_by(Mail.key)))


def test_a_mail_is_sent_once_and_then_holds_nothing_of_anybody(
    services: Services, ada: Actor, db: Database, outbox: Outbox, office: PostOffice
) -> None:
    for _ in range(2):
        with db.write() as session:
            outbox.to_person(session, letter(), ada.contributor_id)
        services.worker.run_due()
    (message,) = office.to("ada.li@example.org")
    assert message["From"] == "MCLA <mcla@example.org>"
    assert "s3cret" in text_of(message)
    (row,) = rows(db)
    assert (row.state, row.address, row.said, row.attempts) == ("sent", None, {}, 1)


def test_a_promise_whose_fact_was_rolled_back_is_none(services: Services, db: Database, outbox: Outbox) -> None:
    def fail() -> None:
        with db.write() as session:
            outbox.to_address(session, letter(), "cy@hooli.example")
            raise RuntimeError("no fact")

    with pytest.raises(RuntimeError, match="no fact"):
        fail()
    assert rows(db) == []
    assert services.worker.run_due() == 0


def test_who_has_no_verified_address_gets_no_mail_and_is_counted(
    services: Services, chris: Actor, db: Database, outbox: Outbox, office: PostOffice
) -> None:
    with db.write() as session:
        outbox.to_person(session, letter(), chris.contributor_id)
    services.worker.run_due()
    assert (office.took, services.mail.standing().unaddressed) == ([], 1)


def test_many_are_promised_in_one_statement_and_each_once(
    services: Services, ada: Actor, chris: Actor, db: Database, outbox: Outbox, office: PostOffice
) -> None:
    from app.identity.models import Contributor

    for _ in range(2):
        with db.write() as session:
            outbox.to_persons(session, letter(), select(Contributor.id))
    services.worker.run_due()
    assert sorted(each.state for each in rows(db)) == ["sent", "unaddressed"]
    assert len(office.took) == 1


def test_while_the_server_is_away_one_mail_asks_after_it_and_none_is_lost(
    services: Services, db: Database, clock: FixedClock, invite: Promise, office: PostOffice, capsys: Any
) -> None:
    away = build_services(services.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"}), db, clock)
    people = ["cy@hooli.example", "bo@hooli.example", "al@hooli.example"]
    for number, address in zip((2, 0, 1), people, strict=True):
        invite(f"inv_{number}", address)
        clock.at += timedelta(seconds=1)
    away.worker.run_due()
    assert sorted(each.attempts for each in rows(db)) == [0, 0, 1]
    assert services.worker.run_due() == 0, "the server is left alone for a while"
    with pytest.raises(MailServerAway):
        away.mail.check()
    clock.at += timedelta(minutes=1)
    services.worker.run_due()
    assert [each.state for each in rows(db)] == ["sent"] * 3
    assert [each["To"] for each in office.took] == people, "in the order of what they tell"
    said = capsys.readouterr()
    assert "mail.server_away" in said.out + said.err
    assert "@hooli" not in said.out + said.err


def test_a_refused_recipient_is_kept_for_a_person_who_tries_again_or_forgets(
    services: Services, db: Database, invite: Promise, office: PostOffice, capsys: Any
) -> None:
    office.refuses = {"cy@hooli.example": "550 5.1.1 <cy@hooli.example> is nobody", "di@hooli.example": "550 no"}
    invite("inv_1")
    invite("inv_2", "di@hooli.example")
    invite("inv_3", "ed@hooli.example")
    services.worker.run_due()
    assert [each.state for each in rows(db)] == ["failed", "failed", "sent"]
    assert [each.failure for each in services.mail.failed()] == ["recipient refused, 550"] * 2
    del office.refuses["cy@hooli.example"]
    assert services.mail.retry() == 2
    services.worker.run_due()
    assert [each.state for each in rows(db)] == ["sent", "failed", "sent"]
    assert services.mail.drop() == 1
    assert [each.address for each in rows(db)] == [None] * 3
    said = capsys.readouterr()
    assert "hooli.example" not in said.out + said.err


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(
    services: Services, db: Database, clock: FixedClock, outbox: Outbox, invite: Promise, office: PostOffice
) -> None:
    with db.write() as session:
        outbox.to_address(session, Letter("manager-invited", "inv_0", {"company": "Hooli"}), "cy@hooli.example")
    clock.at += timedelta(seconds=1)
    invite("inv_1", "jürgen@hooli.example")
    invite("inv_2")
    services.worker.run_due()
    assert [each.state for each in rows(db)][::2] == ["failed", "sent"]
    assert [each.failure for each in services.mail.failed()] == ["UndefinedError", "MailUnfit"]
    assert services.worker.run_due() == 0


def test_a_recipient_put_off_gets_the_same_message_later(
    services: Services, clock: FixedClock, invite: Promise, office: PostOffice
) -> None:
    office.content = "451 greylisted"
    invite()
    services.worker.run_due()
    office.content = ""
    clock.at += timedelta(seconds=59)
    services.worker.run_due()
    assert office.took == []
    clock.at += timedelta(seconds=1)
    services.worker.run_due()
    assert len(office.took) == 1


def test_who_died_after_the_server_took_it_sends_it_again_under_the_same_id(
    services: Services, db: Database, clock: FixedClock, invite: Promise, office: PostOffice, monkeypatch: Any
) -> None:
    invite()

    def die(*_: Any) -> None:
        raise SystemExit  # like a kill: no handling sees it

    monkeypatch.setattr(MailService, "_close", die)
    with pytest.raises(SystemExit):
        services.worker.run_due()
    monkeypatch.undo()
    assert services.worker.run_due() == 0
    clock.at += LEASE
    services.worker.run_due()
    first, second = office.took
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    assert [each.state for each in rows(db)] == ["sent"]


def test_a_mail_is_not_tried_for_ever(
    services: Services, db: Database, clock: FixedClock, invite: Promise, office: PostOffice, monkeypatch: Any
) -> None:
    monkeypatch.setattr("app.mail.service.MAX_ATTEMPTS", 3)
    office.content = "451 never today"
    invite()
    for _ in range(5):
        services.worker.run_due()
        clock.at += timedelta(hours=6)
    (row,) = rows(db)
    assert (row.state, row.attempts, len(office.heard)) == ("failed", 3, 3)
    assert services.worker.run_due() == 0, "nothing is left to do"


def test_two_senders_at_once_send_each_mail_once(
    services: Services, db: Database, clock: FixedClock, invite: Promise, office: PostOffice, database_url: str
) -> None:
    for number in range(12):
        invite(f"inv_{number:02}")
    other = build_services(services.settings, Database(database_url), clock)
    threads = [threading.Thread(target=each.mail.send_job, args=({},)) for each in (services, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    other.db.dispose()
    ids = [each["Message-ID"] for each in office.took]
    assert (len(ids), len(set(ids))) == (12, 12)


def test_what_does_not_fit_into_one_spell_is_sent_in_the_next(
    services: Services, db: Database, invite: Promise, office: PostOffice, monkeypatch: Any
) -> None:
    monkeypatch.setattr("app.mail.service.BATCH", 2)
    for number in range(5):
        invite(f"inv_{number}")
    services.mail.send_job({})
    assert len(office.took) == 2
    services.worker.run_due()
    assert [each.state for each in rows(db)] == ["sent"] * 5


def test_without_a_mail_server_nothing_is_promised(db: Database, clock: FixedClock) -> None:
    with db.write() as session:
        Outbox(clock, on=False).to_address(session, letter(), "cy@hooli.example")
    assert rows(db) == []


def test_the_metrics_count_what_was_not_sent(services: Services, client: Any, invite: Promise) -> None:
    invite()
    assert 'mcla_mails{state="waiting"} 1.0' in client.get("/metrics").text


def test_the_doctor_and_the_command_tell_of_mail(
    services: Services, clock: FixedClock, invite: Promise, office: PostOffice, monkeypatch: Any
) -> None:
    from click.testing import CliRunner

    from app.cli.doctor import PARTS
    from app.cli.mail import mail

    monkeypatch.setattr("app.cli.mail._service", lambda: services.mail)
    assert CliRunner().invoke(mail, ["test", "op@example.org"]).exit_code == 0
    assert office.to("op@example.org")
    assert CliRunner().invoke(mail, ["failed"]).exit_code == 0
    office.refuses = {"cy@hooli.example": "550 no"}
    invite()
    services.worker.run_due()
    listed = CliRunner().invoke(mail, ["failed"])
    assert (listed.exit_code, "manager-invited:inv_1" in listed.output) == (1, True)
    said = [(each.state, each.says) for each in PARTS["mail"](services.settings)]
    assert said == [
        ("attention", "1 were given up"),
        ("ok", f"127.0.0.1:{office.port} takes mail from MCLA <mcla@example.org>"),
    ]
    broken = services.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    with pytest.raises(MailServerAway):
        list(PARTS["mail"](broken))
    assert CliRunner().invoke(mail, ["drop"]).exit_code == 0
