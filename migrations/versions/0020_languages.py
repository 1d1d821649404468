# SPDX-License-Identifier: Apache-2.0
"""The language in which mails to a person are written"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=35), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.drop_column("language")
