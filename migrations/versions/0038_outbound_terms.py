# SPDX-License-Identifier: Apache-2.0
"""Published outbound terms in tiers, and feeds found by digest"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbound_terms",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("foundation_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=True),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("effective", sa.String(length=10), nullable=False),
        sa.Column("published_by", sa.String(length=300), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["foundation_id"], ["foundation.id"], name=op.f("fk_outbound_terms_foundation_id_foundation")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_outbound_terms_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_terms")),
        sa.UniqueConstraint("log_index", name=op.f("uq_outbound_terms_log_index")),
        sa.UniqueConstraint("slug", "number", name=op.f("uq_outbound_terms_slug_number")),
        sa.UniqueConstraint("slug", "version", name=op.f("uq_outbound_terms_slug_version")),
    )
    with op.batch_alter_table("outbound_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbound_terms_foundation_id"), ["foundation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbound_terms_project_id"), ["project_id"], unique=False)

    with op.batch_alter_table("published_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_published_feed_digest"), ["digest"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("published_feed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_published_feed_digest"))

    with op.batch_alter_table("outbound_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbound_terms_project_id"))
        batch_op.drop_index(batch_op.f("ix_outbound_terms_foundation_id"))

    op.drop_table("outbound_terms")
