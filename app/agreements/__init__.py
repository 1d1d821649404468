# SPDX-License-Identifier: Apache-2.0
"""Agreements and their immutable versions."""
