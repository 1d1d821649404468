# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when withdrawals are asked for or answered, each with the next step."""

from mcla.errors import MclaError


class WithdrawalsTooMany(MclaError):
    """More was ended than one list may hold."""

    code = "withdrawals-too-many"
    status = 503
    hint = "Ask for single files instead: GET /api/v1/artifacts/sha256:… tells what was ended."


class WithdrawalUnknown(MclaError):
    """No contribution was taken back under this id, or the withdrawal is not recorded yet."""

    code = "withdrawal-unknown"
    status = 404
    hint = "Check the id; it begins with wdr_. GET /api/v1/withdrawals lists every contribution that was taken back."


class StageUnfit(MclaError):
    """A stage cannot be recorded: the contribution is unknown, or has come further already."""

    code = "stage-unfit"
    status = 409
    hint = "Name a recorded contribution (ctr_…) and a stage after the last one: S1, S2, S3, S4. A stage is never left."


class DecisionUnfit(MclaError):
    """An answer to a withdrawal contradicts the stage that was recorded, the terms, or itself."""

    code = "decision-unfit"
    status = 422
    hint = "See what the terms say: mcla-server withdrawals show ID. Nothing was stored."
