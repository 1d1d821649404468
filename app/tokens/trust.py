# SPDX-License-Identifier: Apache-2.0
"""Which words of a forge are trusted: a rule names an issuer and claims, and each has to be there exactly as it says.

Numbers are asked for, never names alone: a name can be given up and taken by somebody else, who would then be trusted.
Pure functions; `app.tokens.exchange` has the tables and the network.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.platform.scopes import Scope
from app.tokens.errors import TrustUnfit

MAX_CLAIMS, MAX_VALUE = 20, 500
CLAIM_NAME = re.compile(r"[A-Za-z0-9_:./-]{1,100}")
CHECKED_ANYWAY = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
ID_OF = {
    "repository": "repository_id",
    "repository_owner": "repository_owner_id",
    "actor": "actor_id",
    "project_path": "project_id",
    "namespace_path": "namespace_id",
    "user_login": "user_id",
    "user_email": "user_id",
}
"""Claims that are names, with the claim that has the number of the same thing."""


@dataclass(frozen=True, slots=True)
class Forge:
    """What is known of a forge whose issuer is known."""

    name: str
    repository: str
    """The claim with a repository's number. A rule needs this one or the next."""
    owner: str
    """The claim with the number of its owner."""
    event: str
    """The claim that says what set the job off."""
    of_strangers: frozenset[str]
    """Its values for jobs that may run what a stranger proposes."""


FORGES = {
    "https://token.actions.githubusercontent.com": Forge(
        "GitHub Actions",
        "repository_id",
        "repository_owner_id",
        "event_name",
        frozenset({"pull_request", "pull_request_target", "issue_comment", "workflow_run"}),
    ),
    "https://gitlab.com": Forge(
        "GitLab",
        "project_id",
        "namespace_id",
        "pipeline_source",
        frozenset({"merge_request_event", "external_pull_request_event"}),
    ),
}


@dataclass(frozen=True, slots=True)
class TrustRule:
    """A rule, as values."""

    id: str
    project: str
    foundation_id: str
    issuer: str
    claims: tuple[tuple[str, str], ...]
    """Sorted by name."""
    scopes: frozenset[Scope]
    made_by: str
    created_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None

    @property
    def forge(self) -> str:
        """The issuer's name as people know it."""
        return FORGES[self.issuer].name if self.issuer in FORGES else self.issuer


def check_rule(issuer: str, claims: Mapping[str, str], scopes: frozenset[Scope]) -> None:
    """Refuse a rule that would trust more than whoever makes it may think; raises `TrustUnfit`."""
    if not scopes:
        raise TrustUnfit("expected at least one scope, got none")
    if not 1 <= len(claims) <= MAX_CLAIMS:
        raise TrustUnfit(f"expected 1 to {MAX_CLAIMS} claims, got {len(claims)}")
    for name, value in claims.items():
        _check_claim(name, value)
    for name in ID_OF.keys() & claims.keys():
        if ID_OF[name] not in claims:
            raise TrustUnfit(f"expected {ID_OF[name]} beside {name}, got the name alone, which others can take")
    if issuer in FORGES:
        _check_forge(FORGES[issuer], claims, scopes)


def _check_claim(name: str, value: str) -> None:
    if not CLAIM_NAME.fullmatch(name):
        raise TrustUnfit(f"expected the name of a claim, such as repository_id, got {name[:40]!r}")
    if name in CHECKED_ANYWAY:
        raise TrustUnfit(f"expected a claim about the job, got {name}, which is checked of every token")
    if not 1 <= len(value) <= MAX_VALUE or not value.isprintable() or value != value.strip():
        raise TrustUnfit(f"expected 1 to {MAX_VALUE} printable characters as {name}, without spaces around them")
    if "*" in value or "?" in value:
        raise TrustUnfit(f"expected the whole value of {name}, got a pattern; values are compared whole")
    if name in ID_OF.values() and not (value.isascii() and value.isdigit()):
        raise TrustUnfit(f"expected a number as {name}, got {value[:40]!r}")


def _check_forge(forge: Forge, claims: Mapping[str, str], scopes: frozenset[Scope]) -> None:
    if not {forge.repository, forge.owner} & claims.keys():
        wanted = f"{forge.repository} or {forge.owner}"
        raise TrustUnfit(f"expected {wanted} for {forge.name}, got names alone, which others can take")
    if Scope.POLICY_WRITE in scopes and claims.get(forge.event, "") in {"", *forge.of_strangers}:
        raise TrustUnfit(
            f"expected {forge.event} of a job that runs what was merged, such as push, beside {Scope.POLICY_WRITE}"
        )


def cautions(rule: TrustRule) -> list[str]:
    """What else a rule trusts, in sentences for whoever made it; none for one that leaves nothing open."""
    forge, names = FORGES.get(rule.issuer), {name for name, _ in rule.claims}
    if forge is None:
        return []
    found = []
    if forge.repository not in names:
        found.append("Every repository of this owner is trusted.")
    elif forge.owner not in names:
        found.append(f"A repository keeps its number when it goes to another owner; name {forge.owner} too.")
    if forge.event not in names:
        found.append(
            f"Jobs that run what a stranger proposes are trusted too, where there are any; name {forge.event}."
        )
    return found


def unmatched(rule: TrustRule, claims: Mapping[str, Any]) -> list[str]:
    """The names of the rule's claims that a token does not have, or has otherwise; a number is no text."""
    return [name for name, value in rule.claims if claims.get(name) != value]
