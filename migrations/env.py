# SPDX-License-Identifier: Apache-2.0
"""Alembic's entry: runs the migrations on the connection that `app.platform.migrate` hands over."""

from alembic import context

from app.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite", compare_type=True)
with context.begin_transaction():
    context.run_migrations()
