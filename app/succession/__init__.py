# SPDX-License-Identifier: Apache-2.0
"""Succession: what it means for signers that one version of an agreement follows another."""
