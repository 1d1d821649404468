# SPDX-License-Identifier: Apache-2.0
"""Days of grace, what is declared between versions, and who was told of one"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grace_days", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.alter_column("grace_days", server_default=None)
    op.create_table(
        "version_compatibility",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("old_version_id", sa.String(length=40), nullable=False),
        sa.Column("new_version_id", sa.String(length=40), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_version_compatibility_contributor_id_contributor")
        ),
        sa.ForeignKeyConstraint(
            ["new_version_id"],
            ["agreement_version.id"],
            name=op.f("fk_version_compatibility_new_version_id_agreement_version"),
        ),
        sa.ForeignKeyConstraint(
            ["old_version_id"],
            ["agreement_version.id"],
            name=op.f("fk_version_compatibility_old_version_id_agreement_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_compatibility")),
        sa.UniqueConstraint("log_index", name=op.f("uq_version_compatibility_log_index")),
        sa.UniqueConstraint(
            "old_version_id", "new_version_id", name=op.f("uq_version_compatibility_old_version_id_new_version_id")
        ),
    )
    with op.batch_alter_table("version_compatibility", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_version_compatibility_new_version_id"), ["new_version_id"], unique=False)
    op.create_table(
        "version_notice",
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_version_notice_contributor_id_contributor")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_version_notice_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("contributor_id", "version_id", name=op.f("pk_version_notice")),
    )


def downgrade() -> None:
    op.drop_table("version_notice")
    op.drop_table("version_compatibility")
    with op.batch_alter_table("agreement_version", schema=None) as batch_op:
        batch_op.drop_column("grace_days")
