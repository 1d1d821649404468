# SPDX-License-Identifier: Apache-2.0
"""Tokens of projects, as digests"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_token",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_token_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_project_token_token_sha256")),
    )
    with op.batch_alter_table("project_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_token_project_id"), ["project_id"], unique=False)


def downgrade() -> None:
    op.drop_table("project_token")
