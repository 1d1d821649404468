# SPDX-License-Identifier: Apache-2.0
"""Indexes that find many accounts at once by their subjects: almost everybody has the same provider"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("identity", "company_event"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_subject"), ["subject"], unique=False)


def downgrade() -> None:
    for table in ("company_event", "identity"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_subject"))
