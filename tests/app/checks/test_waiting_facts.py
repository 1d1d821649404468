# SPDX-License-Identifier: Apache-2.0
"""Each fact that is stored somewhere else and may change an answer has the checks that wait asked again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from check_questions import question, sent
from company_walk import account, confirm, list_, say_member
from grant_walk import act_for, countersign, offer
from receivers import run
from signin import person
from signing_walk import accept
from version_folders import MATERIAL, newer_version

from app.checks.waiting import Reference
from app.companies.changes import Organisation
from app.identity.models import LoginFlow
from app.identity.ports import OrganisationTold, VerifiedClaims
from mcla.checks.change import read_change

Look = Callable[[], str]


@pytest.fixture
def wait(services: Any) -> Callable[..., Look]:
    """Registers a check; answers how its code is after all jobs have run."""

    def register(opener: Any, **members: Any) -> Look:
        asked = read_change(question(opener, **members))
        kept = services.waiting.register(asked, Reference("demo", "42", 7, "a" * 40), addresses=False)

        def look() -> str:
            run(services)
            return str(services.waiting.info("tiny-llm", kept.id).answer["code"])

        return look

    return register


def test_a_counter_signature_by_the_foundation(services: Any, ada: Any, wait: Any) -> None:
    accept(services, ada)
    given = offer(services, ada)
    look = wait(ada, artifacts=[sent()])
    assert look() == "offer-pending"
    countersign(services, act_for(services, person(services.identity, "bela")), given)
    assert look() == "covered"


def test_a_word_that_two_versions_are_compatible(services: Any, ada: Any, wait: Any, tmp_path: Path) -> None:
    accept(services, ada)
    services.agreements.publish(newer_version(tmp_path, "1.1.0", MATERIAL), "example", grace_days=0)
    look = wait(ada)
    assert look() == "agreement-outdated"
    services.succession.declare("mcla-individual", "1.0.0", "1.1.0", "Agreed with every signer.", although="material")
    assert look() == "covered"


def test_an_employees_confirmation_of_a_companys_entry(services: Any, firm: Any, wait: Any) -> None:
    entry = list_(services, firm.max, firm.id, account(firm.emil))
    look = wait(firm.emil)
    assert look() == "not-signed"
    confirm(services, firm.emil, firm.id, entry)
    assert look() == "covered"


def test_a_membership_that_its_host_names_no_more(services: Any, firm: Any, wait: Any) -> None:
    for each in (firm.max, firm.emil):
        say_member(services, each, ("9919", "example-org"))
    confirm(services, firm.emil, firm.id, firm.add(Organisation("demo", "9919", "example-org")))
    look = wait(firm.emil, artifacts=[sent(b"not given")])
    assert look() == "not-given"
    come_back(services, firm.emil, asked="example-org", memberships=[])
    assert look() == "not-covered"  # now the person too, and not the file alone


def test_an_account_that_is_linked_and_separated_again(services: Any, ada: Any, wait: Any) -> None:
    accept(services, ada)
    second = VerifiedClaims("demo", "9001", login="second")
    look = wait(second, artifacts=[sent(b"not given")])
    assert look() == "not-covered"
    linked = come_back(services, ada, linked=second)
    assert look() == "not-given", "whose account it is now has signed"
    services.identity.unlink(ada, linked)
    assert look() == "not-covered"


def come_back(
    services: Any,
    actor: Any,
    *,
    linked: VerifiedClaims | None = None,
    asked: str | None = None,
    memberships: list[OrganisationTold] | None = None,
) -> str | None:
    """What is stored when somebody comes back from a provider; the id of the account that was linked."""
    flow = LoginFlow(link_contributor_id=actor.contributor_id if linked else None, organisation=asked, next_path="/")
    claims = linked or VerifiedClaims(actor.provider, actor.subject, login=actor.login)
    services.identity._complete(flow, claims, memberships, actor, None, "Test browser", None)
    found = services.identity.identities(actor.contributor_id)
    return next((row.id for row, _ in found if linked and row.subject == linked.subject), None)
