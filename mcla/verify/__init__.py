# SPDX-License-Identifier: Apache-2.0
"""Trusted roots, policies, the verifier and its verdicts."""
