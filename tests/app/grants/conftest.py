# SPDX-License-Identifier: Apache-2.0
"""Somebody who offers files and has signed nothing else, and somebody who acts for the foundation."""

from typing import Any

import pytest
from grant_walk import act_for
from signin import person

from app.identity.ports import Actor
from app.platform.security import limiter


@pytest.fixture
def ada(services: Any) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def staff(services: Any) -> Actor:
    return act_for(services, person(services.identity, "bela"))


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
