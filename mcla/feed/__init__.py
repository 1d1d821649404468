# SPDX-License-Identifier: Apache-2.0
"""The compliance feed: prohibited and regulated uses that change with the law, apart from licence texts that do not."""
