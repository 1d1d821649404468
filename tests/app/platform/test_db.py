# SPDX-License-Identifier: Apache-2.0
"""The database: durable settings, unfit libraries refused, transactions that are one thing."""

from contextlib import nullcontext

import pytest
from conftest import NOW
from sqlalchemy import insert, select, text
from sqlalchemy.exc import InternalError, OperationalError

from app.platform.db import Database, DatabaseUnfit, check_sqlite_version
from app.projects.models import Foundation


def _foundation(slug: str) -> Foundation:
    return Foundation(id=f"fnd_{slug}", slug=slug, name=slug, contact="a@example.org", created_at=NOW)


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 50, 6), (3, 51, 2)])
def test_a_library_with_the_wal_reset_bug_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(DatabaseUnfit, match="can lose committed rows"):
        check_sqlite_version(version)


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_fixed_library_is_accepted(version: tuple[int, int, int]) -> None:
    check_sqlite_version(version)


def test_sqlite_runs_durable_with_foreign_keys(db: Database) -> None:
    if not db.is_sqlite:
        with db.read() as session:
            assert session.scalar(text("SHOW synchronous_commit")) == "on"
        return
    with db.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def _add_and_fail(db: Database) -> None:
    with db.write() as session:
        session.add(_foundation("lost"))
        session.flush()
        raise RuntimeError


def test_a_failed_block_keeps_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError):
        _add_and_fail(db)
    with db.read() as session:
        assert session.scalar(select(Foundation)) is None


def test_a_reading_session_never_writes(db: Database) -> None:
    refused = nullcontext() if db.is_sqlite else pytest.raises(InternalError, match="read-only")
    with refused, db.read() as session:
        session.add(_foundation("lost"))
        session.flush()
    with db.read() as session:
        assert session.scalar(select(Foundation)) is None


def test_who_only_looks_cannot_write_and_sees_what_was_committed_meanwhile(db: Database) -> None:
    with db.look() as reader:
        with pytest.raises((InternalError, OperationalError), match=r"read-?only"):
            reader.execute(insert(Foundation).values(id="fnd_lost", slug="lost", name="", contact="", created_at=NOW))
        with db.write() as session:
            session.add(_foundation("kept"))
        assert reader.scalars(select(Foundation.slug)).all() == ["kept"]


def test_on_postgresql_a_question_is_planned_once_for_whatever_is_asked(db: Database) -> None:
    if db.is_sqlite:
        return
    plans = text("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT foundation.id%'")
    for slug in ("a", "b", "c"):
        with db.look() as reader:
            reader.execute(select(Foundation.id).where(Foundation.slug == slug))
    with db.look() as reader:
        assert reader.scalars(plans).all() == [3]


def test_what_postgresql_has_prepared_outlives_a_reading_session(db: Database) -> None:
    if db.is_sqlite:
        return
    for _ in range(7):
        with db.read() as session:
            session.execute(select(Foundation.id).where(Foundation.slug == "a"))
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 1


def test_times_come_back_aware_and_equal(db: Database) -> None:
    with db.write() as session:
        session.add(_foundation("kept"))
    with db.read() as session:
        assert session.scalar(select(Foundation.created_at)) == NOW


def test_a_naive_time_is_refused(db: Database) -> None:
    row = _foundation("naive")
    row.created_at = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="naive datetime"), db.write() as session:
        session.add(row)
