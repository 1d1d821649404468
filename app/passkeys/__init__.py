# SPDX-License-Identifier: Apache-2.0
"""Passkeys: registered for one signer, asked to confirm single statements."""
