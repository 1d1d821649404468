# SPDX-License-Identifier: Apache-2.0
"""What a company offers under an agreement for one set of files, while a second person has not released it"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agreement", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("title", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("power", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        for column in ("power", "title", "agreement"):
            batch_op.drop_column(column)
