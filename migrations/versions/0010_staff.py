# SPDX-License-Identifier: Apache-2.0
"""Who acts for a foundation in the console"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("foundation_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["foundation_id"], ["foundation.id"], name=op.f("fk_staff_foundation_id_foundation")),
        sa.PrimaryKeyConstraint("foundation_id", "provider", "subject", name=op.f("pk_staff")),
    )


def downgrade() -> None:
    op.drop_table("staff")
