# SPDX-License-Identifier: Apache-2.0
"""No request of a test counts against the limits of the next one."""

import pytest

from app.platform.security import limiter


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
