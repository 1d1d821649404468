# SPDX-License-Identifier: Apache-2.0
"""The link of an invitation and the letter that brings it to who is invited."""

from datetime import datetime
from hashlib import sha256

from app.companies.values import CompanyInfo
from app.mail.outbox import Letter
from app.platform.formats import time_text


def join_address(origin: str, secret: str) -> str:
    """Where an invited person becomes a manager."""
    return f"{origin}/companies/join/{secret}"


def invitation_letter(info: CompanyInfo, invitation_id: str, email: str, url: str, until: datetime) -> Letter:
    """One letter for each link that was made; the id of the letter tells nothing of the link's secret."""
    said = {
        "company": info.name,
        "foundation": info.foundation.name,
        "contact": info.foundation.contact,
        "address": email,
        "url": url,
        "until": time_text(until),
    }
    return Letter("manager-invited", f"{invitation_id}:{sha256(url.encode()).hexdigest()[:32]}", said)
