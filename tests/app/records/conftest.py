# SPDX-License-Identifier: Apache-2.0
"""Fixtures of records: data without a service behind them, and keys to seal them with."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import seed_database
from real_records import Real, make_record
from record_samples import NOW, acceptance, contribution
from version_folders import brief_texts

from app.platform.db import Database
from app.platform.keys import ServiceKeys, create_keys, load_keys
from app.platform.settings import Settings
from app.records.data import RecordData
from app.signing.trust import trusted_root
from mcla.verify.trust import TrustedRoot


@pytest.fixture(scope="session")
def seeding(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Database], object]:
    """Records here are printed of an agreement of two clauses; of the real one in `tests/interop`."""
    return partial(seed_database, texts=brief_texts(tmp_path_factory.mktemp("texts")))


@pytest.fixture(scope="session")
def make_acceptance() -> Callable[..., RecordData]:
    return acceptance


@pytest.fixture(scope="session")
def make_contribution() -> Callable[..., RecordData]:
    return contribution


@pytest.fixture(scope="session")
def document_keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    """Fresh service keys on disk, as `mcla-server init` makes them."""
    home = tmp_path_factory.mktemp("home")
    create_keys(home, "mcla.example.org", NOW)
    return load_keys(home)


@pytest.fixture(scope="session")
def trust(document_keys: ServiceKeys, tmp_path_factory: pytest.TempPathFactory) -> TrustedRoot:
    """What the service with these keys publishes."""
    settings = Settings(home=tmp_path_factory.mktemp("settings"), origin="https://mcla.example.org")
    return trusted_root(document_keys, settings)


@pytest.fixture(scope="session")
def real(
    tmp_path_factory: pytest.TempPathFactory,
    filled_sqlite: Any,
    seeding: Callable[[Database], object],
    key_folder: Path,
) -> Real:
    """A record of a real contribution of three files, made by the job of a running service."""
    return make_record(tmp_path_factory.mktemp("service"), filled_sqlite(seeding), key_folder)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW
