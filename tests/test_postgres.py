# SPDX-License-Identifier: Apache-2.0
"""A database that a test gets is like a new one, whatever the test before did to its own."""

import psycopg
import pytest
from conftest import seed_database
from postgres import Postgres
from postgres_content import Content, content_of

ROWS = (
    "DELETE FROM agreement_document",
    "UPDATE foundation SET name = 'Other'; UPDATE alembic_version SET version_num = '0001'",
    "TRUNCATE project CASCADE",
    "SELECT nextval('clock_mark_id_seq')",
)
SHAPES = (
    "CREATE TABLE more (a integer)",
    "CREATE INDEX more ON foundation (name)",
    "ALTER TABLE project ALTER name DROP NOT NULL",
    "ALTER TABLE project ALTER name SET DEFAULT 'x'",
    "ALTER TABLE project DISABLE TRIGGER ALL",
    "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $$",
)


def held_by(url: str) -> Content:
    with psycopg.connect(url, autocommit=True) as connection:
        return content_of(connection)


@pytest.fixture(scope="module")
def new(postgres: Postgres) -> Content:
    with postgres.database(seed_database) as url:
        return held_by(url)


@pytest.mark.parametrize("change", [*ROWS, *SHAPES])
def test_the_next_test_finds_nothing_of_what_was_changed(postgres: Postgres, new: Content, change: str) -> None:
    with postgres.database(seed_database) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change)
    with postgres.database(seed_database) as following:
        assert held_by(following) == new
        assert following != url or change in ROWS


def test_a_lock_that_was_left_behind_stops_nobody(postgres: Postgres, new: Content) -> None:
    with postgres.database(seed_database) as url:
        left = psycopg.connect(url)
        left.execute("LOCK TABLE project IN ACCESS EXCLUSIVE MODE")
    with postgres.database(seed_database) as following:
        assert held_by(following) == new
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")


def test_a_database_that_a_test_dropped_is_replaced(postgres: Postgres, new: Content) -> None:
    with postgres.database(seed_database) as url:
        postgres._drop(url.partition("?")[0].rpartition("/")[2])
    with postgres.database(seed_database) as following:
        assert held_by(following) == new
