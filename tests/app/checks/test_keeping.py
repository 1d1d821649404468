# SPDX-License-Identifier: Apache-2.0
"""Policies and exemptions that a project keeps on the service: what is refused, what is kept, and the terminal."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.checks.errors import ExemptionUnfit, ExemptionUnknown, PolicyAgreementUnknown
from app.cli.main import main
from mcla.checks.people import ByAccount, ByAddress
from mcla.checks.policy import PolicyInvalid

GOOD = "version = 1\n"
BOT = ByAccount("demo", "49699333")


@pytest.fixture
def terminal(settings: Any, database_url: str) -> Any:
    """Runs `mcla-server` on this test's service."""
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}
    return lambda *args: CliRunner().invoke(main, args, env=env)


def test_every_version_of_a_policy_is_kept_with_who_and_when(services: Any, project: Any, clock: Any) -> None:
    for text in (GOOD, GOOD, GOOD + "# two", None):
        services.policies.set(project, text, "demo 104729")
    kept = services.policies.history(project)
    assert [(each.number, each.text) for each in kept] == [(3, None), (2, GOOD + "# two"), (1, GOOD)]
    assert {each.set_by for each in kept} == {"demo 104729"}
    assert services.policies.current(project).text is None


def test_a_policy_that_cannot_be_used_is_not_kept(services: Any, project: Any) -> None:
    rule = "[[artifacts]]\npaths = ['**']\nkind = 'code'\nagreements = ['mcla-other']\n"
    with pytest.raises(PolicyInvalid):
        services.policies.set(project, "version = 2", "x")
    with pytest.raises(PolicyAgreementUnknown, match="there is no agreement mcla-other; there are: mcla-corporate"):
        services.policies.set(project, GOOD + rule, "x")
    assert services.policies.current(project) is None


UNFIT: list[tuple[str, Any, str, int]] = [
    ("person", BOT, "A reason", 9),
    ("bot", ByAccount("github", "7"), "A reason", 9),
    ("bot", ByAccount("demo", ""), "A reason", 9),
    ("bot", ByAddress("*@example.org"), "A reason", 9),
    ("bot", ByAddress("@example.org"), "A reason", 9),
    ("bot", ByAddress("Bot@Example.org"), "A reason", 9),
    ("bot", BOT, " ", 9),
    ("bot", BOT, "A \x1b reason", 9),
    ("bot", BOT, "A reason", 0),
    ("bot", BOT, "A reason", 732),
]


def test_an_exemption_without_an_exact_name_a_reason_and_an_end_is_refused(services: Any, project: Any) -> None:
    for what, whom, reason, days in UNFIT:
        with pytest.raises(ExemptionUnfit):
            services.exemptions.add(project, what, whom, reason, services.clock.now() + timedelta(days), "x")
    assert services.exemptions.all(project) == []


def test_an_exemption_counts_from_its_day_to_its_end_in_its_own_project(
    services: Any, project: Any, ada: Any, ask: Any, later: Any
) -> None:
    before = later()
    made = services.exemptions.add(
        project, "bot", ByAccount("demo", ada.subject), "CI", services.clock.now() + timedelta(days=1), "demo 1"
    )
    assert ask(ada).subjects[0].said.code == "exempt-bot"
    assert ask(ada, project="open-voice").verdict == "not-covered"
    during = later()
    with pytest.raises(ExemptionUnknown):
        services.exemptions.end(services.projects.project("open-voice"), made.id, "x")
    services.exemptions.end(project, made.id, "demo 2")
    told = [ask(ada, as_of=each).subjects[0].said.code for each in (before, during)]
    assert (told, ask(ada).verdict) == (["not-signed", "exempt-bot"], "not-covered")
    (kept,) = services.exemptions.all(project)
    assert (kept.added_by, kept.ended_by, kept.exemption.reason) == ("demo 1", "demo 2", "CI")


def test_the_terminal_sets_shows_and_takes_back_a_policy(terminal: Any, services: Any, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(GOOD)
    assert "version 1 for tiny-llm: 0 rules" in terminal("policy", "set", "--project", "tiny-llm", str(file)).output
    assert terminal("policy", "show", "--project", "tiny-llm").stdout == GOOD
    file.write_text("version = 2")
    refused = terminal("policy", "set", "--project", "tiny-llm", str(file))
    assert refused.exit_code != 0
    assert terminal("policy", "remove", "--project", "tiny-llm").exit_code == 0
    shown = json.loads(terminal("policy", "show", "--project", "tiny-llm", "--json").stdout)
    assert [each["text"] for each in shown["policies"]] == [None, GOOD]


def test_the_terminal_adds_lists_and_ends_exemptions(terminal: Any, services: Any) -> None:
    base = ("exempt", "add", "--project", "tiny-llm", "--what", "bot", "--reason", "Updates", "--until")
    day = f"{services.clock.now() + timedelta(days=300):%Y-%m-%d}"
    assert terminal(*base, day).exit_code == 2
    assert terminal(*base, day, "--account", "demo").exit_code == 2
    assert "exempts demo:49699333 until" in terminal(*base, day, "--account", "demo:49699333").output
    (listed,) = json.loads(terminal("exempt", "list", "--project", "tiny-llm", "--json").stdout)["exemptions"]
    assert (listed["whom"], listed["counts"], listed["added_by"]) == ("demo:49699333", True, "terminal")
    assert terminal("exempt", "end", "--project", "tiny-llm", listed["id"]).exit_code == 0
    assert "over  " in terminal("exempt", "list", "--project", "tiny-llm").stdout
