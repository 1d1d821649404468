# SPDX-License-Identifier: Apache-2.0
"""Records by states that each can be tried again, every sealed file with its log entry, and records that replace others"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.platform.clock import new_id

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed", sa.JSON(), nullable=True),
        sa.Column("log_index", sa.Integer(), nullable=True),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_record_file_record_id_record")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_record_file")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_record_file_record_id_number")),
    )
    op.execute(
        "INSERT INTO record_file (sha256, record_id, number, size, level, sealed_at) "
        "SELECT sha256, id, 1, size, 'B-B', sealed_at FROM record WHERE state = 'sealed'"
    )
    op.execute("UPDATE record SET state = 'verified' WHERE state = 'sealed'")
    op.execute("UPDATE record SET state = 'logged' WHERE state = 'failed'")
    # Those that a job waits for; the others wait for a counter-signature.
    op.execute(
        "UPDATE record SET state = 'logged' WHERE state = 'waiting' AND signing_id NOT IN "
        "(SELECT signing_id FROM offer WHERE signing_id NOT IN (SELECT signing_id FROM offer_answer))"
    )
    _log_what_is_sealed()
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("corrected_name", sa.Text(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_record_signing_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_record_signing_id"), ["signing_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_record_replaces"), ["replaces"])
        batch_op.create_foreign_key(batch_op.f("fk_record_replaces_record"), "record", ["replaces"], ["id"])
        batch_op.drop_column("size")
        batch_op.drop_column("sealed_at")


def _log_what_is_sealed() -> None:
    """A job for each record whose file is not in the log yet."""
    connection, now, time = op.get_bind(), datetime.now(UTC), sa.DateTime(timezone=True)
    columns = {"id": sa.String(), "kind": sa.String(), "state": sa.String(), "attempts": sa.Integer()}
    columns |= {"payload": sa.JSON(), "run_after": time, "created_at": time}
    job = sa.table("job", *(sa.column(name, kind) for name, kind in columns.items()))
    for (signing_id,) in connection.execute(sa.text("SELECT signing_id FROM record WHERE state = 'verified'")).all():
        row = {"id": new_id("job"), "kind": "record.issue", "state": "waiting", "attempts": 0}
        connection.execute(
            job.insert().values(**row, payload={"signing_id": signing_id}, run_after=now, created_at=now)
        )


def downgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("fk_record_replaces_record"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_record_replaces"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_record_signing_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_record_signing_id"), ["signing_id"])
        batch_op.drop_column("corrected_name")
        batch_op.drop_column("reason")
        batch_op.drop_column("replaces")
    op.drop_table("record_file")
