# SPDX-License-Identifier: Apache-2.0
"""Outbound terms as tiers: what is allowed to whom, decided by facts about an intended use and never by their absence.

`read_use` (facts), `read_terms` (a project's own terms in TOML) or `terms_of` (a known licence), and `evaluate`.
"""
