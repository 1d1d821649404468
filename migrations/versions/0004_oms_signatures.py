# SPDX-License-Identifier: Apache-2.0
"""Signatures over the list of the files in the form of OMS"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("signing") as batch:
        batch.add_column(sa.Column("oms_signature", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("oms_timestamp", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("signing") as batch:
        batch.drop_column("oms_timestamp")
        batch.drop_column("oms_signature")
