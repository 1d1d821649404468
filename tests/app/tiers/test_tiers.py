# SPDX-License-Identifier: Apache-2.0
"""Terms that a project publishes: immutable, in the log, in force from a day on, asked by the project's name."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from feeds import entry
from flask.testing import FlaskClient
from tiers_documents import document

from app.cli.main import main
from app.tiers.errors import (
    TiersBackdated,
    TiersIdOther,
    TiersIdTaken,
    TiersOvertaken,
    TiersTooLarge,
    TiersUnknown,
    TiersVersionLow,
    TiersVersionTaken,
)
from app.tiers.values import Owner
from mcla.artifacts.digest import sha256_hex
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.tiers.errors import TierImpossible, TiersInvalid
from mcla.tiers.reading import read_terms
from mcla.verify.verifier import verify_artifact

SMALL = {"commercial": False, "purposes": ["research"], "uses": [], "registered": False, "receipt": "direct"}
KNOWN = SMALL | {
    "users": {"count": 10},
    "revenue": {"amount": 10, "currency": "USD", "period": "year", "measured": "preceding-year"},
}
FILES = [{"path": "model.safetensors", "sha256": "2" * 64, "size": 9}]


@pytest.fixture
def mine(services: Any) -> Owner:
    project = services.projects.project("tiny-llm")
    return Owner(project.foundation, project)


def ask(client: FlaskClient, **asked: Any) -> Any:
    return client.post("/api/v1/licences/evaluate", json={"project": "tiny-llm", "use": KNOWN} | asked)


def test_what_is_published_can_be_proven_without_the_service_and_asked_by_the_projects_name(
    client: FlaskClient, services: Any, mine: Owner
) -> None:
    made = services.tiers.publish(mine, document(), "terminal")
    where = "/api/v1/tiers/example-model-terms/1.0.0"
    answer: Any = client.get(where)
    assert (answer.json["digest"], answer.json["effective"]) == (sha256_hex(document()), "2026-11-22")
    assert answer.json["document"].encode() == client.get(f"{where}/document").data == document()
    bundle = client.get(f"{where}/bundle").data
    verdict = verify_artifact(made.terms.digest, bundle, services.trust, issuer=services.settings.origin)
    assert verdict.verified
    other = verify_artifact("0" * 64, canonical_json(answer.json["bundle"]), services.trust)
    assert not other.verified
    told: Any = ask(client).json
    assert (told["effect"], told["certain"], told["decided_by"]["rests_on"]) == ("permit", True, "clause 2")
    assert told["terms"] == {
        "id": "example-model-terms",
        "version": "1.0.0",
        "digest": made.terms.digest,
        "effective": "2026-11-22",
    }
    (line,) = client.get("/api/v1/tiers").json["tiers"]  # type: ignore[index]
    assert (line["project"], line["foundation"], line["log_index"]) == ("tiny-llm", "example", made.log_index)


def test_the_version_in_force_on_the_day_decides_and_an_old_one_can_be_named(
    client: FlaskClient, services: Any, mine: Owner
) -> None:
    services.tiers.publish(mine, document(), "terminal")
    stricter = document("1.1.0", ('effect = "permit"  ', 'effect = "deny"  '), effective="2027-01-01")
    services.tiers.publish(mine, stricter, "terminal")
    for facts, version, effect in (
        ({}, None, "permit"),
        ({"date": "2026-12-31"}, None, "permit"),
        ({"date": "2027-01-01"}, None, "deny"),
        ({"date": "2027-01-01"}, "1.0.0", "permit"),
        ({"date": "2026-12-31"}, "1.1.0", "deny"),
    ):
        asked = {"use": KNOWN | facts} | ({"version": version} if version else {})
        assert ask(client, **asked).json["effect"] == effect, (facts, version)
    assert "begins on 2027-01-01" in ask(client, version="1.1.0").json["decided_by"]["rests_on"]
    assert ask(client, use=KNOWN | {"date": "2026-11-21"}).json["code"] == "tiers-not-published"


def test_a_project_without_terms_has_those_of_its_foundation(client: FlaskClient, services: Any, mine: Owner) -> None:
    assert ask(client).json["code"] == "tiers-not-published"
    general = document("3.0.0", ('"example-model-terms"', '"example-general"'))
    services.tiers.publish(Owner(mine.foundation), general, "terminal")
    assert ask(client).json["terms"]["id"] == "example-general"
    services.tiers.publish(mine, document(), "terminal")
    assert ask(client).json["terms"]["id"] == "example-model-terms"


def test_the_same_bytes_again_are_the_same_version_on_any_day(services: Any, mine: Owner) -> None:
    first = services.tiers.publish(mine, document(), "terminal")
    services.clock.at += timedelta(days=3)
    again = services.tiers.publish(mine, document(), "somebody else")
    assert (again.number, again.log_index, again.effective) == (1, first.log_index, first.effective)
    assert services.tiers.draft(mine, document()).already


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (document("1.0.0", ("clause 4", "clause 5")), TiersVersionTaken),
        (document("0.9.0"), TiersVersionLow),
        (document("1.0.0", ('"example-model-terms"', '"other-terms"')), TiersIdOther),
        (document("1.1.0", effective="2026-11-21"), TiersBackdated),
        (document("1.1.0", effective="2026-11-30"), TiersBackdated),
        (document("1.1.0", effective="2026-02-30"), TiersInvalid),
        (document("01.1.0"), TiersInvalid),
        (document("1.1.0", ("when = [{", 'when = [{ fact = "uses", only = ["spam"] }, {')), TierImpossible),
        (b"#" * 200_000, TiersTooLarge),
        (b"\xff\xfe", TiersInvalid),
    ],
)
def test_nothing_is_published_over_before_or_beside_what_is_there(
    services: Any, mine: Owner, given: bytes, error: type[MclaError]
) -> None:
    services.tiers.publish(mine, document(effective="2026-12-01"), "terminal")
    for doing in (services.tiers.draft, lambda owner, text: services.tiers.publish(owner, text, "terminal")):
        with pytest.raises(error):
            doing(mine, given)
    assert [each.version for each in services.tiers.everything()] == ["1.0.0"]


def test_an_id_belongs_to_one_owner_and_a_preview_is_overtaken_by_what_came_between(services: Any, mine: Owner) -> None:
    services.tiers.publish(mine, document(), "terminal")
    with pytest.raises(TiersIdTaken):
        services.tiers.publish(Owner(mine.foundation), document("2.0.0"), "terminal")
    with pytest.raises(TiersOvertaken):
        services.tiers.publish(mine, document("2.0.0"), "terminal", seen="")
    services.tiers.publish(mine, document("2.0.0"), "terminal", seen=sha256_hex(document()))


def test_a_version_counts_once_it_is_in_the_log_and_a_job_brings_it_there(
    services: Any, mine: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(services.log, "append", killed)
        with pytest.raises(RuntimeError):
            services.tiers.publish(mine, document(), "terminal")
    with pytest.raises(TiersUnknown):
        services.tiers.version("example-model-terms", "1.0.0")
    services.clock.at += timedelta(minutes=1)
    services.worker.run_due()
    assert services.tiers.version("example-model-terms", "1.0.0").number == 1


def test_a_decision_rests_on_the_projects_terms_and_can_be_had_again_after_feed_and_terms_changed(
    client: FlaskClient, services: Any, mine: Owner
) -> None:
    services.tiers.publish(mine, document(feed="binding"), "terminal")
    bare = {"schema": "mcla.feed-entries/1", "entries": [entry()]}
    services.feed.publish(json.dumps(bare).encode(), "Example", 60)
    use = KNOWN | {"uses": ["social_behaviour_discrimination"], "jurisdictions": ["US"]}
    made = client.post("/api/v1/decisions", json={"project": "tiny-llm", "use": use, "files": FILES})
    assert made.status_code == 201, made.text
    outcome: Any = made.json["outcome"]  # type: ignore[index]
    assert outcome["effect"] == "permit"
    services.clock.at += timedelta(days=2)
    wider = bare | {"entries": [entry(jurisdictions=["*"])]}
    services.feed.publish(json.dumps(wider).encode(), "Example", 60)
    services.tiers.publish(mine, document("1.1.0", feed="binding"), "terminal")
    assert ask(client, use=use).json["effect"] == "deny"
    then = {"use": use | {"date": outcome["as_of"]}, "feed": outcome["feed"]["digest"]}
    assert ask(client, **then).json == outcome
    kept: Any = client.get(f"/.well-known/mcla/feeds/sha256:{outcome['feed']['digest']}.json")
    assert (kept.status_code, kept.json["serial"]) == (200, 1)
    late = services.feed.current()
    newest = client.get("/.well-known/mcla/feed.json").data
    assert late == newest
    digest = services.feed.publish(json.dumps(bare).encode(), "Example", 90).digest
    assert ask(client, **(then | {"feed": digest})).json["code"] == "feed-not-yet"
    assert ask(client, **(then | {"feed": "0" * 64})).json["code"] == "feed-not-published"


def test_terms_that_bind_permit_nothing_once_the_last_feed_is_over(
    client: FlaskClient, services: Any, mine: Owner
) -> None:
    services.tiers.publish(mine, document(feed="binding"), "terminal")
    services.feed.publish(json.dumps({"schema": "mcla.feed-entries/1", "entries": [entry()]}).encode(), "Example", 5)
    facts = KNOWN | {"jurisdictions": ["US"]}
    assert ask(client, use=facts).json["effect"] == "permit"
    services.clock.at += timedelta(days=6)
    over: Any = ask(client, use=facts).json
    assert (over["effect"], over["feed"]["digest"], over["unknown"][0]["fact"]) == ("deny", None, "feed")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"project": "no-such-project"}, 404, "project-unknown"),
        ({"project": "\0"}, 404, "project-unknown"),
        ({"version": "9.9.9"}, 404, "tiers-unknown"),
        ({"version": "\0"}, 404, "tiers-unknown"),
        ({"licence": "MIT"}, 422, "licence-question-unasked"),
        ({"project": None, "version": "1.0.0", "licence": "MIT"}, 422, "licence-question-unasked"),
        ({"use": KNOWN | {"users": {"count": -1}}}, 400, "use-facts-invalid"),
        ({"use": KNOWN | {"revenue": {"amount": 1}}}, 400, "money-without-unit"),
        ({"use": KNOWN | {"users": [{"count": 1}, {"count": 2}]}}, 400, "use-facts-contradict"),
        ({"feed": "x"}, 404, "feed-not-published"),
    ],
)
def test_a_question_that_means_nothing_is_refused_by_its_own_name(
    client: FlaskClient, services: Any, mine: Owner, asked: dict[str, Any], status: int, code: str
) -> None:
    services.tiers.publish(mine, document(), "terminal")
    body = {name: each for name, each in ({"project": "tiny-llm", "use": KNOWN} | asked).items() if each is not None}
    answer = client.post("/api/v1/licences/evaluate", json=body)
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[index]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "text", ['{"users":{"count":NaN}}', '{"users":{"count":1e999}}', '{"commercial":true,"commercial":false}']
)
def test_facts_with_two_meanings_or_none_are_no_json_here(client: FlaskClient, text: str) -> None:
    body = f'{{"licence":"MIT","use":{text}}}'
    answer = client.post("/api/v1/licences/evaluate", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "json-invalid")  # type: ignore[index]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_tells_by_condition_what_somebody_may_do(client: FlaskClient, services: Any, mine: Owner) -> None:
    assert "No project has published terms" in client.get("/tiers").text
    services.tiers.publish(mine, document(), "terminal")
    services.tiers.publish(mine, document("1.1.0", feed="advisory", effective="2027-01-01"), "terminal")
    page = client.get("/tiers/example-model-terms/1.0.0").text
    for said in (
        "You may use it if you do something for it",
        "You and your group have more than 1\u00a0000\u00a0000 USD revenue a year, measured over the year before",
        "You have at least 1\u00a0000\u00a0000 monthly active users, measured at any time",
        "Show the name of the model",
        "It rests on clause 3 (a)",
        sha256_hex(document()),
    ):
        assert said in page
    soon = client.get("/tiers/example-model-terms/1.1.0").text
    assert "These terms begin on 1 January 2027" in soon
    assert "Advisory: what a feed says is told beside the answer" in soon
    german = client.get("/tiers/example-model-terms/1.0.0", headers={"Accept-Language": "de"}).text
    assert "Umsatz im Jahr" in german
    assert client.get("/tiers/example-model-terms/7.0.0").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operator_publishes_at_the_terminal(services: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.wiring.services_of_command", lambda _: services)
    monkeypatch.setattr("app.cli.tiers.load_settings", lambda: services.settings)
    file = tmp_path / "terms.toml"
    file.write_bytes(document())
    run = CliRunner().invoke
    done = run(main, ["tiers", "publish", str(file), "--project", "tiny-llm"])
    assert done.exit_code == 0, done.output
    listed = json.loads(run(main, ["tiers", "list", "--json"]).output)
    assert [each["digest"] for each in listed["tiers"]] == [read_terms(document()).digest]
    assert run(main, ["tiers", "publish", str(file)]).exit_code == 2
    file.write_bytes(document("1.0.0", ("clause 4", "clause 5")))
    refused = run(main, ["tiers", "publish", str(file), "--project", "tiny-llm"])
    assert (refused.exit_code, "tiers-version-taken" in refused.output) == (1, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_of_a_licence_says_how_a_feed_counts_under_it(client: FlaskClient) -> None:
    page = client.get("/licences/MIT").text
    assert "<dt>Compliance feed</dt><dd>Advisory: what a feed says is told beside the answer" in page
