# SPDX-License-Identifier: Apache-2.0
"""The MCLA service: one package per noun over `app.platform`, put together by `app.wiring` and `app.factory`."""

import gc

# At Python's own 700, a sixth of every start goes into looking for garbage that is not there.
gc.set_threshold(20_000, 20, 20)
