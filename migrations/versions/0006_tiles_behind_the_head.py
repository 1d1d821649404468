# SPDX-License-Identifier: Apache-2.0
"""Tiles may be stored after the head that covers them"""

from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("log_head", schema=None) as batch_op:
        batch_op.alter_column("published_size", new_column_name="tiled_size")


def downgrade() -> None:
    with op.batch_alter_table("log_head", schema=None) as batch_op:
        batch_op.alter_column("tiled_size", new_column_name="published_size")
