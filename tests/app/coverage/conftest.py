# SPDX-License-Identifier: Apache-2.0
"""People, a company, and newer versions of agreements, for questions about any time."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from signin import person
from version_folders import newer_version

from app.agreements.values import PublishedVersion
from app.identity.ports import Actor
from app.platform.security import limiter
from app.wiring import Services


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def publish(services: Services, tmp_path: Path) -> Callable[..., PublishedVersion]:
    """Publishes a version after 1.0.0 with these changes of its terms."""

    def make(version: str, *changes: tuple[str, str], grace_days: int = 0) -> PublishedVersion:
        return services.agreements.publish(newer_version(tmp_path, version, *changes), "example", grace_days=grace_days)

    return make


@pytest.fixture
def later(clock: Any) -> Callable[..., Any]:
    """Lets time pass and answers the moment before."""

    def pass_time(**by: int) -> Any:
        before = clock.at
        clock.at += timedelta(**(by or {"hours": 1}))
        return before

    return pass_time


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()
