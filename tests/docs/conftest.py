# SPDX-License-Identifier: Apache-2.0
"""A real service for the commands in the documentation."""

from collections.abc import Iterator

import pytest
from running import Running, accept, running_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real service with the demo provider; Ada has accepted the agreement."""
    with running_service(tmp_path_factory.mktemp("service")) as running:
        accept(running.origin, "Ada Li")
        yield running
