# SPDX-License-Identifier: Apache-2.0
"""Memberships in organisations that a provider confirmed, and walks that ask for one"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership",
        sa.Column("identity_id", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_membership_identity_id_identity")),
        sa.PrimaryKeyConstraint("identity_id", "organisation", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_confirmed_at"), ["confirmed_at"], unique=False)
    with op.batch_alter_table("login_flow", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("login_flow", schema=None) as batch_op:
        batch_op.drop_column("organisation")
    op.drop_table("membership")
