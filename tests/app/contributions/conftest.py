# SPDX-License-Identifier: Apache-2.0
"""One contribution of one file, and rate limits that begin anew in each test."""

import pytest
from signin import person

from app.platform.security import limiter


@pytest.fixture
def ada(services):
    return person(services.identity, "ada")


@pytest.fixture
def given(gift, ada):
    """A contribution of one file under an acceptance, whose giver is signed in."""
    return gift.given


@pytest.fixture(autouse=True)
def fresh_limits(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
