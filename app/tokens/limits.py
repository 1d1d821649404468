# SPDX-License-Identifier: Apache-2.0
"""How often the public questions of machines may be asked: a project's token has a share of its own, and a larger one.

By the token before the address: a whole building of CI runners may stand behind one address. So a check that comes
without a token is counted for its change first, and its address has as wide a share as a token. Both are counted for
the address that asks, never for the change alone: commit ids are public, and whoever knows them could use up a share
that all askers have in common. A token's share is its own, whoever asks what without one.
"""

import hashlib
from collections.abc import Callable, Iterable

from flask import g
from flask_limiter import RouteLimit

from app.platform.security import caller, has_own_share, limiter

WITH_TOKEN, WITHOUT, OF_CHANGE = "600/minute", "120/minute", "30/minute"


def questions() -> RouteLimit:
    """The limit of a view that answers questions of CI: for each token, and without one for each person or address."""
    return _limit(lambda: WITH_TOKEN if has_own_share() else WITHOUT)


def checks() -> RouteLimit:
    """The limit of a view that answers about changes and counts each of them too (`count_change`)."""
    return _limit(lambda: WITH_TOKEN)


def _limit(share: Callable[[], str]) -> RouteLimit:
    return limiter.limit(share, error_message=lambda: _told(share(), "for one token" if has_own_share() else "here"))


def count_change(project: str, parts: Iterable[str]) -> None:
    """Count one more question of this caller about the change with these parts; raises 429. A token has its own share
    instead."""
    if has_own_share():
        return
    named = "\n".join([project, *sorted(parts)])
    g.asked_change = f"{caller()}:change:{hashlib.sha256(named.encode()).hexdigest()}"
    _count()


@limiter.limit(
    lambda: OF_CHANGE,
    key_func=lambda: str(g.asked_change),
    error_message=lambda: _told(OF_CHANGE, "about one change"),
)
def _count() -> None:
    """Counts, by being called."""


def _told(share: str, what: str) -> str:
    often = f"At most {share.partition('/')[0]} questions a minute are answered {what}."
    return often if has_own_share() else f"{often} A project's token has a larger share of its own."
