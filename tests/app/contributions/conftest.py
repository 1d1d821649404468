# SPDX-License-Identifier: Apache-2.0
"""One contribution of one file, and rate limits that begin anew in each test."""

import pytest
from signin import person
from signing_walk import accept, give

from app.platform.security import limiter


@pytest.fixture
def ada(services):
    return person(services.identity, "ada")


@pytest.fixture
def given(services, ada):
    """A contribution of one file under an acceptance."""
    accept(services, ada)
    return give(services, ada)


@pytest.fixture(autouse=True)
def fresh_limits(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
