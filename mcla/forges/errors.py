# SPDX-License-Identifier: Apache-2.0
"""Why a forge's word is missing. None of these is a no: whoever asked ends at `unknown`."""

from mcla.errors import MclaError


class ForgeError(MclaError):
    """The forge's word could not be had."""

    code = "forge-unknown"
    status = 502
    hint = "Run the check again."


class ForgeSilent(ForgeError):
    """No answer: unreachable, busy, or its rate limit is used up."""

    code = "forge-silent"
    hint = "Run the check again in a few minutes; nothing has to be changed for it."


class ForgeRefused(ForgeError):
    """The forge answered that this token may not read it, or that there is no such thing."""

    code = "forge-refused"
    hint = "Give the job a token that may read the repository and its pull requests (docs/ci.md, Permissions)."


class ForgeAnswerInvalid(ForgeError):
    """The answer is not what this forge's interface promises, so nothing is taken from it."""

    code = "forge-answer-invalid"
    hint = "Check that the job's variables name the forge's own API, not a proxy's page, then run the check again."


class JobUnreadable(ForgeError):
    """The variables of the CI job contradict each other or lack what the forge promises."""

    code = "job-unreadable"
    hint = "Name the change yourself: mcla check --forge none --base REV --head REV."
