# SPDX-License-Identifier: Apache-2.0
"""Artifacts given under a signature, and what is known of a digest."""
