# SPDX-License-Identifier: Apache-2.0
"""The words that licence facts and questions are made of: each an enumeration that a reader of JSON is held to."""

from typing import Literal

Family = Literal["permissive", "copyleft", "commercial-scale", "rail", "non-commercial-research", "other"]
Type = Literal["licence", "terms", "api-terms", "data-agreement"]
CommercialUse = Literal["yes", "no", "conditional", "unknown"]
Covered = Literal["code", "weights", "data", "docs", "tokenizer", "output"]
Metric = Literal[
    "mau",
    "muu",
    "annual_revenue",
    "monthly_revenue",
    "annual_recurring_revenue",
    "maas_revenue",
    "maas_business",
    "hosting_use",
    "competing_service",
    "registration",
    "written_authorisation",
]
Operator = Literal[">", ">=", "is"]
Effect = Literal[
    "separate-licence-required",
    "licence-terminates",
    "display-required",
    "registration-required",
    "excluded",
    "security-review-required",
]
Measured = Literal["at-release-date", "ongoing", "preceding-year", "preceding-12-months", "any-12-months"]
FlowDownOf = Literal["none", "policy-applies", "pass-to-users", "same-or-equivalent", "at-least-same", "whole-licence"]
Outbound = Literal[
    "any",
    "any-with-restrictions",
    "own-terms-but-base-part-stays",
    "same",
    "same-file",
    "same-or-later",
    "same-or-compatible",
    "same-or-later-or-GPL-3.0",
    "same-or-compatible-list",
    "noncommercial",
    "none",
    "unknown",
]
ShareAlike = Literal["none", "file", "work", "network", "data", "model"]
OutputTraining = Literal[
    "unrestricted",
    "allowed-with-name",
    "allowed-with-attribution",
    "same-family-only",
    "same-family-or-noncommercial",
    "not-competing-models",
    "noncommercial-only",
    "prohibited",
    "unspecified",
    "unknown",
]
PatentGrant = Literal["express", "none", "excluded", "unspecified", "unknown"]
DatabaseRight = Literal["licensed", "waived", "not-addressed"]
TerritoryScope = Literal["multimodal-only", "all-and-outputs"]
Exemption = Literal["likely-qualifies", "arguable", "disqualified", "n/a"]
Confidence = Literal["high", "medium", "low"]
Included = Literal["yes", "implied", "no", "unspecified"]
RestrictionsSource = Literal["none", "inline", "incorporated-policy", "unknown"]
Stance = Literal["allow", "review", "deny"]
"""What a project says to a debated point."""
