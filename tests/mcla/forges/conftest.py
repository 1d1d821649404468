# SPDX-License-Identifier: Apache-2.0
"""Scripted forges on loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forge_site import Site
from scripted_forges import ScriptedForge
from serving import serving
from werkzeug.wrappers import Request


@pytest.fixture(scope="session")
def forges() -> Iterator[tuple[str, list[ScriptedForge]]]:
    """One server for all tests, whose forge each test brings."""
    current: list[ScriptedForge] = []

    @Request.application
    def answer(request: Request) -> Any:
        return current[-1](request)

    with serving(answer) as address:
        yield address, current


@pytest.fixture
def site(forges: tuple[str, list[ScriptedForge]], tmp_path: Path) -> Site:
    address, current = forges
    current.append(ScriptedForge())
    return Site(current[-1], address, tmp_path)
