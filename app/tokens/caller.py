# SPDX-License-Identifier: Apache-2.0
"""Who calls: a project's token or a person, never both; set before any view is looked at.

A bearer that begins like a token is judged as a token alone: it never becomes a person, and a bad one is refused.
"""

from flask import current_app, g, request

from app.identity.actor import asks_nobody, bearer, load_actor
from app.platform.security import declared_access
from app.tokens.errors import TokenNotExchanged
from app.tokens.secret import PREFIX
from app.wiring import services


def load_caller() -> None:
    """Set `g.project_token` or `g.actor`; runs before every request (`app.platform.security`)."""
    g.project_token = g.actor = None
    if "Authorization" not in request.headers and not request.cookies:
        return  # nobody, as most who ask about a digest are
    secret = bearer() or ""
    if secret.startswith(PREFIX) and not asks_nobody():
        g.project_token = services().tokens.present(secret)
        return
    # Elsewhere clients of others send such tokens along with what they say in the body.
    if secret.startswith("eyJ") and secret.count(".") == 2 and _takes_tokens():
        raise TokenNotExchanged("This is an ID token of a forge, and no token of a project.")
    load_actor()


def _takes_tokens() -> bool:
    rule = declared_access(current_app.view_functions.get(request.endpoint or ""))
    return rule is not None and bool(rule.scopes)
