# SPDX-License-Identifier: Apache-2.0
"""A decision holds the licence asked for against what givers of the files declare, and says what it looked at."""

import base64
import json
from typing import Any

import pytest
from counting import counted
from equal_models import entries, give, model
from signin import person
from signing_walk import accept, end
from sqlalchemy import update

from app.contributions.models import Contribution
from app.identity.ports import Actor
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.licences.registry import registry
from mcla.tiers.bases import grounds_of
from mcla.tiers.decision import verify_decision
from mcla.tiers.evaluating import evaluate
from mcla.tiers.facts import read_use
from mcla.tiers.known import terms_of

LLAMA, OWN = "LicenseRef-llama-3.1", model(own=1_000)
USE = {"commercial": False, "uses": [], "jurisdictions": ["DE"]}
TERMS = f"""
schema = "mcla.tiers/1"
id = "mine"
version = "1.0.0"
title = "Mine"
otherwise = "deny"
feed = "none"
text = {{ url = "https://example.org/t", sha256 = "{"0" * 64}" }}
[[tier]]
id = "all"
effect = "permit"
rests_on = "clause 1"
"""
ELSEWHERE = {"name": "example/base", "sha256": "3" * 64, "relation": "fine-tune"}


@pytest.fixture
def ada(services: Any) -> Actor:
    actor = person(services.identity, "ada")
    accept(services, actor)
    return actor


@pytest.fixture
def bela(services: Any) -> Actor:
    actor = person(services.identity, "bela")
    accept(services, actor)
    return actor


def decide(client: Any, files: list[ManifestEntry], licence: str = "Apache-2.0", **changes: Any) -> dict[str, Any]:
    """The decision on these files, with the `properties` and the word on `bases` of its statement as `said`."""
    listed = [{"path": each.path, "sha256": each.sha256, "size": each.size} for each in files]
    asked = {"licence": licence, "use": USE, "files": listed} | changes
    answer = client.post("/api/v1/decisions", json={name: each for name, each in asked.items() if each is not None})
    assert answer.status_code == 201, answer.text
    predicate = json.loads(base64.b64decode(answer.json["envelope"]["dsseEnvelope"]["payload"]))["predicate"]
    told: dict[str, Any] = answer.json
    return told | {"said": (predicate["properties"], predicate["mclaDecision"]["bases"]), "bytes": answer.data}


def looked_at(decided: dict[str, Any]) -> list[str]:
    return [each["contribution"] for each in decided["bases"]["looked_at"]]


def left_out(decided: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["name"], each["why"]) for each in decided["bases"]["not_looked_at"]["first"]]


def test_what_the_bases_bar_is_denied_though_the_licence_that_was_asked_for_permits_it(
    services: Any, client: Any, ada: Actor
) -> None:
    files = entries("tuned", OWN)
    given = give(services, ada, files, OWN, "Apache-2.0", ELSEWHERE | {"licence": LLAMA})
    decided = decide(client, files)
    assert (decided["outcome"]["effect"], decided["outcome"]["certain"]) == ("deny", True)
    assert decided["outcome"]["decided_by"]["tier"] == "bases:rules"
    assert (decided["said"], decided["bases"]["word"]) == (([], "denied"), "denied")
    assert (looked_at(decided), decided["rests_on"]["declared"]) == ([given], [given])
    assert decided["bases"]["looked_at"][0]["declared"] == "Apache-2.0"
    signed = verify_decision(decided["bytes"], services.trust)
    assert not signed.permits
    terms = terms_of(registry().get("Apache-2.0"), registry())
    signed.check_for(Manifest.of(files), USE, terms, services.clock.now())
    again = evaluate(terms, read_use(USE), services.clock.now().date(), None, grounds_of(signed.document["bases"]))
    assert json.loads(json.dumps(again.to_dict())) == signed.document["outcome"]


