# SPDX-License-Identifier: Apache-2.0
"""A company with its people on a migrated database of either engine."""

from typing import Any

import pytest
from company_walk import Firm

from app.platform.security import limiter


@pytest.fixture
def firm(services: Any) -> Firm:
    """Example GmbH with a signatory and two managers."""
    return Firm(services)


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
