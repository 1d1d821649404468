# SPDX-License-Identifier: Apache-2.0
"""The language in which mails to a person are written, and translations of agreements"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=35), nullable=True))
    op.create_table(
        "agreement_translation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_agreement_translation_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_translation")),
        sa.UniqueConstraint("version_id", "sha256", name=op.f("uq_agreement_translation_version_id_sha256")),
    )


def downgrade() -> None:
    op.drop_table("agreement_translation")
    with op.batch_alter_table("contributor", schema=None) as batch_op:
        batch_op.drop_column("language")
