# SPDX-License-Identifier: Apache-2.0
"""Certifications of licences and artifacts, as their issuers signed them"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certification",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("licence", sa.String(length=100), nullable=True),
        sa.Column("artifact", sa.String(length=64), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(licence IS NULL) <> (artifact IS NULL)", name=op.f("ck_certification_is_about_one_thing")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_certification")),
    )
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certification_artifact"), ["artifact"], unique=False)
        batch_op.create_index(batch_op.f("ix_certification_licence"), ["licence"], unique=False)


def downgrade() -> None:
    op.drop_table("certification")
