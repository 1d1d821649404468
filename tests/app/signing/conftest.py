# SPDX-License-Identifier: Apache-2.0
"""People who are signed in, for the tests of signing."""

import pytest
from signin import person

from app.identity.ports import Actor


@pytest.fixture
def ada(services) -> Actor:  # type: ignore[no-untyped-def]
    return person(services.identity, "ada")


@pytest.fixture
def bela(services) -> Actor:  # type: ignore[no-untyped-def]
    return person(services.identity, "bela")
