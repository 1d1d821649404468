# SPDX-License-Identifier: Apache-2.0
"""Records made of plain data, so that pages and seals are tested without a service behind them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import seed_database
from real_records import Real, make_record
from version_folders import brief_texts

from app.platform.db import Database
from app.platform.keys import ServiceKeys, create_keys, load_keys
from app.platform.settings import Settings
from app.records.data import (
    Act,
    AgreementText,
    CircumstanceDetail,
    ContributionDetail,
    Declaration,
    FileRow,
    LogFacts,
    RecordData,
    SignerDetail,
    Work,
)
from app.signing.trust import trusted_root
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.statements.parts import AcceptanceRef, EarlierRef, TensorsRef
from mcla.verify.trust import TrustedRoot

NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
CONSENT = (
    "I am the person named here, and I agree to the test agreement.\n\nThis binds you as a signature on paper does."
)
TEXT = Path(__file__).with_name("sample_agreement.md").read_bytes()


@pytest.fixture(scope="session")
def seeding(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Database], object]:
    """Records here are printed of an agreement of two clauses; of the real one in `tests/interop`."""
    return partial(seed_database, texts=brief_texts(tmp_path_factory.mktemp("texts")))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


SHOWN = NOW - timedelta(minutes=4)
SEEN = CircumstanceDetail(NOW - timedelta(minutes=31), "2001:db8::17", "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
PROOF = tuple(digest(f"node {level}") for level in range(16))
BASE = Work("tiny-base", "Apache-2.0", ("Revision (commit or tag): 0.9", "How: Fine-tuned"), "")
MERGED = Work("other-base", "MIT", ("How: Merged in",), "ab" * 32)


def acceptance(**signer: Any) -> RecordData:
    """A record of an acceptance; keyword arguments change the signer."""
    person = SignerDetail(
        uri="https://mcla.example.org/signers/sgn_0a1b2c3d4e5f6g7h8j9k0m1n2p",
        name="Ada Example",
        provider="demo",
        subject="1815121000",
        login="ada",
        email="ada@example.org",
        capacity="individual",
        commitment=digest("commitment"),
        salt="q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
        secret=bytes(range(32)),
        issuer="https://id.example.org",
    )
    return RecordData(
        record_id="rec_7zz8ygt3kqhw2c1m9d0e4fs6vb",
        signature_id="sig_3n4k5m6p7q8r9s0t1v2w3x4y5z",
        origin="https://mcla.example.org",
        foundation_slug="example",
        foundation_name="Example Model Foundation",
        agreement=AgreementText(
            slug="mcla-individual",
            title="Individual Model Contributor License Agreement",
            version="1.0.0",
            digest=digest("version"),
            text_sha256=hashlib.sha256(TEXT).hexdigest(),
            documents={"agreement.md": TEXT, "schedules/W.md": b"# Schedule W: weights\n\nPromises for weights.\n"},
        ),
        signer=replace(person, **signer),
        act=Act("browser", digest(CONSENT), CONSENT, "Sign and record", NOW, digest("statement"), SHOWN, SEEN),
        log=LogFacts("mcla.example.org", 48113, 50003, digest("root"), digest("leaf"), PROOF),
        bundle=b'{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}',
        seal_fingerprint=digest("seal"),
    )


def contribution(count: int = 8, **changes: Any) -> RecordData:
    """A record of a contribution of `count` files; keyword arguments change the contribution."""
    entries = [
        ManifestEntry(f"weights/model-{n:05d}-of-{count:05d}.safetensors", digest(f"file {n}"), 4_992_000_000 + n)
        for n in range(1, count + 1)
    ]
    manifest = Manifest.of(entries)
    given = ContributionDetail(
        id="ctr_3n4k5m6p7q8r9s0t1v2w3x4y5z",
        project_slug="tiny-llm",
        project_name="Tiny LLM",
        kind="weights",
        schedule="W",
        manifest=manifest.to_bytes(),
        manifest_root=manifest.root,
        files=tuple(FileRow(entry.path, entry.sha256, entry.size) for entry in manifest.files),
        declarations=(
            Declaration("relation", "How the weights relate to the base", "fine-tune"),
            Declaration("bases", "Which bases, under which licences?", [{"name": "tiny-base"}], "", (BASE, MERGED)),
            Declaration("pickle", "No file holds code that runs when it is loaded", value=True),
        ),
        acceptance=AcceptanceRef(digest("acceptance"), 48001),
        tensors=TensorsRef(digest("tensors"), 291, 39_000_000_000),
        earlier=tuple(EarlierRef(digest(f"earlier {n}"), 47_000 + n) for n in range(1, 13)),
    )
    record = acceptance()
    return replace(record, signature_id=given.id, contribution=replace(given, **changes))


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
