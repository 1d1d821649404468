# SPDX-License-Identifier: Apache-2.0
"""The signed PDF that a foundation issues."""
