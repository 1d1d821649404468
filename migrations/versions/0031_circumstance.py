# SPDX-License-Identifier: Apache-2.0
"""From where somebody signed, for the private record: address, browser, provider and time of the sign-in"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circumstance",
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_circumstance_signing_id_signing")),
        sa.PrimaryKeyConstraint("signing_id", name=op.f("pk_circumstance")),
    )


def downgrade() -> None:
    op.drop_table("circumstance")
