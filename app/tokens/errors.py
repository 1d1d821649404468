# SPDX-License-Identifier: Apache-2.0
"""Every refusal of a token: what is wrong with it, and how to get one that works."""

from mcla.errors import MclaError

NEW_ONE = "Ask the foundation's staff for a new one (/console/tokens), and put it where the old one was."


class TokenMalformed(MclaError):
    """The text begins like a token and cannot be one: its check sum or its length is wrong."""

    code = "token-malformed"
    status = 401
    hint = "Copy the token again, whole: mcla_pat_ and 43 letters and digits, without spaces or quotation marks."


class TokenNotKnown(MclaError):
    """No project of this service has this token."""

    code = "token-unknown"
    status = 401
    hint = f"Is it a token of this very service? {NEW_ONE}"


class TokenExpired(MclaError):
    """The token's days are over."""

    code = "token-expired"
    status = 401
    hint = NEW_ONE


class TokenEnded(MclaError):
    """The foundation's staff or the operator ended the token."""

    code = "token-ended"
    status = 401
    hint = NEW_ONE


class TokenOtherProject(MclaError):
    """The token is another project's."""

    code = "token-other-project"
    status = 403
    hint = "Name the project that the token was made for, or use a token of the project that you name."


class TokenUnfit(MclaError):
    """A token with such a label, such scopes or so many days is not made."""

    code = "token-unfit"
    status = 422
    hint = "Choose at least one scope, 1 to 366 days, and a label of at most 100 characters. No token was made."


class TokenAway(MclaError):
    """There is no token of this id, or not at a foundation that the caller acts for: the answer is the same."""

    code = "project-token-unknown"
    status = 404
    hint = "Check the id, which begins with ptk_; /console/tokens and `mcla-server token list` show what there is."


class TrustUnfit(MclaError):
    """A rule that would trust nobody, or more than it seems to, is not made."""

    code = "trust-unfit"
    status = 422
    hint = "Name numbers (repository_id, project_id), each whole; docs/ci.md lists them. No rule was made."


class TrustIssuerUnknown(MclaError):
    """The operator has not set up this issuer."""

    code = "trust-issuer-unknown"
    status = 422
    hint = "Choose one that is set up; the operator adds others with MCLA_WORKLOAD_ISSUERS."


class TrustAway(MclaError):
    """There is no such rule, or not at a foundation that the caller acts for: the answer is the same."""

    code = "trust-unknown"
    status = 404
    hint = "Check the id, which begins with wtr_; /console/tokens and `mcla-server token trust list` show the rules."


class JobNotTrusted(MclaError):
    """No rule of the project trusts what the token says."""

    code = "job-not-trusted"
    status = 403
    hint = "Ask the foundation's staff for a rule with the numbers of your repository (/console/tokens)."


class WorkloadTokenInvalid(MclaError):
    """The forge's ID token failed a check; the message names the check."""

    code = "workload-token-invalid"
    status = 401
    hint = "Ask the forge for a token with this service's origin as its one audience, and send it as it is, at once."


class WorkloadTokenUsed(MclaError):
    """The forge's ID token was exchanged before."""

    code = "workload-token-used"
    status = 401
    hint = "Ask the forge for a new one for each exchange; the token that came of the first works for ten minutes."


class WorkloadIssuerAway(MclaError):
    """The forge's keys cannot be had, so nothing that it says can be checked."""

    code = "workload-issuer-away"
    status = 503
    hint = "Nothing was used up. Send the same token again in a minute; if it stays, tell the operator."


class TokenNotExchanged(MclaError):
    """A forge's ID token was sent where a project's token belongs."""

    code = "token-not-exchanged"
    status = 401
    hint = "Exchange it first: POST /api/v1/tokens/exchange with project and subject_token, and send what you get."
