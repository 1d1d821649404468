# SPDX-License-Identifier: Apache-2.0
"""A log over an empty database and an empty folder, and one that remembers nothing."""

from pathlib import Path

import pytest
from log_tools import log_over

from app.log import sequencer
from app.log.service import LogService
from app.platform.db import Database


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def log(db: Database, home: Path) -> LogService:
    service = log_over(db, home)
    service.recover()
    return service


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every append reads and proves what is stored, as one does that comes a second after the last."""
    monkeypatch.setattr(sequencer, "TRUST_SECONDS", 0)
