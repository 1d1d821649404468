# SPDX-License-Identifier: Apache-2.0
"""The `mcla-server` command: one file for each noun that an operator sets up, looks after or looks at."""
