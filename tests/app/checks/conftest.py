# SPDX-License-Identifier: Apache-2.0
"""Questions about changes whose people sign in here, and rate limits that begin anew in each test."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from check_questions import question
from receivers import Receiver, receiver
from signin import person
from signing_walk import PROJECT

from app.identity.ports import Actor
from app.platform.security import limiter
from app.projects.service import ProjectInfo
from app.wiring import Services
from mcla.checks.answer import Answer
from mcla.checks.change import Change, read_change


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def project(services: Services) -> ProjectInfo:
    return services.projects.project(PROJECT)


@pytest.fixture
def ask(services: Services) -> Callable[..., Answer]:
    """Asks about a change; `addresses` says whether the asker may use them."""

    def put(opener: Actor, *authors: dict[str, Any], addresses: bool = False, **members: Any) -> Answer:
        change: Change = read_change(question(opener, *authors, **members))
        return services.checks.ask(change, may_use_addresses=addresses)

    return put


@pytest.fixture
def later(clock: Any) -> Callable[[], str]:
    """Lets an hour pass and answers the moment before, as a question names it."""

    def pass_time() -> str:
        before = clock.at
        clock.at += timedelta(hours=1)
        return str(before.isoformat())

    return pass_time


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()


@pytest.fixture
def told() -> Iterator[Receiver]:
    """A program of the project that waits to be told."""
    with receiver() as found:
        yield found


@pytest.fixture
def secret(services: Services, project: ProjectInfo, told: Receiver) -> str:
    """The secret of the webhook that goes there."""
    return services.webhooks.set(project, told.url, "terminal")


@pytest.fixture
def hooked(told: Receiver, secret: str) -> Receiver:
    """The same program, after the project's webhook was set to it."""
    assert secret.startswith("whsec_")
    return told
