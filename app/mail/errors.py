# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a mail, each with the next step."""

from mcla.errors import MclaError


class MailUnfit(MclaError):
    """An address or a text could not stand in a mail without changing what its header says."""

    code = "mail-unfit"
    status = 422
    hint = "Write one address such as name@example.com, without line breaks or a list."


class MailOff(MclaError):
    """This service sends no mail."""

    code = "mail-off"
    status = 409
    hint = "Set MCLA_SMTP_URL and MCLA_MAIL_FROM; `mcla-server config` explains both."


class MailServerAway(MclaError):
    """The mail server cannot be reached, or does not take mail from this service."""

    code = "mail-server-away"
    status = 503
    hint = "Check MCLA_SMTP_URL, MCLA_SMTP_USER and the password's file; what waits is sent later."
