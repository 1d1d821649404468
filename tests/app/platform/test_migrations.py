# SPDX-License-Identifier: Apache-2.0
"""Migrations: up, down and up again on both engines, and the newest schema equals the models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from app.models import metadata
from app.platform.db import Database
from app.platform.migrate import alembic_config, current, downgrade, newest, upgrade

REVISIONS = [s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


def test_the_newest_schema_equals_the_models(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_migration_goes_down_and_up_again(db: Database, revision: str) -> None:
    script = ScriptDirectory.from_config(alembic_config()).get_revision(revision)
    downgrade(db, revision)
    downgrade(db, str(script.down_revision or "base"))
    upgrade(db, revision)
    assert current(db) == revision


def test_going_down_to_nothing_leaves_no_table(db: Database) -> None:
    downgrade(db, "base")
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}


def test_a_migration_that_is_broken_off_leaves_the_old_schema(db: Database) -> None:
    downgrade(db, "base")
    seen: list[str] = []

    def break_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)
        if sum("CREATE TABLE" in each for each in seen) == 5:
            raise KeyboardInterrupt

    event.listen(db.engine, "before_cursor_execute", break_off)
    with pytest.raises(KeyboardInterrupt):
        upgrade(db)
    event.remove(db.engine, "before_cursor_execute", break_off)
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    upgrade(db)
    assert current(db) == newest()
