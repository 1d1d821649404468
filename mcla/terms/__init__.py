# SPDX-License-Identifier: Apache-2.0
"""The machine-readable meaning of an agreement version."""
