# SPDX-License-Identifier: Apache-2.0
"""The declaration that two versions are compatible: one JSON document (RFC 8785), signed as a file and logged.

It names versions, digests, the class by the rules and the reason, and nobody. Any Sigstore client checks it with its
bundle; the log holds its digest alone.
"""

import unicodedata
from datetime import datetime
from typing import Literal

from app.agreements.values import PublishedVersion
from app.succession.errors import ReasonUnfit
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time
from mcla.terms.changes import Class
from mcla.terms.strict import unfit_character
from mcla.wording import Worded

SCHEMA = "mcla.compatibility/1"
By = Literal["operator", "staff"]


def declaration(
    service: str, old: PublishedVersion, new: PublishedVersion, name: Class, reason: str, by: By, at: datetime
) -> bytes:
    """The bytes that are signed; `reason` comes from `checked_reason`."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "service": service,
            "foundation": new.foundation.slug,
            "agreement": new.slug,
            "old": {"version": old.version, "digest": old.digest},
            "new": {"version": new.version, "digest": new.digest},
            "class": name,
            "reason": reason,
            "declaredBy": by,
            "declaredAt": format_time(at),
        }
    )


def checked_reason(text: str) -> str:
    """The reason in its one spelling; raises `ReasonUnfit`."""
    reason = " ".join(unicodedata.normalize("NFC", text).split())
    if bad := unfit_character(reason):
        raise ReasonUnfit(Worded("expected a reason in plain characters, got %(bad)s in it", bad=bad))
    if not 10 <= len(reason) <= 500:
        raise ReasonUnfit(Worded("expected a reason of 10 to 500 characters, got %(value)s", value=len(reason)))
    return reason
