# SPDX-License-Identifier: Apache-2.0
"""The agreement service over each database, and a version folder that a test may damage."""

from pathlib import Path

import pytest
from version_folders import copy_version

from app.agreements.service import AgreementService
from app.platform.clock import FixedClock
from app.platform.db import Database
from app.projects.service import ProjectService


@pytest.fixture
def agreements(db: Database, clock: FixedClock) -> AgreementService:
    """The service over an empty database with the foundations `example` and `other`."""
    projects = ProjectService(db, clock)
    projects.ensure_foundation("example", "Example Foundation", "contact@foundation.example")
    projects.ensure_foundation("other", "Other Foundation", "contact@other.example")
    return AgreementService(db, clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real version folder, `mcla-individual/1.0.0`."""
    return copy_version(tmp_path, "1.0.0")
