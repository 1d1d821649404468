# SPDX-License-Identifier: Apache-2.0
"""A release to export, proven by the keys of a service that nobody runs."""

import pytest
from notary import Notary, make_notary
from releases import mixed

from mcla.exports.release import Release


@pytest.fixture(scope="session")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    return make_notary(tmp_path_factory.mktemp("notary"), "https://mcla.example.org")


@pytest.fixture(scope="session")
def release(notary: Notary) -> Release:
    return mixed(notary)
