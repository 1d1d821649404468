# SPDX-License-Identifier: Apache-2.0
"""What an artifact rests on and what was made from it: both ways, with what does not fit, nothing hidden."""

import re
from datetime import timedelta
from typing import Any

import pytest
from counting import counted
from flask.testing import FlaskClient
from record_kinds import ANSWERS
from signin import person, sign_in
from signing_walk import Holder, accept, certify, end, file
from sqlalchemy import update

from app.contributions.models import Contribution
from app.identity.ports import Actor
from app.signing.values import Completed
from mcla.artifacts.manifest import ManifestEntry

LLAMA = "LicenseRef-llama-3.1"
BASE = {"name": "meta/llama-3.1-8b", "revision": "main", "relation": "fine-tune", "licence": LLAMA}


@pytest.fixture
def ada(services: Any) -> Actor:
    actor = person(services.identity, "ada")
    accept(services, actor)
    return actor


def weights(
    services: Any, actor: Actor, entry: ManifestEntry, *bases: dict[str, str], title: str, outbound: str = ""
) -> Completed:
    answers = ANSWERS | {"title": title, "bases": list(bases), **({"outbound": outbound} if outbound else {})}
    signing = services.signing.draft_contribution(actor, "tiny-llm", "weights", (entry,), answers, "browser")
    holder = Holder()
    certify(services, actor, signing, holder)
    return services.signing.complete(actor, signing.id, holder.signature(signing.statement), consent=True)


def of(entry: ManifestEntry, relation: str = "fine-tune", licence: str = "Apache-2.0") -> dict[str, str]:
    """A base that is a file given here."""
    return {"name": "a file given here", "sha256": entry.sha256, "relation": relation, "licence": licence}


TUNED, MERGED, QUANTISED = (file(f"{name}.safetensors", name.encode()) for name in ("tuned", "merged", "quantised"))


@pytest.fixture
def family(services: Any, ada: Actor) -> list[Completed]:
    """Llama -> tuned -> quantised, relabelled on the way."""
    return [
        weights(services, ada, TUNED, BASE, title="MedChat", outbound="Apache-2.0"),
        weights(services, ada, QUANTISED, of(TUNED, "quantisation"), title="MedChat GGUF", outbound="Apache-2.0"),
    ]


def told(client: FlaskClient, entry: ManifestEntry) -> Any:
    return client.get(f"/api/v1/artifacts/sha256:{entry.sha256}/lineage").json


def names(answer: Any, *steps: int) -> list[str]:
    return [node["name"] for node in answer["nodes"] if node["steps"] in steps]


def test_what_it_rests_on_and_what_came_from_it_are_told_from_every_place(
    client: FlaskClient, family: list[Completed]
) -> None:
    tuned, quantised = told(client, TUNED), told(client, QUANTISED)
    assert (names(tuned, -1), names(tuned, 0), names(tuned, 1)) == (
        ["meta/llama-3.1-8b@main"],
        ["MedChat"],
        ["MedChat GGUF"],
    )
    assert (names(quantised, -2), names(quantised, -1)) == (["meta/llama-3.1-8b@main"], ["MedChat"])
    assert tuned["whole"]
    assert quantised["whole"]


def test_a_licence_that_is_freer_than_its_base_is_seen_where_it_was_lost(
    client: FlaskClient, family: list[Completed]
) -> None:
    nodes = {node["name"]: node for node in told(client, QUANTISED)["nodes"]}
    [claim] = nodes["MedChat"]["contributions"]
    assert (claim["verdict"], "R-SCALE-1" in claim["rules"]) == ("denied", True)
    assert "more-permissive-than-base" in [each["code"] for each in claim["signals"]]
    page = client.get(f"/artifacts/sha256:{TUNED.sha256}").text
    assert "It may not go out like this" in page
    assert 'class="claim problem"' in page
    assert "This is a sign, no accusation" in page


def test_a_withdrawal_shows_everything_that_was_made_from_it(
    services: Any, client: FlaskClient, clock: Any, ada: Actor, family: list[Completed]
) -> None:
    clock.at += timedelta(minutes=1)
    end(services, ada, family[0])
    answer = told(client, TUNED)
    [own] = next(node for node in answer["nodes"] if node["steps"] == 0)["contributions"]
    assert own["ended_at"] is not None
    assert names(answer, 1) == ["MedChat GGUF"]
    assert "taken back" in client.get(f"/artifacts/sha256:{QUANTISED.sha256}").text
    [notice] = client.get("/api/v1/withdrawals").json["notices"]  # type: ignore[index]
    told_of_it: Any = client.get(f"/api/v1/withdrawals/{notice['id']}").json
    [concerned] = told_of_it["downstream"]
    assert (concerned["name"], concerned["steps"], concerned["taken_under"]) == ("MedChat GGUF", 1, ["Apache-2.0"])
    assert told_of_it["downstream_whole"]
    page = client.get(f"/withdrawals/{notice['id']}").text
    assert f'<a href="/artifacts/{concerned["artifact"]}">MedChat GGUF</a>' in page


