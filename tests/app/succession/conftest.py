# SPDX-License-Identifier: Apache-2.0
"""Two people, and newer versions of `mcla-individual` that a test publishes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from signin import person
from version_folders import newer_version

from app.agreements.values import PublishedVersion
from app.identity.ports import Actor
from app.wiring import Services

Publish = Callable[..., PublishedVersion]


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def bela(services: Services) -> Actor:
    return person(services.identity, "bela")


@pytest.fixture
def publish(services: Services, tmp_path: Path) -> Publish:
    """Publishes a version after 1.0.0 with these changes of its terms."""

    def make(version: str, *changes: tuple[str, str], grace_days: int = 0) -> PublishedVersion:
        return services.agreements.publish(newer_version(tmp_path, version, *changes), "example", grace_days=grace_days)

    return make
