# SPDX-License-Identifier: Apache-2.0
"""Whose an account was before it was separated from a person"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_link",
        sa.Column("identity_id", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_former_link_contributor_id_contributor")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_former_link_identity_id_identity")),
        sa.PrimaryKeyConstraint("identity_id", "until", name=op.f("pk_former_link")),
    )
    with op.batch_alter_table("former_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_link_contributor_id"), ["contributor_id"], unique=False)


def downgrade() -> None:
    op.drop_table("former_link")
