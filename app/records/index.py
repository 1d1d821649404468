# SPDX-License-Identifier: Apache-2.0
"""The index of records that a foundation takes with it: CSV (RFC 4180, UTF-8 with its mark) for spreadsheets; pure.

Names are strangers' words. A cell that a spreadsheet would compute begins with an apostrophe instead, which it does not
show, and all of them are quoted.
"""

import csv
import io

from app.records.listing import Listed

HEAD = (
    *("record_id", "kind", "agreement", "version", "signer", "account", "company", "signed_at", "state"),
    *("file", "sha256", "record_sha256", "failed"),
)
MARK = "\ufeff".encode()
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")


def head() -> bytes:
    """The first line."""
    return MARK + _line(HEAD)


def line(listed: Listed, file: str = "", sha256: str = "", failed: str = "") -> bytes:
    """The line of a record: with the name and digest of its file, or without where there is none and why."""
    return _line(
        (
            *(listed.id, listed.kind, listed.agreement, listed.version, listed.name, listed.account, listed.company),
            *(f"{listed.signed_at:%Y-%m-%dT%H:%M:%SZ}", listed.state),
            *(file, sha256, listed.sha256 or "", failed or listed.failed),
        )
    )


def _line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([_cell(each) for each in cells])
    return text.getvalue().encode()


def _cell(value: str) -> str:
    # What stands before the sign may be white space that a spreadsheet drops.
    return f"'{value}" if value.lstrip().startswith(_COMPUTED) or value.startswith(_COMPUTED) else value
