# SPDX-License-Identifier: Apache-2.0
"""Two people, one of whom has accepted the agreement and given a file."""

from typing import Any

import pytest
from beginnings import Gift
from signin import person

from app.identity.ports import Actor
from app.platform.security import limiter


@pytest.fixture
def ada(services: Any) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def bela(services: Any) -> Actor:
    return person(services.identity, "bela")


@pytest.fixture
def gift(gift: Gift, ada: Actor) -> Gift:
    """What Ada has signed, who is signed in."""
    return gift


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
