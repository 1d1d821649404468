# SPDX-License-Identifier: Apache-2.0
"""Withdrawals; what was taken back may be given again"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("ended_signing_id", sa.String(length=40), nullable=False),
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=2), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_signing_id"], ["signing.id"], name=op.f("fk_withdrawal_ended_signing_id_signing")
        ),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_withdrawal_signing_id_signing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("ended_signing_id", name=op.f("uq_withdrawal_ended_signing_id")),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_withdrawal_entry_sha256")),
        sa.UniqueConstraint("signing_id", name=op.f("uq_withdrawal_signing_id")),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_contribution_signer_id_project_id_kind_manifest_root"), type_="unique")
        batch_op.create_index(
            batch_op.f("ix_contribution_signer_id_project_id_kind_manifest_root"),
            ["signer_id", "project_id", "kind", "manifest_root"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contribution_signer_id_project_id_kind_manifest_root"))
        batch_op.create_unique_constraint(
            batch_op.f("uq_contribution_signer_id_project_id_kind_manifest_root"),
            ["signer_id", "project_id", "kind", "manifest_root"],
        )

    op.drop_table("withdrawal")
