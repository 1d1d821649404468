# SPDX-License-Identifier: Apache-2.0
"""Claims: what other systems say they have on record"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_import",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("agreements", sa.JSON(), nullable=False),
        sa.Column("imported_by", sa.String(length=300), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_claim_import_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_import")),
    )
    with op.batch_alter_table("claim_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_import_project_id"), ["project_id"], unique=False)
    op.create_table(
        "claim_secret",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_claim_secret_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_claim_secret")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("signed", sa.String(length=32), nullable=True),
        sa.Column("ended", sa.String(length=32), nullable=True),
        sa.Column("ended_known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_title", sa.String(length=500), nullable=False),
        sa.Column("text_url", sa.String(length=2000), nullable=False),
        sa.Column("text_version", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["claim_import.id"], name=op.f("fk_claim_import_id_claim_import")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_claim_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_claim_project_id_key")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_subject", ["subject", "provider"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_import_id"), ["import_id"], unique=False)
    op.create_table(
        "claim_mark",
        sa.Column("claim_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("compared", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_mark_claim_id_claim")),
        sa.PrimaryKeyConstraint("claim_id", "number", name=op.f("pk_claim_mark")),
    )
    with op.batch_alter_table("claim_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_mark_compared"), ["compared"], unique=False)


def downgrade() -> None:
    op.drop_table("claim_mark")
    op.drop_table("claim")
    op.drop_table("claim_secret")
    op.drop_table("claim_import")
