# SPDX-License-Identifier: Apache-2.0
"""The `mcla` command: thin over the protocol packages, one module a command, loaded only when it is called.

Data goes to stdout and everything else to stderr. Exit codes: 0 yes, 1 no, 2 wrong usage, 3 unknown or unreachable,
130 interrupted. They and the JSON keys never change within a major version.
"""
