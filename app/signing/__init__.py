# SPDX-License-Identifier: Apache-2.0
"""From a statement shown to a bundle stored: drafts, certificates, signatures."""
