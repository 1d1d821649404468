# SPDX-License-Identifier: Apache-2.0
"""The link of an invitation and the letter that brings it to who is invited."""

from datetime import datetime
from hashlib import sha256

from app.companies.values import CompanyInfo
from app.mail.outbox import Letter


def join_address(origin: str, secret: str) -> str:
    """Where an invited person becomes a manager."""
    return f"{origin}/companies/join/{secret}"


def invitation_letter(
    info: CompanyInfo, invitation_id: str, email: str, url: str, until: datetime, language: str | None
) -> Letter:
    """One letter for each link that was made; the id of the letter tells nothing of the link's secret.

    It speaks the language of who invites, as nothing is known of who is invited.
    """
    said = {
        "company": info.name,
        "foundation": info.foundation.name,
        "contact": info.foundation.contact,
        "address": email,
        "url": url,
        "until": until.isoformat(),
        "language": language,
    }
    return Letter("manager-invited", f"{invitation_id}:{sha256(url.encode()).hexdigest()[:32]}", said)