def test_a_withdrawal_that_nothing_rests_on_says_so(
    services: Any, client: FlaskClient, clock: Any, ada: Actor, family: list[Completed]
) -> None:
    clock.at += timedelta(minutes=1)
    end(services, ada, family[1])
    [notice] = client.get("/api/v1/withdrawals").json["notices"]  # type: ignore[index]
    assert client.get(f"/api/v1/withdrawals/{notice['id']}").json["downstream"] == []  # type: ignore[index]
    assert "Nothing given here says that it was made from it." in client.get(f"/withdrawals/{notice['id']}").text


def test_a_licence_that_was_declared_differently_later_lists_what_rests_on_it(
    services: Any, client: FlaskClient, clock: Any, ada: Actor, family: list[Completed]
) -> None:
    assert told(client, TUNED)["changes"] == []
    clock.at += timedelta(days=1)
    end(services, ada, family[0])
    weights(services, ada, TUNED, BASE, title="MedChat", outbound=LLAMA)
    [change] = told(client, TUNED)["changes"]
    assert [each["licence"] for each in change["declared"]] == ["Apache-2.0", LLAMA]
    [concerned] = change["concerns"]
    assert concerned in [node["node"] for node in told(client, TUNED)["nodes"] if node["name"] == "MedChat GGUF"]
    for entry, where in ((TUNED, "made from it, below."), (QUANTISED, "its page</a> lists all.")):
        page = client.get(f"/artifacts/sha256:{entry.sha256}").text
        assert "The licence of MedChat was declared differently later" in page
        assert "This concerns 1 artifact made from it" in page
        assert where in page
        assert "Several givers say this" not in page
    bela = person(services.identity, "bela")
    accept(services, bela)
    weights(services, bela, TUNED, BASE, title="MedChat", outbound="MIT")
    assert "Several givers say this, and none is believed more." in client.get(f"/artifacts/sha256:{TUNED.sha256}").text


def test_a_release_is_told_what_its_licence_does_for_the_exemption_and_is_never_certified(
    client: FlaskClient, family: list[Completed]
) -> None:
    page = client.get(f"/artifacts/sha256:{TUNED.sha256}").text
    assert '<a href="/licences/Apache-2.0#safe-harbour">' in page
    assert '<a href="/licences/LicenseRef-llama-3.1#safe-harbour">' in page
    assert "Under this licence the exemption for open models is lost." in page
    assert "Certified" not in page
    assert "#safe-harbour" not in client.get(f"/artifacts/sha256:{'c' * 64}").text


def test_what_is_under_an_embargo_makes_no_claim(services: Any, client: FlaskClient, family: list[Completed]) -> None:
    with services.db.write() as session:
        session.execute(update(Contribution).where(Contribution.id == family[1].id).values(hazard="controlled"))
    assert names(told(client, TUNED), 1) == []
    assert "MedChat GGUF" not in client.get(f"/artifacts/sha256:{TUNED.sha256}").text


def test_circles_missing_bases_and_two_claims_are_shown_as_what_they_are(
    services: Any, client: FlaskClient, ada: Actor
) -> None:
    weights(services, ada, TUNED, of(MERGED), BASE, title="One")
    weights(services, ada, MERGED, of(TUNED), title="Other", outbound="MIT")
    answer = told(client, TUNED)
    assert [len(circle) for circle in answer["cycles"]] == [2]
    assert answer["missing"] == ["meta/llama-3.1-8b@main"]
    assert any("Two claims on the licence" in sentence for sentence in answer["faults"])
    page = client.get(f"/artifacts/sha256:{TUNED.sha256}").text
    assert "rest on each other: no history goes round" in page
    assert "(see above)" in page


def test_a_name_on_a_hub_joins_what_two_people_made_from_it(services: Any, client: FlaskClient, ada: Actor) -> None:
    weights(services, ada, TUNED, BASE, title="One")
    weights(services, ada, MERGED, BASE, title="Other")
    assert names(told(client, TUNED), -1) == ["meta/llama-3.1-8b@main"]
    assert names(told(client, MERGED), -1) == ["meta/llama-3.1-8b@main"]


def test_a_chain_costs_statements_by_its_steps_and_never_by_its_width(services: Any, ada: Actor) -> None:
    weights(services, ada, TUNED, BASE, title="Base")
    with counted(services.db) as once:
        services.licences.lineage(f"sha256:{TUNED.sha256}")
    for number in range(6):
        made = file(f"{number}.safetensors", b"%d" % number)
        weights(services, ada, made, of(TUNED), title=f"Child {number}")
    with counted(services.db) as one_step_more:
        services.licences.lineage(f"sha256:{TUNED.sha256}")
    assert len(one_step_more) - len(once) <= 4


