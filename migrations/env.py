# SPDX-License-Identifier: Apache-2.0
"""Alembic's entry: runs the migrations on the connection that `app.platform.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from app.models import metadata
from app.platform.db import UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain SQL types, so that they stay true when the code's own type changes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
