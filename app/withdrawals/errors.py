# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when withdrawals are asked for."""

from mcla.errors import MclaError


class WithdrawalsTooMany(MclaError):
    """More was ended than one list may hold."""

    code = "withdrawals-too-many"
    status = 503
    hint = "Ask for single files instead: GET /api/v1/artifacts/sha256:… tells what was ended."
