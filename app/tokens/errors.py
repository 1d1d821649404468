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
