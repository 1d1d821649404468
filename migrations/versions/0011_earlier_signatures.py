# SPDX-License-Identifier: Apache-2.0
"""Log entries that signers made with tools of others, and the contributions that name them"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_entry",
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.Column("signer_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["signer_id"], ["signer.id"], name=op.f("fk_stock_entry_signer_id_signer")),
        sa.PrimaryKeyConstraint("entry_sha256", name=op.f("pk_stock_entry")),
        sa.UniqueConstraint("log_index", name=op.f("uq_stock_entry_log_index")),
    )
    op.create_index(op.f("ix_stock_entry_signer_id"), "stock_entry", ["signer_id"])
    op.create_table(
        "named_entry",
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_sha256"], ["stock_entry.entry_sha256"], name=op.f("fk_named_entry_entry_sha256_stock_entry")
        ),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_named_entry_signing_id_signing")),
        sa.PrimaryKeyConstraint("signing_id", "entry_sha256", name=op.f("pk_named_entry")),
    )
    op.create_index(op.f("ix_named_entry_entry_sha256"), "named_entry", ["entry_sha256"])
    op.add_column("signing", sa.Column("earlier", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("signing", "earlier")
    op.drop_table("named_entry")
    op.drop_table("stock_entry")
