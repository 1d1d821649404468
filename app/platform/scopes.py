# SPDX-License-Identifier: Apache-2.0
"""What a project's token may be used for: the scopes, and the refusal of a token that a view does not take.

A view names the scopes that it takes (`app.platform.security.access`); one that names none takes no token at all.
"""

from enum import StrEnum
from typing import Protocol

from mcla.errors import MclaError


class Scope(StrEnum):
    """One thing that a token allows."""

    CHECKS_READ = "checks:read"
    CHECKS_WAIT = "checks:wait"
    COVERAGE_READ = "coverage:read"
    POLICY_WRITE = "policy:write"


SCOPE_MEANINGS = {
    Scope.CHECKS_READ: "Ask about changes by the e-mail addresses of their commits too",
    Scope.CHECKS_WAIT: "Have a check asked again when somebody signs, and see how it stands",
    Scope.COVERAGE_READ: "Ask who is covered, under a limit of its own",
    Scope.POLICY_WRITE: "Replace the project’s check policy",
}
"""Each scope in words, for whoever chooses it."""


class HasScopes(Protocol):
    """A token as it came with a request."""

    @property
    def scopes(self) -> frozenset[Scope]: ...


class TokenNeeded(MclaError):
    """Only a project's token can call this."""

    code = "token-needed"
    status = 401
    hint = (
        "Send a project's token: Authorization: Bearer mcla_pat_…; the foundation's staff makes one at /console/tokens."
    )


class TokenNotTaken(MclaError):
    """The view takes no project's token."""

    code = "token-not-taken"
    status = 403
    hint = "Send this request without the token, or as a person who is signed in where it needs one."


class TokenScopeMissing(MclaError):
    """The token has none of the scopes that the view takes."""

    code = "token-scope-missing"
    status = 403
    hint = "Use a token with that scope; the foundation's staff makes one at /console/tokens."


def check_scopes(token: HasScopes, taken: frozenset[Scope], *, needed: bool) -> None:
    """Refuse a token for a view that takes none, or one whose scopes are other ones where one of `taken` is `needed`.

    Raises `TokenNotTaken` or `TokenScopeMissing`.
    """
    if not taken:
        raise TokenNotTaken("A project's token cannot be used here.")
    if needed and not taken & token.scopes:
        raise TokenScopeMissing(f"This needs a token with the scope {' or '.join(sorted(taken))}.")
