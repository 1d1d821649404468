# SPDX-License-Identifier: Apache-2.0
"""Who calls: a project's token or a person, never both; set before any view is looked at.

A bearer that begins like a token is judged as a token alone: it never becomes a person, and a bad one is refused.
"""

from flask import g

from app.identity.actor import asks_nobody, bearer, load_actor
from app.tokens.secret import PREFIX
from app.wiring import services


def load_caller() -> None:
    """Set `g.project_token` or `g.actor`; runs before every request (`app.platform.security`)."""
    g.project_token = None
    secret = bearer() or ""
    if secret.startswith(PREFIX) and not asks_nobody():
        g.actor = None
        g.project_token = services().tokens.present(secret)
    else:
        load_actor()
