# SPDX-License-Identifier: Apache-2.0
"""Stages of contributions, and answers to withdrawals"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reached_stage",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=2), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_reached_stage_signing_id_signing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reached_stage")),
        sa.UniqueConstraint("signing_id", "stage", name=op.f("uq_reached_stage_signing_id_stage")),
    )
    op.create_table(
        "withdrawal_decision",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("withdrawal_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=2), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("replacement", sa.String(length=64), nullable=True),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["withdrawal.id"], name=op.f("fk_withdrawal_decision_withdrawal_id_withdrawal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_decision")),
        sa.UniqueConstraint("withdrawal_id", "number", name=op.f("uq_withdrawal_decision_withdrawal_id_number")),
    )
    with op.batch_alter_table("withdrawal_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_withdrawal_decision_withdrawal_id"), ["withdrawal_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("withdrawal_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawal_decision_withdrawal_id"))

    op.drop_table("withdrawal_decision")
    op.drop_table("reached_stage")
