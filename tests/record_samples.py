# SPDX-License-Identifier: Apache-2.0
"""Records made of plain data, so that pages and seals are tested and measured without a service behind them."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.records.data import RecordData
from app.records.parts import (
    Act,
    AgreementText,
    CircumstanceDetail,
    ContributionDetail,
    Declaration,
    Event,
    FileRow,
    LogFacts,
    PageDetail,
    SignerDetail,
    Work,
)
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.records.names import Step
from mcla.statements.parts import AcceptanceRef, EarlierRef, TensorsRef

NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
CONSENT = (
    "I am the person named here, and I agree to the test agreement.\n\nThis binds you as a signature on paper does."
)
TEXT = Path(__file__).parent.joinpath("app", "records", "sample_agreement.md").read_bytes()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


SHOWN = NOW - timedelta(minutes=4)
PAGE = PageDetail(SHOWN, "de", "0.1.0+4f1d2c3b5a69", digest("Prüfen"), "Prüfen")
SEEN = CircumstanceDetail(
    NOW - timedelta(minutes=31),
    "2001:db8::17",
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    digest("session"),
    "UTC+01:00",
    PAGE,
)
COURSE = tuple(
    Event(step, NOW + timedelta(seconds=after)) for step, after in zip(Step, (-240, -239, -1, 0, 1, 2), strict=True)
)
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
            language="en",
            published_at=NOW - timedelta(days=90),
        ),
        signer=replace(person, **signer),
        act=Act("browser", digest(CONSENT), CONSENT, "Sign and record", NOW, digest("statement"), SEEN, COURSE),
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
        files=FileRow.all_of(manifest),
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
