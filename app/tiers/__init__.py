# SPDX-License-Identifier: Apache-2.0
"""Outbound terms in tiers that projects and foundations publish here: versions that never change, each in the log."""
