# SPDX-License-Identifier: Apache-2.0
"""What can go wrong when coverage is asked for, each with the next step."""

from mcla.errors import MclaError


class CoverageUnasked(MclaError):
    """The question names no subject, or more than one."""

    code = "coverage-unasked"
    status = 422
    hint = "Ask about one subject: provider and subject of an account, or company, or artifact."


class TimeUnfit(MclaError):
    """The time asked about is not one, has no zone, or has not come yet."""

    code = "time-unfit"
    status = 422
    hint = "Write as_of with its zone, such as 2026-11-25T09:00:00Z; leave it out to ask about now."
