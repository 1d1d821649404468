# SPDX-License-Identifier: Apache-2.0
"""Checks that wait, and the webhooks that are told of their answers"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_check",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("forge", sa.String(length=32), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.Column("addresses", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_waiting_check_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_check")),
        sa.UniqueConstraint(
            "project_id",
            "forge",
            "repository",
            "change_number",
            name=op.f("uq_waiting_check_project_id_forge_repository_change_number"),
        ),
    )
    with op.batch_alter_table("waiting_check", schema=None) as batch_op:
        batch_op.create_index("ix_waiting_check_state_project_id", ["state", "project_id"], unique=False)
    op.create_table(
        "waiting_question",
        sa.Column("waiting_id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["waiting_check.id"], name=op.f("fk_waiting_question_waiting_id_waiting_check")
        ),
        sa.PrimaryKeyConstraint("waiting_id", name=op.f("pk_waiting_question")),
    )
    op.create_table(
        "project_webhook",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret_id", sa.String(length=40), nullable=False),
        sa.Column("set_by", sa.String(length=300), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_webhook_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_webhook")),
    )
    op.create_table(
        "check_delivery",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("waiting_id", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_check_delivery_project_id_project")),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["waiting_check.id"], name=op.f("fk_check_delivery_waiting_id_waiting_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_delivery")),
    )
    with op.batch_alter_table("check_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_check_delivery_project_id_state", ["project_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_delivery_waiting_id"), ["waiting_id"], unique=False)


def downgrade() -> None:
    op.drop_table("check_delivery")
    op.drop_table("project_webhook")
    op.drop_table("waiting_question")
    op.drop_table("waiting_check")
