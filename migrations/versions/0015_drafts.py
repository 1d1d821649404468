# SPDX-License-Identifier: Apache-2.0
"""What was entered to give files and is not signed yet"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contribution_draft",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("signing_id", sa.String(length=40), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_contribution_draft_contributor_id_contributor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_draft")),
    )
    op.create_index(op.f("ix_contribution_draft_contributor_id"), "contribution_draft", ["contributor_id"])
    op.create_index(op.f("ix_contribution_draft_signing_id"), "contribution_draft", ["signing_id"])


def downgrade() -> None:
    op.drop_table("contribution_draft")