def test_bases_that_are_kept_have_a_property_of_their_own(services: Any, client: Any, ada: Actor) -> None:
    files = entries("tuned", OWN)
    give(services, ada, files, OWN, "Apache-2.0", ELSEWHERE | {"licence": "MIT"})
    decided = decide(client, files)
    assert decided["said"] == (["MCLA_USE_PERMITTED_WITH_DUTY", "MCLA_BASES_KEPT"], "kept")
    assert decided["bases"]["not_looked_at"] == {"count": 0, "first": []}


def test_of_files_that_nobody_gave_here_no_bases_were_looked_at_and_it_says_so(client: Any) -> None:
    files = entries("elsewhere", OWN)
    decided = decide(client, files)
    assert decided["said"] == (["MCLA_USE_PERMITTED_WITH_DUTY"], "unseen")
    assert left_out(decided) == [(files[0].path, "not-given-here")]


def test_a_licence_that_was_not_declared_is_denied_as_at_the_gate(services: Any, client: Any, ada: Actor) -> None:
    files = entries("own", OWN)
    give(services, ada, files, OWN, "CC-BY-NC-4.0")
    decided = decide(client, files)
    assert (decided["bases"]["word"], decided["bases"]["hurdles"][0]["code"]) == ("denied", "licence-not-declared")
    assert decide(client, files, "CC-BY-NC-4.0")["bases"]["word"] == "kept"


def test_the_worst_of_all_givers_counts_and_what_was_taken_back_or_is_hidden_is_not_looked_at(
    services: Any, client: Any, ada: Actor, bela: Actor
) -> None:
    files = entries("tuned", OWN)
    honest = give(services, ada, files, OWN, "Apache-2.0", ELSEWHERE | {"licence": LLAMA})
    other = give(services, bela, [*files, *entries("more", model(more=9))], OWN, "Apache-2.0")
    decided = decide(client, files)
    assert (decided["bases"]["word"], looked_at(decided)) == ("denied", [honest, other])
    with services.db.write() as session:
        session.execute(update(Contribution).where(Contribution.id == honest).values(hazard="controlled"))
    assert (looked_at(decide(client, files)), left_out(decide(client, files))) == ([other], [])
    with services.db.write() as session:
        session.execute(update(Contribution).where(Contribution.id == honest).values(hazard="none"))
    end(services, ada, honest)
    decided = decide(client, files)
    assert (decided["bases"]["word"], left_out(decided)) == ("kept", [(honest, "withdrawn")])
    end(services, bela, other)
    assert decide(client, files)["bases"]["word"] == "unseen"


def test_who_has_only_a_small_file_in_common_counts_where_nobody_else_gave_it(
    services: Any, client: Any, ada: Actor, bela: Actor
) -> None:
    config = {"config.json": b"{}"}
    own, others = entries("own", OWN, **config), entries("other", model(x=50), **config)
    mine = give(services, ada, own, OWN, "Apache-2.0", ELSEWHERE | {"licence": "MIT"})
    strange = give(services, bela, others, model(x=50), "Apache-2.0", ELSEWHERE | {"licence": LLAMA})
    decided = decide(client, own)
    assert (decided["bases"]["word"], looked_at(decided)) == ("kept", [mine])
    assert left_out(decided) == [(strange, "shares-small-files")]
    assert looked_at(decide(client, own[1:])) == [mine, strange]  # nothing else says whose it is
    padded = [*own, ManifestEntry("padding.bin", "9" * 64, 2**50)]
    assert looked_at(decide(client, padded)) == [mine]  # what an asker says of sizes moves nothing


