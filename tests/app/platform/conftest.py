# SPDX-License-Identifier: Apache-2.0
"""The service under its own server and under the second tested one, for tests that speak to it in raw bytes."""

from collections.abc import Iterator

import pytest
from running import Running, running_service


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two processes of eight threads."""
    with running_service(tmp_path_factory.mktemp("own"), workers=2) as service:
        yield service


@pytest.fixture(scope="session")
def gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process of eight threads."""
    with running_service(tmp_path_factory.mktemp("gunicorn"), gunicorn=True) as service:
        yield service
