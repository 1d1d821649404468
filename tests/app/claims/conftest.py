# SPDX-License-Identifier: Apache-2.0
"""Imports for tests of claims."""

from collections.abc import Callable

import pytest
from signing_walk import PROJECT

from app.claims.values import Report
from app.wiring import Services

Take = Callable[..., Report]


@pytest.fixture
def take(services: Services) -> Take:
    """Imports a file for the demo's project, whose accounts are at the demo's provider."""

    def import_file(system: str, data: bytes, **more: object) -> Report:
        options = {"provider": "demo"} | more
        return services.claims.import_file(PROJECT, system, data, "tests", **options)  # type: ignore[arg-type]

    return import_file


@pytest.fixture
def foundations(services: Services) -> list[str]:
    return [services.projects.foundation("example").id]
