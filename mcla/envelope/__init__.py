# SPDX-License-Identifier: Apache-2.0
"""DSSE, certificates, timestamps and the Sigstore bundle."""
