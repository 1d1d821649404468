# SPDX-License-Identifier: Apache-2.0
"""Rules: what a forge's word has to say. Numbers and whole values are taken, names alone and patterns are not."""

from typing import Any

import pytest
from signing_walk import PROJECT

from app.platform.scopes import Scope
from app.tokens.errors import TrustUnfit
from app.tokens.trust import check_rule

GITHUB, GITLAB, OTHER = "https://token.actions.githubusercontent.com", "https://gitlab.com", "https://ci.example.org"
READ, WRITE = frozenset({Scope.CHECKS_READ}), frozenset({Scope.POLICY_WRITE})
BOTH = {"repository_id": "74", "repository_owner_id": "65"}

GOOD: list[tuple[str, dict[str, str], frozenset[Scope]]] = [
    (GITHUB, BOTH, READ),
    (GITHUB, {"repository_owner_id": "65"}, READ),
    (GITHUB, BOTH | {"repository": "octo/repo", "ref": "refs/heads/main"}, READ),
    (GITHUB, BOTH | {"event_name": "push"}, WRITE),
    (GITLAB, {"project_id": "22", "project_path": "group/project"}, READ),
    (OTHER, {"sub": "system:serviceaccount:ci:runner"}, READ),
]
BAD: list[tuple[str, dict[str, str], frozenset[Scope], str]] = [
    (GITHUB, {}, READ, "claims"),
    (GITHUB, {f"x{n}": "1" for n in range(21)}, READ, "claims"),
    (GITHUB, BOTH, frozenset(), "scope"),
    (GITHUB, {"repository": "octo/repo"}, READ, "Expected repository_id beside repository"),
    (GITHUB, {"repository_id": "74", "repository_owner": "octo"}, READ, "repository_owner_id"),
    (GITHUB, {"sub": "repo:octo/repo:ref:refs/heads/main"}, READ, "names alone"),
    (GITHUB, {"repository_id": "octo/repo"}, READ, "Expected a number as repository_id"),
    (GITHUB, {"repository_id": "٧٤"}, READ, "Expected a number"),
    (GITHUB, BOTH | {"ref": "refs/heads/*"}, READ, "pattern"),
    (GITHUB, BOTH | {"ref": " refs/heads/main"}, READ, "spaces"),
    (GITHUB, BOTH | {"ref": ""}, READ, "characters"),
    (GITHUB, BOTH | {"ref": "a\0b"}, READ, "printable"),
    (GITHUB, BOTH | {"ref": "x" * 501}, READ, "characters"),
    (GITHUB, BOTH | {"": "x"}, READ, "name of a claim"),
    (GITHUB, BOTH | {"a b": "x"}, READ, "name of a claim"),
    (GITHUB, BOTH | {"aud": "x"}, READ, "checked of every token"),
    (GITHUB, BOTH | {"iss": GITHUB}, READ, "checked of every token"),
    (GITHUB, BOTH, WRITE, "event_name"),
    (GITHUB, BOTH | {"event_name": "pull_request_target"}, WRITE, "event_name"),
    (GITHUB, BOTH | {"event_name": "workflow_run"}, WRITE, "event_name"),
    (GITLAB, {"project_path": "group/project"}, READ, "project_id"),
    (GITLAB, {"ref": "main"}, READ, "names alone"),
    (GITLAB, {"project_id": "22", "pipeline_source": "merge_request_event"}, WRITE, "pipeline_source"),
    (OTHER, {"project_path": "group/project"}, READ, "project_id"),
]


def test_rules_with_numbers_and_whole_values_are_made() -> None:
    for issuer, claims, scopes in GOOD:
        check_rule(issuer, claims, scopes)


@pytest.mark.parametrize(("issuer", "claims", "scopes", "said"), BAD)
def test_a_rule_that_trusts_more_than_it_seems_to_is_refused(
    issuer: str, claims: dict[str, str], scopes: frozenset[Scope], said: str
) -> None:
    with pytest.raises(TrustUnfit, match=said):
        check_rule(issuer, claims, scopes)


def test_the_terminal_makes_lists_and_ends_rules_and_says_what_they_leave_open(server: Any) -> None:
    one, two = ("--claim", "repository_id=74"), ("--claim", "repository_owner_id=65", "--claim", "event_name=push")
    base = ("token", "trust", "add", "--project", PROJECT, "--issuer", GITHUB, "--scope", "checks:read")
    open_ended = server(*base, *one)
    assert open_ended.exit_code == 0, open_ended.output
    assert "repository_owner_id too" in open_ended.stderr
    assert "event_name" in open_ended.stderr
    assert server(*base, *one, *two).stderr == ""
    listed = server("token", "trust", "list").stdout
    assert listed.count("in-force") == 2
    assert "event_name=push repository_id=74 repository_owner_id=65" in listed
    rule = open_ended.stdout.strip()
    assert server("token", "trust", "end", rule).exit_code == 0
    assert '"state": "ended"' in server("token", "trust", "list", "--project", PROJECT, "--json").stdout
    assert "wtr_" in server("token", "trust", "end", "wtr_" + "0" * 26).stderr


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("--issuer", GITHUB, "--claim", "repository"), 2, "NAME=VALUE"),
        (("--issuer", GITHUB, "--claim", "ref=a", "--claim", "ref=b"), 2, "once"),
        (("--issuer", OTHER, "--claim", "sub=x"), 1, "MCLA_WORKLOAD_ISSUERS"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_terminal_refuses_what_makes_no_rule(server: Any, args: tuple[str, ...], code: int, said: str) -> None:
    ran = server("token", "trust", "add", "--project", PROJECT, "--scope", "checks:read", *args)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert said in ran.stderr
