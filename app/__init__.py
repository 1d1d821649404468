# SPDX-License-Identifier: Apache-2.0
"""The MCLA service: one package per noun over `app.platform`, put together by `app.wiring` and `app.factory`."""