@pytest.mark.parametrize(("stance", "word"), [(None, "open"), ("allow", "kept"), ("deny", "denied")])
def test_debated_points_go_by_the_stance_of_the_project_that_it_was_given_to(
    services: Any, client: Any, ada: Actor, stance: str | None, word: str
) -> None:
    if stance:
        text = f'version = 1\n[licences.stance]\nnc_data = "{stance}"\n'
        services.policies.set(services.projects.project("tiny-llm"), text, "terminal")
    files = entries("trained", OWN)
    data = ELSEWHERE | {"relation": "trained-on-data", "licence": "CC-BY-NC-4.0"}
    give(services, ada, files, OWN, "Apache-2.0", data)
    decided = decide(client, files)
    assert decided["bases"]["word"] == word
    assert decided["outcome"]["certain"] is (word != "open")
    assert decided["bases"]["looked_at"][0]["policy_of"]["version"] == (1 if stance else None)


@pytest.mark.parametrize(
    ("policy", "word", "weighs"),
    [
        (None, "kept", False),
        ("[licences]\nsignals = 'tell'\n", "kept", False),
        ("[licences]\nsignals = 'review'\n", "open", True),
        ("[licences]\nsignals = 'review'\naccepted = ['{}']\n", "kept", False),
    ],
)
def test_signs_of_a_lost_licence_are_told_and_a_person_looks_where_the_projects_policy_asks(
    services: Any, client: Any, ada: Actor, policy: str | None, word: str, weighs: bool
) -> None:
    give(services, ada, entries("origin", OWN), OWN, LLAMA)
    files = entries("copy", OWN)
    own = give(services, ada, files, OWN, "Apache-2.0")
    if policy:
        project = services.projects.project("tiny-llm")
        services.policies.set(project, "version = 1\n" + policy.format(own), "terminal")
    decided = decide(client, files)
    [sign] = decided["bases"]["signs"]["first"]
    assert (sign["code"], sign["contribution"], sign["weighs"]) == ("tensors-of-another", own, weighs)
    assert sign["sentence"].startswith("All tensors are equal to sha256:")
    assert (decided["bases"]["word"], decided["outcome"]["effect"] == "deny") == (word, weighs)
    assert decided["outcome"]["at_best"] == "permit-with-duty"  # a sign asks, and bars nothing
    under_own = decide(client, files, licence=None, terms=TERMS)  # type: ignore[arg-type]
    assert under_own["bases"]["word"] == ("open" if weighs else "unasked")
    assert [each["name"] for each in under_own["bases"]["hurdles"]] == ["signs"]


def test_own_terms_are_held_against_no_bases_and_it_says_so(client: Any) -> None:
    files = entries("own", OWN)
    decided = decide(client, files, licence=None, terms=TERMS)  # type: ignore[arg-type]
    assert decided["said"] == (["MCLA_USE_PERMITTED"], "unasked")


def test_many_givers_cost_no_more_statements_than_two(services: Any, client: Any, ada: Actor, bela: Actor) -> None:
    files = entries("tuned", OWN)

    def also_given(*names: str) -> None:
        for name in names:
            more = [*files, *entries(name, model(**{name: 9}))]
            give(services, bela, more, OWN, "Apache-2.0", ELSEWHERE | {"licence": "MIT"})

    give(services, ada, files, OWN, "Apache-2.0", ELSEWHERE | {"licence": "MIT"})
    also_given("a")
    with counted(services.db) as two:
        assert len(looked_at(decide(client, files))) == 2
    also_given("b", "c", "d")
    with counted(services.db) as several:
        assert len(looked_at(decide(client, files))) == 5
    assert len(several) == len(two)


def test_of_a_file_that_more_gave_than_are_looked_at_the_bases_are_unseen(
    services: Any, client: Any, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.licences.givers.PER_DIGEST", 1)
    files = entries("tuned", OWN)
    first = give(services, ada, files, OWN, "Apache-2.0")
    later = give(services, ada, [*files, *entries("more", model(more=9))], OWN, "Apache-2.0")
    decided = decide(client, files)
    assert (decided["bases"]["word"], looked_at(decided)) == ("unseen", [first])
    assert left_out(decided) == [(later, "too-many")]
