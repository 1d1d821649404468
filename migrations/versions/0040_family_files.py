# SPDX-License-Identifier: Apache-2.0
"""Files of model families that lists of operators name"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "family_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(length=300), nullable=False),
        sa.Column("licence", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_file")),
    )
    with op.batch_alter_table("family_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_family_file_family"), ["family"], unique=False)
        batch_op.create_index(batch_op.f("ix_family_file_sha256_family"), ["sha256", "family"], unique=False)


def downgrade() -> None:
    op.drop_table("family_file")
