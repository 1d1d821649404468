# SPDX-License-Identifier: Apache-2.0
"""Offers under agreements that need a counter-signature, and the foundation's answers"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.alter_column("signature_id", existing_type=sa.String(length=40), nullable=True)
    op.create_table(
        "offer",
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("foundation_id", sa.String(length=40), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["foundation_id"], ["foundation.id"], name=op.f("fk_offer_foundation_id_foundation")),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_offer_signing_id_signing")),
        sa.PrimaryKeyConstraint("signing_id", name=op.f("pk_offer")),
        sa.UniqueConstraint("log_index", name=op.f("uq_offer_log_index")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_foundation_id_until"), ["foundation_id", "until"], unique=False)
    op.create_table(
        "offer_answer",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("identity_id", sa.String(length=40), nullable=False),
        sa.Column("person_detail_id", sa.String(length=40), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=False),
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_offer_answer_identity_id_identity")),
        sa.ForeignKeyConstraint(
            ["person_detail_id"], ["person_detail.id"], name=op.f("fk_offer_answer_person_detail_id_person_detail")
        ),
        sa.ForeignKeyConstraint(["signing_id"], ["offer.signing_id"], name=op.f("fk_offer_answer_signing_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_answer")),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_offer_answer_entry_sha256")),
        sa.UniqueConstraint("signing_id", name=op.f("uq_offer_answer_signing_id")),
    )


def downgrade() -> None:
    op.drop_table("offer_answer")
    op.drop_table("offer")
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.alter_column("signature_id", existing_type=sa.String(length=40), nullable=False)
