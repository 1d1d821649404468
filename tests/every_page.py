# SPDX-License-Identifier: Apache-2.0
"""Addresses of pages, for tests of what holds on each: those for everybody, and those of somebody signed in."""

UNKNOWN = "ac" * 32
OPEN = (
    "/",
    "/agreements",
    "/agreements/mcla-individual/1.0.0",
    "/sign/mcla-individual",
    "/sign/mcla-individual/decline",
    "/verify",
    f"/verify?digest={UNKNOWN}",
    "/verify?digest=nonsense",
    f"/artifacts/sha256:{UNKNOWN}",
    "/docs/api",
    "/licences?q=llama",
    "/licences/LicenseRef-llama-3.1",
    "/licences/compare?licence=LicenseRef-llama-3.1&licence=MIT",
    "/licences/check?base-1=LicenseRef-llama-3.1&relation-1=fine-tune&declared=Apache-2.0",
    "/safe-harbour",
    "/problems",
    "/problems/signing-unknown",
    "/tiers",
    "/trust",
    "/privacy",
    "/login",
    "/no-such-page",
)
OWN = (
    "/sign/mcla-individual",
    "/sign/mcla-individual/declare",
    "/contributions/new",
    "/contributions/new?project=tiny-llm&kind=weights",
    "/signatures",
    "/account",
)
