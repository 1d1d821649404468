# SPDX-License-Identifier: Apache-2.0
"""The service's side of a check: what the database knows of one change, policies of projects, and exemptions."""
