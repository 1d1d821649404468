# SPDX-License-Identifier: Apache-2.0
"""The MCLA protocol and its command line: statements, proofs, log, verifier; no web framework and no database."""

__version__ = "0.1.0"
