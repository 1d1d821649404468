# SPDX-License-Identifier: Apache-2.0
"""Policies and exemptions of checks; finding addresses, and the events of companies that name an entry"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("set_by", sa.String(length=300), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_policy_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_policy")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_project_policy_project_id_number")),
    )
    op.create_table(
        "check_exemption",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("added_by", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=300), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_check_exemption_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_exemption")),
    )
    with op.batch_alter_table("check_exemption", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_exemption_project_id_provider_subject"), ["project_id", "provider", "subject"]
        )
        batch_op.create_index(batch_op.f("ix_check_exemption_project_id_address"), ["project_id", "address"])
    with op.batch_alter_table("person_detail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_lower", sa.String(length=320), nullable=True))
        batch_op.create_index(batch_op.f("ix_person_detail_email_lower"), ["email_lower"])
    op.execute("UPDATE person_detail SET email_lower = lower(email)")
    with op.batch_alter_table("company_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("change", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("entry_id", sa.String(length=40), nullable=True))
    _read_documents()
    with op.batch_alter_table("company_event", schema=None) as batch_op:
        batch_op.alter_column("change", existing_type=sa.String(length=32), nullable=False)
        batch_op.create_index(batch_op.f("ix_company_event_company_id_change"), ["company_id", "change"])
        batch_op.create_index(batch_op.f("ix_company_event_entry_id"), ["entry_id"])


def _read_documents() -> None:
    """What each document says of its change, beside it."""
    bind = op.get_bind()
    event = sa.table("company_event", *map(sa.column, ("id", "document", "change", "entry_id")))
    for row in bind.execute(sa.select(event.c.id, event.c.document)).all():
        change = json.loads(row.document)["change"]
        values = {"change": change["type"], "entry_id": change.get("entry")}
        bind.execute(sa.update(event).where(event.c.id == row.id).values(**values))


def downgrade() -> None:
    with op.batch_alter_table("company_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_event_entry_id"))
        batch_op.drop_index(batch_op.f("ix_company_event_company_id_change"))
        batch_op.drop_column("entry_id")
        batch_op.drop_column("change")
    with op.batch_alter_table("person_detail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_detail_email_lower"))
        batch_op.drop_column("email_lower")
    op.drop_table("check_exemption")
    op.drop_table("project_policy")
