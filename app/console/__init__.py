# SPDX-License-Identifier: Apache-2.0
"""The console: where a foundation's staff sees how things stand and decides what only the foundation can."""
