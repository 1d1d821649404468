# SPDX-License-Identifier: Apache-2.0
"""The compliance feed that this service signs and serves: published by its staff, followed by anybody."""
