# SPDX-License-Identifier: Apache-2.0
"""Contributions as a release holds them, for the tests of exports."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from notary import Notary

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.exports.release import Given, Release

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ONE = Manifest.of([ManifestEntry("model.safetensors", sha256_hex(b"model"), 5)])
MANY = Manifest.of([ManifestEntry(f"part-{number}.json", sha256_hex(b"%d" % number), 1) for number in range(3)])
WEIGHTS = {
    "title": "Tiny model",
    "architecture": "transformer",
    "relation": "fine-tune",
    "outbound": "Apache-2.0",
    "opt_outs": "respected",
    "bases": [
        {"name": "example/base", "revision": "v1", "relation": "fine-tune", "licence": "LicenseRef-llama-3.1",
         "licence_sha256": "7" * 64, "retrieved": "2026-01-31"},
        {"name": "example/data", "sha256": "8" * 64, "relation": "trained-on-data", "licence": "permission by letter"},
    ],
    "training_data": [{"name": "Birds", "url": "https://example.org/birds", "owner": "Example", "licence": "CC0-1.0"}],
}  # fmt: skip
DATA = {"title": "Birds", "licence": "CC0-1.0", "sources": [{"name": "Field notes", "licence": "own"}]}


def given(notary: Notary, manifest: Manifest = ONE, **changes: Any) -> Given:
    declarations = changes.pop("declarations", WEIGHTS)
    stated = replace(notary.statement(manifest), declarations=declarations, **changes)
    return Given(stated, manifest, "It is in force.")


def mixed(notary: Notary) -> Release:
    """A model, data, a model of which nothing is declared, and code."""
    data = given(notary, MANY, kind="data", schedule="D", declarations=DATA)
    bare = given(notary, declarations={})
    code = given(notary, MANY, kind="code", schedule=None, declarations={})
    return Release("tiny", "1.0.0", (given(notary), data, bare, code))
