# SPDX-License-Identifier: Apache-2.0
"""Tokens of the demo's project, and the command that makes them."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from signing_walk import PROJECT

from app.cli.main import main
from app.platform.scopes import Scope
from app.platform.security import limiter
from app.platform.settings import Settings
from app.projects.service import ProjectInfo
from app.tokens.values import NewToken
from app.wiring import Services

Server = Callable[..., Result]


@pytest.fixture(autouse=True)
def fresh_limits(request: pytest.FixtureRequest) -> None:
    if "client" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.reset()


@pytest.fixture
def project(services: Services) -> ProjectInfo:
    return services.projects.project(PROJECT)


@pytest.fixture
def made(services: Services, project: ProjectInfo) -> NewToken:
    """A token of the project that may ask about coverage."""
    return services.tokens.create(project, [Scope.COVERAGE_READ], "demo 104729", label="CI")


@pytest.fixture
def server(settings: Settings, database_url: str, services: Services) -> Server:
    """Runs `mcla-server` on this test's service, with its two outputs kept apart."""
    del services  # the demo's project is in the database by them
    env = {"MCLA_HOME": str(settings.home), "MCLA_DATABASE_URL": database_url, "MCLA_DEMO": "true"}
    return lambda *args: CliRunner().invoke(main, args, env=env)
