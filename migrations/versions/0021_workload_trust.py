# SPDX-License-Identifier: Apache-2.0
"""Rules by which a forge's word is worth a token"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workload_trust",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_workload_trust_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_trust")),
    )
    with op.batch_alter_table("workload_trust", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workload_trust_project_id"), ["project_id"], unique=False)
    with op.batch_alter_table("project_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trust_id", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_project_token_trust_id"), ["trust_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_project_token_trust_id_workload_trust"), "workload_trust", ["trust_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("project_token", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_project_token_trust_id_workload_trust"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_project_token_trust_id"))
        batch_op.drop_column("trust_id")
    op.drop_table("workload_trust")
