# SPDX-License-Identifier: Apache-2.0
"""Write a migration from what the models have and the schema lacks: `scripts/new_migration.py "what changes"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.platform.db import Database
from app.platform.migrate import alembic_config, upgrade


def main(message: str) -> None:
    """Upgrade an empty database to the newest schema and let Alembic compare it with the models."""
    config = alembic_config()
    number = max(int(each.name[:4]) for each in Path("migrations/versions").glob("[0-9]*.py")) + 1
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/schema.sqlite")
        upgrade(db)
        with db.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
