# SPDX-License-Identifier: Apache-2.0
"""When a request for release ends; one that was made before is kept as if it were made today"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    rows = sa.table("company_release", sa.column("expires_at", sa.DateTime(timezone=True)))
    op.execute(rows.update().values(expires_at=datetime.now(UTC) + timedelta(days=180)))
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.alter_column("expires_at", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.drop_column("expires_at")
