# SPDX-License-Identifier: Apache-2.0
"""How log lines are written: what happened, where in the code, and never the values that were at hand.

structlog's default draws every local variable of a traceback when `rich` is installed: names, addresses, tokens and
form secrets would stand in the operator's log. Here a traceback is file, line and source text alone.
"""

import structlog


def install() -> None:
    """Configure structlog for this process; may be called again."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
