# SPDX-License-Identifier: Apache-2.0
"""How something was signed, for the private record: the page that was shown, the sign-in, the browser's time zone"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("circumstance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("session", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("zone_offset", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("shown_language", sa.String(length=35), nullable=True))
        batch_op.add_column(sa.Column("shown_build", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("shown_text", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("circumstance", schema=None) as batch_op:
        batch_op.drop_column("shown_text")
        batch_op.drop_column("shown_build")
        batch_op.drop_column("shown_language")
        batch_op.drop_column("shown_at")
        batch_op.drop_column("zone_offset")
        batch_op.drop_column("session")
