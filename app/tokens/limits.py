# SPDX-License-Identifier: Apache-2.0
"""How often the public questions of machines may be asked: a project's token has a share of its own, and a larger one.

By the token before the address: a whole building of CI runners may stand behind one address.
"""

from flask_limiter import RouteLimit

from app.platform.security import limiter
from app.tokens.access import presented

WITH_TOKEN, WITHOUT = "600/minute", "120/minute"


def questions() -> RouteLimit:
    """The limit of a view that answers questions of CI: for each token, and without one for each person or address."""
    return limiter.limit(_share, error_message=_told)


def _share() -> str:
    return WITH_TOKEN if presented() else WITHOUT


def _told() -> str:
    often = f"At most {_share().partition('/')[0]} questions a minute are answered"
    return (
        f"{often} for one token." if presented() else f"{often} here. A project's token has a larger share of its own."
    )
