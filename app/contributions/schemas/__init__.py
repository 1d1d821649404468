# SPDX-License-Identifier: Apache-2.0
"""JSON of the public API about artifacts and contributions. Field names are a contract with outside scripts."""