def test_an_artifact_that_nobody_knows_has_no_lineage(client: FlaskClient) -> None:
    answer = told(client, file(content=b"nobody gave this"))
    assert (answer["nodes"], answer["edges"], answer["whole"]) == ([], [], True)
    assert "Lineage" not in client.get(f"/artifacts/sha256:{file(content=b'x').sha256}").text
    assert client.get("/api/v1/artifacts/nonsense/lineage").status_code == 400


STRICT = """version = 1
[[artifacts]]
paths = ["**"]
kind = "weights"
[licences]
rules = "require"
[licences.stance]
nc_data = "deny"
"""
QUESTION: dict[str, Any] = {
    "bases": [{"licence": "CC-BY-NC-4.0", "relation": "trained-on-data"}],
    "kind": "fine-tune",
    "declared": "MIT",
}


def test_what_a_project_says_to_debated_points_is_kept_and_decides_on_its_pages_checks_and_answers(
    services: Any, client: FlaskClient, ada: Actor
) -> None:
    data = {"name": "org/data", "revision": "1", "relation": "trained-on-data", "licence": "CC-BY-NC-4.0"}
    weights(services, ada, TUNED, data, title="Chat", outbound="MIT")
    project = services.projects.project("tiny-llm")

    def said() -> tuple[Any, Any, Any]:
        [own] = next(node for node in told(client, TUNED)["nodes"] if node["steps"] == 0)["contributions"]
        answer: Any = client.post("/api/v1/licences/check", json=QUESTION | {"project": "tiny-llm"}).json
        return own["verdict"], own["stance"], (answer["verdict"], answer["policy"]["nc_data"], answer["policy_of"])

    nobody = {"project": "tiny-llm", "version": None, "sha256": None}
    assert said() == ("needs-review", {}, ("needs-review", "review", nobody))
    kept = services.policies.set(project, STRICT, "terminal")
    of = {"project": "tiny-llm", "version": 1, "sha256": kept.sha256}
    assert said() == ("denied", {"nc_data": "deny"}, ("denied", "deny", of))
    page = client.get(f"/artifacts/sha256:{TUNED.sha256}").text
    assert "What tiny-llm says to debated points (version 1 of its policy" in page
    assert "Data for non-commercial use reached the weights by training: <strong>Denied</strong>" in page
    files = [{"path": TUNED.path, "sha256": TUNED.sha256, "size": TUNED.size}]
    checked: Any = client.post("/api/v1/checks", json={"project": "tiny-llm", "artifacts": files}).json
    assert (checked["verdict"], checked["artifacts"][0]["code"]) == ("not-covered", "licence-denied")
    assert [each["code"] for each in checked["signals"] if each["weighs"]] == ["rules-deny"]
    held = {"path": "LICENSE", "sha256": "b" * 64, "words_sha256": "a" * 64, "sure": "same", "licence": "Apache-2.0"}
    asked = {"project": "tiny-llm", "artifacts": files, "licence_files": [held]}
    around: Any = client.post("/api/v1/checks", json=asked).json
    sentences = [each["sentence"] for each in around["signals"] if each["code"] == "file-differs-from-tag"]
    assert sentences == ["LICENSE has the words of Apache-2.0, and MIT is declared."]
    signed: Any = client.post("/api/v1/licences/decisions", json={"question": QUESTION | {"project": "tiny-llm"}}).json
    assert signed["answer"]["policy_of"] == of
    services.policies.set(project, None, "terminal")
    assert said()[:2] == ("needs-review", {})
    alone: Any = client.post("/api/v1/licences/check", json=QUESTION | {"policy": {"nc_data": "allow"}}).json
    assert (alone["verdict"], alone["policy_of"]) == ("needs-notice", None)  # credit is due


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"project": "tiny-llm", "policy": {"nc_data": "allow"}}, 422, "licence-question-invalid"),
        ({"project": 5}, 422, "licence-question-invalid"),
        ({"project": "nobody-knows-it"}, 404, "project-unknown"),
    ],
)
def test_a_stance_is_a_projects_or_ones_own(client: FlaskClient, more: dict[str, Any], status: int, code: str) -> None:
    answer: Any = client.post("/api/v1/licences/check", json=QUESTION | more)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_who_takes_something_back_reads_first_what_was_made_from_it(
    services: Any, client: FlaskClient, family: list[Completed]
) -> None:
    sign_in(client, services)
    page = client.get(f"/contributions/{family[0].id}/end").text
    assert re.search(r'<a href="/artifacts/sha256:[0-9a-f]{64}">MedChat GGUF</a>', page)
    assert "Their makers read in the public notice that you took it back." in page
    page = client.get(f"/contributions/{family[1].id}/end").text
    assert "Nothing given here says that it was made from it." in page
    assert "Their makers read" not in page
