# SPDX-License-Identifier: Apache-2.0
"""A service, an impostor of the same names, and the parts of one good bundle."""

import pytest
from interop.private_sigstore import PAYLOAD, Parts, PrivateSigstore


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    return PrivateSigstore.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> PrivateSigstore:
    """Another service with the same host, the same names in every certificate, and its own keys."""
    return PrivateSigstore.create(tmp_path_factory.mktemp("impostor"))


@pytest.fixture(scope="module")
def parts(service: PrivateSigstore) -> Parts:
    return service.sign(PAYLOAD)
