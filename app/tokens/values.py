# SPDX-License-Identifier: Apache-2.0
"""Tokens as values: what their list shows, what is told once, and what a request holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.platform.scopes import Scope

TokenState = Literal["in-use", "expired", "ended"]
TERMINAL = "terminal"
"""Who makes or ends something with `mcla-server`."""


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token without its secret, which nobody here has."""

    id: str
    project: str
    foundation_id: str
    label: str
    scopes: frozenset[Scope]
    made_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    """At day grain."""
    ended_at: datetime | None

    def state(self, now: datetime) -> TokenState:
        """Whether it still works."""
        if self.ended_at is not None:
            return "ended"
        return "expired" if self.expires_at <= now else "in-use"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `secret` is told once and stored nowhere."""

    info: TokenInfo
    secret: str


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """The token that came with a request, after every check of its own."""

    id: str
    project: str
    scopes: frozenset[Scope]


def told(scopes: frozenset[Scope]) -> str:
    """Scopes as one text, as they are stored and sent (RFC 6749 section 3.3)."""
    return " ".join(sorted(scopes))


def read_scopes(text: str) -> frozenset[Scope]:
    """Scopes of such a text; raises `ValueError` for one that does not exist."""
    return frozenset(map(Scope, text.split()))
