# SPDX-License-Identifier: Apache-2.0
"""The database: durable settings, unfit libraries refused, transactions that are one thing."""

import pytest
from conftest import NOW
from sqlalchemy import select, text

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
    with db.read() as session:
        session.add(_foundation("lost"))
        session.flush()
    with db.read() as session:
        assert session.scalar(select(Foundation)) is None


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
