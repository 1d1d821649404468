# SPDX-License-Identifier: Apache-2.0
"""The demo identity provider and the demo foundation; loopback and MCLA_DEMO only."""
