# SPDX-License-Identifier: Apache-2.0
"""Limits that several processes count together, in a real Redis; and what happens while it is away."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from applications import new_application
from flask.testing import FlaskClient
from needs import needs
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from running import free_port
from signing_walk import PROJECT

from app.platform.security import limiter
from app.tokens import limits
from app.wiring import Services

COVERAGE = f"/api/v1/coverage?project={PROJECT}&artifact=sha256:{'ab' * 32}&kind=code"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of a Redis that keeps nothing on disk, and its process."""
    port = free_port()
    command = [needs("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    url, before = f"redis://127.0.0.1:{port}/0", dict(vars(limiter))  # every application of a process shares it
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as started:
        try:
            Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 200)).ping()
            yield url, started
        finally:
            started.kill()
            vars(limiter).update(before)


def process(services: Services, url: str) -> FlaskClient:
    """What one of several processes has of its own: the application, and its own limiter's storage."""
    settings = services.settings.model_copy(update={"rate_limit_storage": url})
    return new_application(replace(services, settings=settings)).test_client()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_processes_count_together_and_each_for_itself_while_redis_is_away(
    services: Services, server: tuple[str, "subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WITHOUT", "3/minute")
    url, redis_server = server
    first = process(services, url)
    assert [first.get(COVERAGE).status_code for _ in range(2)] == [200, 200]
    second = process(services, url)
    answers = [second.get(COVERAGE) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 429]
    assert (answers[1].headers["X-RateLimit-Limit"], answers[1].get_json()["code"]) == ("3", "too-many-requests")
    redis_server.kill()
    redis_server.wait()
    away = [second.get(COVERAGE).status_code for _ in range(4)]
    assert away == [200, 200, 200, 429], "nobody is refused because of it, and nobody is let off"
