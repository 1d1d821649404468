# SPDX-License-Identifier: Apache-2.0
"""SQL is compiled once a run, as in a service that runs for days: anew for each test, it takes a third of the time."""

from sqlalchemy import Engine


class Compiled:
    """The first engine of each kind of database: it keeps the statements that tests have compiled so far."""

    KEPT = 10_000

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def share(self, engine: Engine) -> None:
        """Let an engine, which has not been used yet, know what others of its kind have compiled."""
        first = self._first.setdefault(engine.dialect.name, engine)
        if first is engine:
            engine._compiled_cache.capacity = self.KEPT  # type: ignore[union-attr]
            engine.connect().close()  # a dialect asks its server what it understands
        # Found by the statement and the dialect that it was compiled for: an engine needs both.
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
