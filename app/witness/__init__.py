# SPDX-License-Identifier: Apache-2.0
"""A witness: watches other people's logs and cosigns only heads that extend what it saw before. Needs no database."""
