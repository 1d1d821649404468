# SPDX-License-Identifier: Apache-2.0
"""Speaking SMTP: a connection that is encrypted as the settings say, or none at all, and what a refusal means."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.platform.mail_server import Login, MailServer

SECONDS = 30
"""The longest wait for an answer of the mail server."""
AWAY = (OSError, smtplib.SMTPException)
"""What a connection ends with; `SMTPException` is an OSError, and is named for the reader."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What became of one mail that was not taken. `final`: trying again would not help."""

    failure: str
    final: bool


@contextmanager
def connected(server: MailServer, login: Login | None, host: str) -> Iterator[smtplib.SMTP]:
    """A connection, signed in if there is a login; raises one of `AWAY`.

    Never without encryption where the settings ask for it: a server that does not offer STARTTLS, or shows a
    certificate for another name, gets no mail and no password.
    """
    trust = ssl.create_default_context()
    if server.security == "tls":
        post: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, host, timeout=SECONDS, context=trust)
    else:
        post = smtplib.SMTP(server.host, server.port, host, timeout=SECONDS)
    try:
        if server.security == "starttls":
            post.starttls(context=trust)
        if login is not None:
            post.login(login.user, login.password)
        yield post
        with suppress(*AWAY):
            post.quit()
    finally:
        post.close()


def refusal(error: Exception) -> Refusal | None:
    """What an error says of this one mail; None if it says something of the server."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code = max(code for code, _ in refused.values())
            return Refusal(f"recipient refused, {code}", final=code >= 500)
        case smtplib.SMTPDataError(smtp_code=code):
            return Refusal(f"content refused, {code}", final=code >= 500)
        case smtplib.SMTPNotSupportedError() | UnicodeError():
            return Refusal("the server takes no address with such characters", final=True)
    return None


def told(error: Exception) -> str:
    """An error's kind and the server's number: its words may repeat addresses and passwords."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__}, {code}" if code else type(error).__name__
