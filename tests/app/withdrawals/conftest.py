# SPDX-License-Identifier: Apache-2.0
"""Two people, one of whom has accepted the agreement and given a file."""

from typing import Any, NamedTuple

import pytest
from signin import person
from signing_walk import accept, give

from app.identity.ports import Actor
from app.platform.security import limiter
from app.signing.values import Completed


class Given(NamedTuple):
    """An acceptance, and a contribution under it."""

    accepted: Completed
    given: Completed


@pytest.fixture
def ada(services: Any) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def bela(services: Any) -> Actor:
    return person(services.identity, "bela")


@pytest.fixture
def done(services: Any, ada: Actor) -> Given:
    return Given(accept(services, ada), give(services, ada))


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
