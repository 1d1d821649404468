# SPDX-License-Identifier: Apache-2.0
"""Scripted forges on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forge_site import Forges, Site, serving_forges


@pytest.fixture(scope="session")
def forges() -> Iterator[Forges]:
    with serving_forges() as served:
        yield served


@pytest.fixture
def site(forges: Forges, tmp_path: Path) -> Site:
    return forges.site(tmp_path)
