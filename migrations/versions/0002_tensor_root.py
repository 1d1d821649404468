# SPDX-License-Identifier: Apache-2.0
"""The tensor root of a contribution"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tensor_root", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_contribution_tensor_root"), ["tensor_root"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contribution_tensor_root"))
        batch_op.drop_column("tensor_root")
