# SPDX-License-Identifier: Apache-2.0
"""The kept connection: a commit and what is done meanwhile both end before anybody goes on, whichever of them fails."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.log.models import LogHead
from app.platform import kept
from app.platform.db import Database
from app.platform.kept import KeptConnection, Statement, in_one_trip, on_the_driver

ADD = "INSERT INTO log_head (id, origin, size, tiled_size, checkpoint) VALUES (?, ?, ?, ?, ?)"


def head(number: int) -> Statement:
    return ADD, (number, "log.example.org", 0, 0, "")


def stored(db: Database) -> list[int]:
    with db.read() as session:
        return sorted(session.scalars(select(LogHead.id)))


def transact(kept_one: KeptConnection, *statements: Statement, meanwhile: Callable[[], None]) -> None:
    """All statements in one transaction, the last of them with the commit."""
    with kept_one.transaction() as opened:
        on_the_driver(opened, "BEGIN")
        for statement in statements[:-1]:
            on_the_driver(opened, *statement)
        kept_one.commit(opened, statements[-1], meanwhile)


def read_and_fail(kept_one: KeptConnection) -> None:
    with kept_one.transaction() as opened:
        on_the_driver(opened, "BEGIN")
        on_the_driver(opened, *head(1))
        assert opened.scalar(select(LogHead.id)) == 1, "SQLAlchemy reads outside of the transaction"
        raise RuntimeError


def send(kept_one: KeptConnection, *statements: Statement) -> None:
    with kept_one.transaction() as opened:
        in_one_trip(opened, ("BEGIN", ()), *statements)


@pytest.fixture(params=[0.0, 60.0], ids=["in another thread", "in this thread"])
def connection(request: pytest.FixtureRequest, db: Database, monkeypatch: pytest.MonkeyPatch) -> KeptConnection:
    monkeypatch.setattr(kept, "WORTH_A_THREAD", request.param)
    return KeptConnection(db)


def test_the_commit_and_what_is_done_meanwhile_are_both_done(db: Database, connection: KeptConnection) -> None:
    done: list[int] = []
    for number in range(3):
        transact(connection, head(number), meanwhile=lambda: done.append(threading.get_ident()))
        assert len(stored(db)) == number + 1
    here = threading.get_ident()
    assert [one == here for one in done] == [not db.is_sqlite or kept.WORTH_A_THREAD > 0] * 3


def test_what_fails_meanwhile_is_raised_and_the_next_transaction_is_whole(
    db: Database, connection: KeptConnection
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        transact(connection, head(1), meanwhile=full)
    transact(connection, head(2), meanwhile=lambda: None)
    assert 2 in stored(db)


def test_a_commit_that_fails_is_raised_when_the_other_work_is_over(db: Database, connection: KeptConnection) -> None:
    done: list[str] = []

    def meanwhile() -> None:
        done.append("begun")
        time.sleep(0.05)
        done.append("over")

    with pytest.raises(IntegrityError):
        transact(connection, head(1), head(1), meanwhile=meanwhile)
    # PostgreSQL's fault may arrive before the other work began; once begun it is over.
    assert done == ["begun", "over"] or (not done and not db.is_sqlite)
    assert stored(db) == []


def test_an_exception_undoes_what_was_begun_and_frees_its_locks(db: Database) -> None:
    with pytest.raises(RuntimeError):
        read_and_fail(KeptConnection(db))
    assert stored(db) == []
    with db.write() as session:
        session.add(LogHead(id=1, origin="o", size=0, tiled_size=0, checkpoint=""))


def test_what_was_not_committed_on_the_way_is_committed_at_the_end(db: Database) -> None:
    connection = KeptConnection(db)
    for number in range(2):
        with connection.transaction() as opened:
            on_the_driver(opened, "BEGIN")
            on_the_driver(opened, *head(number))
            opened.scalar(select(LogHead.id))
    assert stored(db) == [0, 1]


def test_the_first_fault_of_statements_sent_together_is_raised_and_nothing_kept(db: Database) -> None:
    if db.is_sqlite:
        return  # has no round trips to save
    with pytest.raises(DBAPIError, match="division by zero"):
        send(KeptConnection(db), head(1), ("SELECT 1 / ?", (0,)), ("SELECT nothing FROM nowhere", ()))
    assert stored(db) == []
