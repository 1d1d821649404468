# SPDX-License-Identifier: Apache-2.0
"""A check with the signs of a lost licence: where the policy asks, of what is public, as cheap for many as for one."""

from typing import Any

import pytest
from check_questions import account, question
from counting import counted
from equal_models import entries, give, model
from flask.testing import FlaskClient
from signing_walk import accept
from sqlalchemy import update

from app.contributions.models import Contribution

LLAMA = "LicenseRef-llama-3.1"
ASKS = "version = 1\n[[artifacts]]\npaths = ['**']\nkind = 'weights'\n"
ORIGIN, TUNED = model(a=600, b=300), model(a=600, c=300)
FILES = [entries(f"tuned{number}", TUNED) for number in range(3)]
SENT = [each[0].to_dict() for each in FILES]


@pytest.fixture
def given(services: Any, ada: Any) -> list[str]:
    """A model under Llama's terms, and three under MIT that share most of its tensors and name no base."""
    accept(services, ada)
    first = give(services, ada, entries("origin", ORIGIN), ORIGIN, LLAMA)
    return [first, *(give(services, ada, each, TUNED, "MIT") for each in FILES)]


def test_the_policy_decides_whether_signs_are_told_and_whether_they_weigh(
    services: Any, client: FlaskClient, ada: Any, project: Any, given: list[str]
) -> None:
    def checked(table: str, **more: Any) -> Any:
        services.policies.set(project, ASKS + table, "terminal")
        answer = client.post("/api/v1/checks", json=question(ada, artifacts=SENT[:1], **more))
        assert answer.status_code == 200, answer.text
        return answer.json

    assert (checked("")["verdict"], checked("")["signals"]) == ("covered", [])
    told = checked("[licences]\n")
    [sign] = told["signals"]
    assert (told["verdict"], sign["code"], sign["contribution"]) == ("covered", "tensors-of-another", given[1])
    assert sign["sentence"].startswith("1 of 2 tensors, 66.6 % of bytes, are equal to sha256:")
    assert sign["paths"] == ["tuned0.safetensors"]
    weighed = checked("[licences]\nsignals = 'review'\n")
    assert (weighed["verdict"], weighed["code"]) == ("unknown", "licence-signals")
    theirs = checked("[licences]\nsignals = 'review'\n", policy="version = 1\n")  # the service's copy has the last word
    assert theirs["verdict"] == "unknown"
    accepted = checked(f"[licences]\nsignals = 'review'\naccepted = ['{given[1]}']\n")
    assert (accepted["verdict"], len(accepted["signals"])) == ("covered", 1)
    with services.db.write() as session:
        session.execute(update(Contribution).where(Contribution.id == given[0]).values(hazard="controlled"))
    assert checked("[licences]\nsignals = 'review'\n")["signals"] == []


def test_signs_cost_no_more_statements_for_many_files_and_write_nothing(
    services: Any, ada: Any, ask: Any, project: Any, given: list[str]
) -> None:
    services.policies.set(project, ASKS + "[licences]\n", "terminal")
    ask(ada, account(ada), artifacts=SENT)  # bundles that were not seen before are verified once
    costs = []
    for sent in (SENT[:1], SENT):
        with counted(services.db) as statements:
            answer = ask(ada, artifacts=sent)
        assert len(answer.signs) >= len(sent)
        assert not [each for each in statements if each.lstrip().split()[0] in ("INSERT", "UPDATE", "DELETE")]
        costs.append(len(statements))
    assert costs[0] == costs[1]
