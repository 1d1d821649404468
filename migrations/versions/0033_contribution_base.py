# SPDX-License-Identifier: Apache-2.0
"""What contributions were made from, to be found from both ends; rows for those that are there already"""

import json

import sqlalchemy as sa
from alembic import op

from app.contributions.bases import base_rows

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "contribution_base",
        sa.Column("contribution_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=600), nullable=False),
        sa.Column("also", sa.String(length=600), nullable=True),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("licence_sha256", sa.String(length=64), nullable=True),
        sa.Column("retrieved", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_contribution_base_contribution_id_contribution")
        ),
        sa.PrimaryKeyConstraint("contribution_id", "position", name=op.f("pk_contribution_base")),
    )
    for column in ("base", "also"):
        op.create_index(op.f(f"ix_contribution_base_{column}"), "contribution_base", [column])
    given = op.get_bind().execute(sa.text("SELECT id, declarations FROM contribution")).all()
    rows = [row for key, said in given for row in base_rows(key, json.loads(said) if isinstance(said, str) else said)]
    if rows:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    for column in ("also", "base"):
        op.drop_index(op.f(f"ix_contribution_base_{column}"), "contribution_base")
    op.drop_table("contribution_base")
