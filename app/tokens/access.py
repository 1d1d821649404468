# SPDX-License-Identifier: Apache-2.0
"""What the token of a request allows; views ask here, after the guard has checked that they take such tokens at all."""

from flask import g

from app.platform.scopes import Scope
from app.tokens.errors import TokenOtherProject
from app.tokens.values import PresentedToken


def presented() -> PresentedToken | None:
    """The project's token that came with this request, if one did."""
    token: PresentedToken | None = g.get("project_token")
    return token


def may(project_slug: str, scope: Scope) -> bool:
    """Whether the request has a token of this project with this scope; raises `TokenOtherProject` for another's.

    Without a token the answer is no. A token that was sent was meant: one that does not fit is never passed over.
    """
    check_project(project_slug)
    token = presented()
    return token is not None and scope in token.scopes


def check_project(project_slug: str) -> None:
    """Refuse the token of another project; a request without one passes. Raises `TokenOtherProject`."""
    token = presented()
    if token is not None and token.project != project_slug:
        raise TokenOtherProject("The token belongs to another project than the request names.")
