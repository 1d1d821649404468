# SPDX-License-Identifier: Apache-2.0
"""What contributions share with earlier ones: told with evidence where no base explains it, and of nothing hidden."""

from typing import Any

import pytest
from counting import counted
from equal_models import base_of, entries, give, model
from flask.testing import FlaskClient
from signin import person
from signing_walk import accept
from sqlalchemy import func, select, update

from app.contributions.errors import ContributionUnknown, TensorsOther
from app.contributions.models import Contribution, TensorContent, TensorList
from app.identity.ports import Actor
from app.licences.signs import judged_of
from mcla.artifacts.tensors import TensorSet
from mcla.licences.question import Policy
from mcla.verify.standing import AsOf

LLAMA = "LicenseRef-llama-3.1"
ORIGIN = model(a=600, b=300, c=60, norm=40)
TUNED = model(a=600, b=300, own=60, norm=40)
FURTHER = model(a=600, other=300, own=60, norm=40)
APART = model(x=700, y=260, norm=40)


@pytest.fixture
def ada(services: Any) -> Actor:
    actor = person(services.identity, "ada")
    accept(services, actor)
    return actor


def signals(client: FlaskClient, files: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/artifacts/sha256:{files[0].sha256}/lineage").json
    [own] = next(node for node in answer["nodes"] if node["steps"] == 0)["contributions"]
    return [each for each in own["signals"] if each["code"] in ("tensors-of-another", "file-of-a-family")]


def test_tensors_of_another_licence_are_told_unless_a_base_leads_there_or_they_are_few(
    services: Any, client: FlaskClient, ada: Actor
) -> None:
    origin, tuned, further, apart = (
        entries(name, of) for name, of in (("o", ORIGIN), ("t", TUNED), ("f", FURTHER), ("x", APART))
    )
    first = give(services, ada, origin, ORIGIN, LLAMA)
    give(services, ada, tuned, TUNED, "Apache-2.0")
    [sign] = signals(client, tuned)
    root = services.contributions.contribution(first, ada).manifest_root
    assert sign["sentence"] == (
        f"3 of 4 tensors, 94 % of bytes, are equal to sha256:{root} ({LLAMA}), which is not named as a base."
    )
    page = client.get(f"/artifacts/sha256:{tuned[0].sha256}").text
    assert "3 of 4 tensors, 94 % of bytes" in page
    assert "This is a sign, no accusation" in page
    assert signals(client, origin) == []  # who had them first is not asked
    give(services, ada, further, FURTHER, "MIT", base_of(origin, LLAMA))
    assert [each["evidence"]["licence"] for each in signals(client, further)] == ["Apache-2.0"]
    grandchild = entries("g", TUNED)
    give(services, ada, grandchild, TUNED, "MIT", base_of(further, "MIT"), base_of(tuned, "Apache-2.0"))
    assert signals(client, grandchild) == []  # the first one is reached by way of another
    give(services, ada, apart, APART, "MIT")
    assert signals(client, apart) == []  # 4 % of the bytes, such as everybody has


def test_what_names_a_model_as_its_base_is_no_sign_on_it_though_it_was_given_before(
    services: Any, client: FlaskClient, ada: Actor
) -> None:
    origin, tuned = entries("o", ORIGIN), entries("t", TUNED)
    give(services, ada, tuned, TUNED, "Apache-2.0", base_of(origin, LLAMA))
    own = give(services, ada, origin, ORIGIN, LLAMA)
    assert signals(client, origin) == []
    log_size = services.contributions.contribution(own, ada).log_index + 1
    with services.db.read() as session:
        found = judged_of(session, [own], AsOf(log_size, services.clock.now()), "https://mcla.example.org", Policy())
    assert [each.code for each in found[own].signals] == []
    copied = entries("copied", TUNED)
    give(services, ada, copied, TUNED, "MIT", base_of(origin, LLAMA))
    assert len(signals(client, copied)) == 1  # a claim about oneself explains nothing that somebody else gave


def test_equal_roots_are_enough_and_what_is_hidden_is_not_told(services: Any, client: FlaskClient, ada: Actor) -> None:
    first = give(services, ada, entries("o", ORIGIN), ORIGIN, LLAMA, listed=False)
    copied = entries("copied", ORIGIN)
    give(services, ada, copied, ORIGIN, "MIT", listed=False)
    [sign] = signals(client, copied)
    assert sign["sentence"].startswith("All tensors are equal to sha256:")
    with services.db.write() as session:
        session.execute(update(Contribution).where(Contribution.id == first).values(hazard="controlled"))
    assert signals(client, copied) == []


def test_a_tokenizer_is_known_from_who_gave_it_before_unless_somebody_gave_it_freely(
    services: Any, client: FlaskClient, ada: Actor
) -> None:
    tokenizer = {"tokenizer.json": b"a tokenizer", "LICENSE": b"a text that everybody ships"}
    give(services, ada, entries("o", ORIGIN, **tokenizer), ORIGIN, LLAMA)
    taken, free = entries("x", APART, **tokenizer), entries("f", APART, **tokenizer)
    give(services, ada, taken, APART, "CC-BY-NC-4.0")
    [sign] = signals(client, taken)
    assert sign["sentence"].startswith("tokenizer.json is known as a file of sha256:")
    assert sign["evidence"]["licence"] == LLAMA
    give(services, ada, free, APART, LLAMA)
    assert [each["code"] for each in signals(client, free)] == ["tensors-of-another"]
    with services.db.write() as session:  # as if the second had been given freely
        said = {"title": "x", "outbound": "Apache-2.0"}
        row = update(Contribution).where(Contribution.manifest_root != "").values(declarations=said)
        session.execute(row.where(Contribution.log_index == select(func.min(Contribution.log_index)).scalar_subquery()))
    assert signals(client, taken) == []


def test_a_list_counts_only_if_it_makes_the_signed_root_and_comes_from_its_giver(services: Any, ada: Actor) -> None:
    given = give(services, ada, entries("o", ORIGIN), ORIGIN, LLAMA, listed=False)
    bela = person(services.identity, "bela")
    for who, which, error in ((ada, TUNED, TensorsOther), (bela, ORIGIN, ContributionUnknown)):
        with pytest.raises(error):
            services.tensor_lists.keep(who, given, which)
    with pytest.raises(ContributionUnknown):
        services.tensor_lists.keep(ada, "ctr_nonsense", ORIGIN)
    lied = TensorSet((*ORIGIN.tensors[:-1], ORIGIN.tensors[-1].__class__("layer.norm", "U8", (1,), 1, "0" * 64)))
    with pytest.raises(TensorsOther):
        services.tensor_lists.keep(ada, given, lied)
    for _again in range(2):
        assert services.tensor_lists.keep(ada, given, ORIGIN) == 4
    with services.db.read() as session:
        assert session.scalar(select(func.count()).select_from(TensorContent)) == 4
        assert session.get_one(TensorList, given).total_size == 1_000


def test_many_contributions_cost_no_more_statements_than_one(services: Any, ada: Actor) -> None:
    give(services, ada, entries("o", ORIGIN), ORIGIN, LLAMA)
    ids = [give(services, ada, entries(f"t{n}", TUNED), TUNED, "MIT") for n in range(4)]
    as_of, costs = AsOf(10**6, services.clock.now()), []
    for asked in (ids[:1], ids):
        with counted(services.db) as seen, services.db.read() as session:
            told = judged_of(session, asked, as_of, "https://mcla.example", Policy())
        assert set(told) == set(asked)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 13
    with services.db.read() as session:
        assert judged_of(session, ids, AsOf(1, services.clock.now()), "https://mcla.example", Policy()) == {}
