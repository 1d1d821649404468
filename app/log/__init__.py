# SPDX-License-Identifier: Apache-2.0
"""The transparency log: appending, publishing and serving it."""
