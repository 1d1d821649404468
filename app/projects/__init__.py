# SPDX-License-Identifier: Apache-2.0
"""Foundations and the projects they run."""
