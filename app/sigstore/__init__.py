# SPDX-License-Identifier: Apache-2.0
"""The signing services that stock Sigstore clients call: certificate, timestamp, log entry."""
