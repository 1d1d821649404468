# SPDX-License-Identifier: Apache-2.0
"""Grants: one set of files that somebody offers, and the foundation's counter-signature that makes it count."""
