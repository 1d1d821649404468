# SPDX-License-Identifier: Apache-2.0
"""Contributions that are not public yet, and who may see them"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contribution") as table:
        table.add_column(sa.Column("hidden_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("hazard", sa.String(length=16), nullable=False, server_default="none"))
        table.add_column(sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("contribution") as table:
        table.alter_column("hazard", server_default=None)
    op.create_table(
        "contribution_reader",
        sa.Column("contribution_id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_contribution_reader_contribution_id_contribution")
        ),
        sa.PrimaryKeyConstraint("contribution_id", "email", name=op.f("pk_contribution_reader")),
    )


def downgrade() -> None:
    op.drop_table("contribution_reader")
    with op.batch_alter_table("contribution") as table:
        table.drop_column("lifted_at")
        table.drop_column("hazard")
        table.drop_column("hidden_until")
