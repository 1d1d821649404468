# SPDX-License-Identifier: Apache-2.0
"""The digests of single tensors, to find contributions that share them"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tensor_list",
        sa.Column("contribution_id", sa.String(length=40), nullable=False),
        sa.Column("contents", sa.Integer(), nullable=False),
        sa.Column("total_size", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_tensor_list_contribution_id_contribution")
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_tensor_list")),
    )
    op.create_table(
        "tensor_content",
        sa.Column("contribution_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["tensor_list.contribution_id"],
            name=op.f("fk_tensor_content_contribution_id_tensor_list"),
        ),
        sa.PrimaryKeyConstraint("contribution_id", "sha256", name=op.f("pk_tensor_content")),
    )
    op.create_index(op.f("ix_tensor_content_sha256_contribution_id"), "tensor_content", ["sha256", "contribution_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_tensor_content_sha256_contribution_id"), "tensor_content")
    op.drop_table("tensor_content")
    op.drop_table("tensor_list")
