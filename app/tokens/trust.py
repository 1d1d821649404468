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
from mcla.wording import Worded

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
        raise TrustUnfit("Expected at least one scope, got none.")
    if not 1 <= len(claims) <= MAX_CLAIMS:
        raise TrustUnfit(Worded("Expected 1 to %(most)s claims, got %(count)s.", most=MAX_CLAIMS, count=len(claims)))
    for name, value in claims.items():
        _check_claim(name, value)
    for name in ID_OF.keys() & claims.keys():
        if ID_OF[name] not in claims:
            raise TrustUnfit(
                Worded(
                    "Expected %(number)s beside %(name)s, got the name alone, which others can take.",
                    number=ID_OF[name],
                    name=name,
                )
            )
    if issuer in FORGES:
        _check_forge(FORGES[issuer], claims, scopes)


def _check_claim(name: str, value: str) -> None:
    if not CLAIM_NAME.fullmatch(name):
        raise TrustUnfit(
            Worded("Expected the name of a claim, such as repository_id, got %(name)s.", name=repr(name[:40]))
        )
    if name in CHECKED_ANYWAY:
        raise TrustUnfit(
            Worded("Expected a claim about the job, got %(name)s, which is checked of every token.", name=name)
        )
    if not 1 <= len(value) <= MAX_VALUE or not value.isprintable() or value != value.strip():
        raise TrustUnfit(
            Worded(
                "Expected 1 to %(most)s printable characters as %(name)s, no spaces around.", most=MAX_VALUE, name=name
            )
        )
    if "*" in value or "?" in value:
        raise TrustUnfit(
            Worded("Expected the whole value of %(name)s, got a pattern; values are compared whole.", name=name)
        )
    if name in ID_OF.values() and not (value.isascii() and value.isdigit()):
        raise TrustUnfit(Worded("Expected a number as %(name)s, got %(value)s.", name=name, value=repr(value[:40])))


def _check_forge(forge: Forge, claims: Mapping[str, str], scopes: frozenset[Scope]) -> None:
    if not {forge.repository, forge.owner} & claims.keys():
        raise TrustUnfit(
            Worded(
                "Expected %(repository)s or %(owner)s for %(forge)s, got names alone, which others can take.",
                repository=forge.repository,
                owner=forge.owner,
                forge=forge.name,
            )
        )
    if Scope.POLICY_WRITE in scopes and claims.get(forge.event, "") in {"", *forge.of_strangers}:
        raise TrustUnfit(
            Worded(
                "Expected %(event)s of a job that runs what was merged, such as push, beside %(scope)s.",
                event=forge.event,
                scope=Scope.POLICY_WRITE.value,
            )
        )


def cautions(rule: TrustRule) -> list[Worded]:
    """What else a rule trusts, in sentences for whoever made it; none for one that leaves nothing open."""
    forge, names = FORGES.get(rule.issuer), {name for name, _ in rule.claims}
    if forge is None:
        return []
    found: list[Worded] = []
    if forge.repository not in names:
        found.append(Worded("Every repository of this owner is trusted."))
    elif forge.owner not in names:
        found.append(
            Worded(
                "A repository keeps its number when it goes to another owner; name %(owner)s too.", owner=forge.owner
            )
        )
    if forge.event not in names:
        found.append(
            Worded("Jobs that run what a stranger proposes are trusted too; name %(event)s.", event=forge.event)
        )
    return found


def unmatched(rule: TrustRule, claims: Mapping[str, Any]) -> list[str]:
    """The names of the rule's claims that a token does not have, or has otherwise; a number is no text."""
    return [name for name, value in rule.claims if claims.get(name) != value]
