# SPDX-License-Identifier: Apache-2.0
"""Who of a foundation's staff handles safety reports: nobody until the operator says so"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handles_reports", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.alter_column("handles_reports", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("handles_reports")
