# SPDX-License-Identifier: Apache-2.0
"""From a row of the outbox to the message: its text in words, its headers without anybody's choice in them.

The same row always makes the same message with the same Message-ID, so a mail that was sent twice, because the first
answer was lost, is recognised as one. Values are made one line each before they reach a text or a header.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.mail.errors import MailUnfit
from app.mail.outbox import check_address
from app.platform.catalogues import ENGLISH, Language, catalogue, languages, worded_in
from app.platform.formats import day_text, moment, time_text

TEXTS = Path(__file__).parent / "texts"
"""Each text begins with its subject, then an empty line; its sentences are in the catalogues of `app.translations`."""


@cache
def _texts(locale: str) -> Environment:
    """The texts in one language. Plain text: there is no markup to escape, and values are one line each."""
    made = Environment(  # noqa: S701
        loader=FileSystemLoader(TEXTS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(locale), newstyle=True)  # type: ignore[attr-defined]
    made.filters["word"] = lambda text: worded_in(locale, text) or text
    made.filters["day"] = lambda text: day_text(moment(text), locale)
    made.filters["time"] = lambda text: time_text(moment(text), locale)
    return made


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: `From` as the settings have it, and the host in Message-IDs."""

    mail_from: Address
    host: str


def compose(
    sender: Sender, template: str, key: str, said: dict[str, Any], to: str, at: datetime, language: str | None = None
) -> EmailMessage:
    """The message to one address; raises `MailUnfit` for an address or subject that no header may hold.

    `language` is the tag of one; English where there is no such catalogue (any more).
    """
    spoken = languages().get(language or ENGLISH) or languages()[ENGLISH]
    subject, body = words(template, said, spoken)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.mail_from
    message["To"] = _recipient(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:40]}@{sender.host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes and no loops, please
    message.set_content(body, cte="quoted-printable")
    message["Content-Language"] = spoken.tag  # after the content, which takes the headers about another with it
    return message


def _recipient(to: str) -> Address:
    """The address as a header holds it; local parts beyond ASCII (RFC 6532) are not sent to."""
    try:
        return Address(addr_spec=check_address(to))
    except (MessageError, ValueError, IndexError) as error:  # all that the parser raises; its words repeat the address
        raise MailUnfit(f"expected an address that a header can hold, got one with {type(error).__name__}") from None


def words(template: str, said: dict[str, Any], spoken: Language) -> tuple[str, str]:
    """Subject and body of a text; raises `MailUnfit` if the subject is not one line."""
    text = _texts(spoken.locale).get_template(f"{template}.txt").render(one_line(said))
    subject, _, body = text.partition("\n\n")
    if not subject.startswith("Subject: ") or "\n" in subject or not subject.isprintable():
        raise MailUnfit(f"expected a subject of one line first in the text {template}, got something else")
    return subject.removeprefix("Subject: "), body.rstrip() + "\n"


def one_line(value: Any) -> Any:
    """Values as a text may hold them: without line breaks, control or direction-changing characters."""
    if isinstance(value, dict):
        return {name: one_line(each) for name, each in value.items()}
    if isinstance(value, list):
        return [one_line(each) for each in value]
    if not isinstance(value, str):
        return value
    kept = (" " if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") else each for each in value)
    return " ".join("".join(kept).split())
