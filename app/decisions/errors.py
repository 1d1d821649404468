# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when a decision is asked for again."""

from mcla.errors import MclaError


class DecisionUnknown(MclaError):
    """No decision has this digest, or it has been over for so long that it was forgotten."""

    code = "decision-unknown"
    status = 404
    hint = "Ask for a new one: POST /api/v1/decisions. A decision counts for a day."
