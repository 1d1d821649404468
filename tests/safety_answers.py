# SPDX-License-Identifier: Apache-2.0
"""Answers to schedule S for tests: a fix for a weakness, under embargo until 1 December 2026."""

from typing import Any

EMBARGOED: dict[str, Any] = {
    "form": "filter",
    "protects_against": "A hole that nobody knows",
    "hazard": "cyber",
    "dual_use": "none",
    "severity": "high",
    "affected_versions": ["tiny 1.0"],
    "embargo": True,
    "embargo_until": "2026-12-01",
    "found": "2026-11-20",
    "reported_to": ["Example Foundation"],
    "sources": [{"name": "own work", "licence": "own"}],
    "personal_data": "none",
    "collection": "own",
    "regressions": "nothing known",
    "tests": "Unit tests; all passed.",
    "safeguards": "none",
    "screened": "not-screened",
    "credit": "no",
    "no_payload": True,
}
OPEN = {key: value for key, value in EMBARGOED.items() if key not in ("embargo_until", "found", "reported_to")} | {
    "embargo": False
}
"""The same without an embargo."""
OF_A_GRANT = {"title": "Fix 1.0", "published_at": "Made and kept by the giver", "keep_name": True}
"""What a grant asks besides."""
