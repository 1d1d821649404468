# SPDX-License-Identifier: Apache-2.0
"""What has no noun of its own: settings, database, jobs, security, the web shell, problems, clock, keys, storage."""
