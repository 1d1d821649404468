# SPDX-License-Identifier: Apache-2.0
"""`mcla-server agreements`: the preview in words, publishing with a reason, and what the operator may declare."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from company_walk import account, confirm, corporate, draft_gift, found, join, list_, publish_corporate, somebody
from signin import person
from signing_walk import accept, finish
from version_folders import MATERIAL, SCOPED, copy_version, newer_version, translated

from app.cli.main import main
from app.companies.facts import company_facts
from app.platform.settings import Settings
from app.wiring import Services

Server = Callable[..., Result]
REASON = "Only the word for a fee differs."


@pytest.fixture
def server(settings: Settings, services: Services, database_url: str) -> Server:
    """Runs `mcla-server` on this test's service, of which Ada has signed the agreement."""
    accept(services, person(services.identity))
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}
    env["MCLA_ORIGIN"] = settings.origin

    def run(*args: str | Path) -> Result:
        return CliRunner().invoke(main, ["agreements", *map(str, args)], env=env)

    return run


def test_the_preview_tells_classes_words_and_numbers_and_stores_nothing(
    server: Server, services: Services, tmp_path: Path
) -> None:
    ran = server("preview", newer_version(tmp_path, "1.1.0", MATERIAL, SCOPED), "--foundation", "example")
    assert ran.exit_code == 0, ran.output
    assert "mcla-individual 1.1.0 replaces 1.0.0: material" in ran.output
    assert "material   grant.patent.retaliation: patent -> patent, copyright" in ran.output
    assert "scoped     safety.hazard_max: dual-use -> controlled" in ran.output
    assert "[-free of charge,-] {+without a fee,+}" in ran.output
    assert "By the rules, of 1 person:\n          0 stay covered" in ran.output
    assert "If you declare it compatible, of 1 person:\n          1 stay covered" in ran.output
    assert len(services.agreements.versions("mcla-individual")) == 1


def test_the_preview_as_json_has_the_same_and_counts_each_company_once(
    server: Server, services: Services, tmp_path: Path
) -> None:
    publish_corporate(services)
    sig, boss, other, emil = (somebody(services, each) for each in ("sig", "max", "mia", "emil"))
    firms = [
        found(services, sig),
        found(services, sig, company_facts("B AG", "ch", "CHE-1", "Director", "by-register")),
    ]
    for manager in (boss, other):
        join(services, sig, firms[0], manager)
    confirm(services, emil, firms[0], list_(services, boss, firms[0], account(emil), ("code",)))
    finish(services, emil, draft_gift(services, emil, firms[0]))
    folder = corporate(tmp_path, "2.0.0", MATERIAL)
    said = json.loads(server("preview", folder, "--foundation", "example", "--json").output)
    assert (said["agreement"], said["version"], said["class"]) == ("mcla-corporate", "2.0.0", "material")
    assert said["replaces"]["version"] == "1.0.0"
    assert said["changes"][-1]["key"] == "grant.patent.retaliation"
    assert said["counted"] == "companies"
    counts = {"signers": 2, "covered": 0, "again": 2, "by_kind": {"code": 1}, "of_kinds": 0, "uncovered": 0}
    assert said["by_rules"] == counts
    assert said["if_declared"] == counts | {"covered": 2, "again": 0, "by_kind": {}}
    words = server("preview", folder, "--foundation", "example").output
    assert "By the rules, of 2 companies, each counted once:" in words


def test_the_preview_of_a_first_version_as_json_counts_nobody(server: Server, tmp_path: Path) -> None:
    folder = copy_version(tmp_path / "texts", "1.0.0", "mcla-other")
    said = json.loads(server("preview", folder, "--foundation", "example", "--json").output)
    assert (said["replaces"], said["class"], said["by_rules"], said["if_declared"]) == (None, None, None, None)
    assert server("preview", tmp_path, "--foundation", "example", "--json").exit_code == 1


def test_publishing_with_a_reason_declares_and_a_declaration_against_the_rules_needs_its_class_named(
    server: Server, tmp_path: Path, services: Services
) -> None:
    folder = newer_version(tmp_path, "1.1.0", MATERIAL)
    refused = server("publish", folder, "--foundation", "example", "--reason", REASON)
    assert refused.exit_code == 1
    assert "--although material" in refused.output
    assert len(services.agreements.versions("mcla-individual")) == 1
    taken = server("publish", folder, "--foundation", "example", "--grace-days", "14")
    assert taken.output.startswith("mcla-individual 1.1.0 sha256:")
    assert services.agreements.version("mcla-individual", "1.1.0").grace_days == 14
    said = server("compatible", "mcla-individual", "1.0.0", "1.1.0", "--reason", REASON, "--although", "material")
    assert "carries on to 1.1.0: cmp_" in said.output, said.output
    again = server("compatible", "mcla-individual", "1.0.0", "1.1.0", "--reason", REASON, "--although", "material")
    assert "already-declared" in again.output


def test_a_translation_is_added_and_named_by_its_own_digest(server: Server, services: Services, tmp_path: Path) -> None:
    version = services.agreements.version("mcla-individual")
    folder = translated(tmp_path, version)
    ran = server("translate", folder, "mcla-individual", "1.0.0")
    (added,) = services.agreements.translations.of(version)
    assert ran.output == f"mcla-individual 1.0.0 de sha256:{added.sha256}\n"
    refused = server("translate", translated(tmp_path, version, says="language = de"), "mcla-individual", "1.0.0")
    assert refused.exit_code != 0
    assert "translation.toml cannot be used" in refused.output
