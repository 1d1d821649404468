# SPDX-License-Identifier: Apache-2.0
"""The page that shows every key of the service to people, for pinning and for comparing on another way."""
