# SPDX-License-Identifier: Apache-2.0
"""A commit that the synchronous standby did not confirm is an error, never an answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import NOW
from sqlalchemy import create_engine, text

from app.platform.db import Database, OutcomeUnknown
from app.projects.models import Foundation

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"


@contextmanager
def standby_that_never_answers(url: str) -> Iterator[Database]:
    """Make the server wait for a standby that does not exist."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SET synchronous_commit = local"))
        connection.execute(text("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        try:
            yield Database(url)
        finally:
            connection.execute(text("ALTER SYSTEM RESET synchronous_standby_names"))
            connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_cancelled_wait_for_the_standby_is_an_error(database_url: str) -> None:
    raised: list[BaseException] = []

    def write(db: Database) -> None:
        try:
            with db.write() as session:
                session.add(Foundation(id="fnd_1", slug="a", name="A", contact="a@example.org", created_at=NOW))
        except OutcomeUnknown as error:
            raised.append(error)

    with standby_that_never_answers(database_url) as db:
        writer = threading.Thread(target=write, args=(db,))
        writer.start()
        _cancel_when_waiting(database_url)
        writer.join(20)
    assert [type(error) for error in raised] == [OutcomeUnknown]
    db.dispose()


def _cancel_when_waiting(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for _ in range(100):
            pid = connection.scalar(text(WAITING))
            if pid is not None:
                connection.execute(text("SELECT pg_cancel_backend(:pid)"), {"pid": pid})
                break
            time.sleep(0.1)
        else:
            pytest.fail("no commit waited for the standby")
    engine.dispose()
