# SPDX-License-Identifier: Apache-2.0
"""Companies: acceptances for them, signed events, invitations, releases; the document of a change"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("foundation_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("skeleton", sa.String(length=1000), nullable=False),
        sa.Column("jurisdiction", sa.String(length=8), nullable=False),
        sa.Column("registration", sa.String(length=200), nullable=False),
        sa.Column("registration_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["foundation_id"], ["foundation.id"], name=op.f("fk_company_foundation_id_foundation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint(
            "foundation_id",
            "jurisdiction",
            "registration_key",
            name=op.f("uq_company_foundation_id_jurisdiction_registration_key"),
        ),
    )
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_skeleton"), ["skeleton"], unique=False)

    op.create_table(
        "company_entry",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_entry_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_entry")),
    )
    with op.batch_alter_table("company_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_entry_rule_key"), ["rule", "key"], unique=False)

    op.create_table(
        "company_invitation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_invitation_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_company_invitation_token_sha256")),
    )
    op.create_table(
        "company_release",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("tensors", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_release_company_id_company")),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_company_release_contributor_id_contributor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_release")),
    )
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_release_company_id"), ["company_id"], unique=False)

    op.create_table(
        "company_acceptance",
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("power", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_acceptance_company_id_company")),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_company_acceptance_contributor_id_contributor")
        ),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_company_acceptance_signing_id_signing")),
        sa.PrimaryKeyConstraint("signing_id", name=op.f("pk_company_acceptance")),
    )
    with op.batch_alter_table("company_acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_acceptance_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_acceptance_contributor_id"), ["contributor_id"], unique=False)

    op.create_table(
        "company_event",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("signing_id", sa.String(length=40), nullable=False),
        sa.Column("contributor_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("bundle", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_event_company_id_company")),
        sa.ForeignKeyConstraint(
            ["contributor_id"], ["contributor.id"], name=op.f("fk_company_event_contributor_id_contributor")
        ),
        sa.ForeignKeyConstraint(["signing_id"], ["signing.id"], name=op.f("fk_company_event_signing_id_signing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_event")),
        sa.UniqueConstraint("company_id", "position", name=op.f("uq_company_event_company_id_position")),
        sa.UniqueConstraint("log_index", name=op.f("uq_company_event_log_index")),
        sa.UniqueConstraint("signing_id", name=op.f("uq_company_event_signing_id")),
    )
    with op.batch_alter_table("company_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_event_contributor_id"), ["contributor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_event_provider_subject"), ["provider", "subject"], unique=False)

    with op.batch_alter_table("signing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("signing", schema=None) as batch_op:
        batch_op.drop_column("document")

    with op.batch_alter_table("company_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_event_provider_subject"))
        batch_op.drop_index(batch_op.f("ix_company_event_contributor_id"))

    op.drop_table("company_event")
    with op.batch_alter_table("company_acceptance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_acceptance_contributor_id"))
        batch_op.drop_index(batch_op.f("ix_company_acceptance_company_id"))

    op.drop_table("company_acceptance")
    with op.batch_alter_table("company_release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_release_company_id"))

    op.drop_table("company_release")
    op.drop_table("company_invitation")
    with op.batch_alter_table("company_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_entry_rule_key"))

    op.drop_table("company_entry")
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_skeleton"))

    op.drop_table("company")
