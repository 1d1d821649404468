# SPDX-License-Identifier: Apache-2.0
"""A witness in a folder of its own that watches the one log of these tests."""

from pathlib import Path

import pytest
from cosigning import LOG_VKEY
from flask.testing import FlaskClient

from app.platform.clock import FixedClock
from app.witness.home import WitnessHome
from app.witness.web import create_witness


@pytest.fixture(params=["ed25519", "ml-dsa-44"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def witness_home(tmp_path: Path, algorithm: str) -> WitnessHome:
    home = WitnessHome(tmp_path / "witness")
    home.create("witness.example/w1", algorithm)
    home.add_log(LOG_VKEY.line)
    return home


@pytest.fixture
def client(witness_home: WitnessHome, clock: FixedClock) -> FlaskClient:
    return create_witness(witness_home.path, clock).test_client()
