# SPDX-License-Identifier: Apache-2.0
"""When a provider named a membership no more"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership_end",
        sa.Column("identity_id", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_membership_end_identity_id_identity")),
        sa.PrimaryKeyConstraint("identity_id", "organisation", "ended_at", name=op.f("pk_membership_end")),
    )


def downgrade() -> None:
    op.drop_table("membership_end")
