# SPDX-License-Identifier: Apache-2.0
"""The service's own server, with two processes of eight threads, for tests that speak to it in raw bytes."""

from collections.abc import Iterator

import pytest
from running import Running, running_service


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("own"), workers=2) as service:
        yield service
