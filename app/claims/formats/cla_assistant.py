# SPDX-License-Identifier: Apache-2.0
"""CLA assistant: the CSV of its page ("Complete History as CSV"), and that of its database.

The page separates by `;` and tells logins alone (`controller/settings.js`). Who runs the service has more: `mongoexport
--type=csv` with the names of `documents/cla.js` gives the account's number and `origin`, which tells a person's click
(`sign|…`) from a list that an owner brought in (`upload|…`, `addSignature|…`).
"""

from collections.abc import Sequence
from datetime import datetime

from app.claims import reading
from app.claims.reading import RowUnfit, plain, read_sheet, read_table
from app.claims.values import ClaimedText, Evidence, Mark, Parsed, Told

PAGE = (
    "User Name",
    "Repository Owner",
    "Repository Name",
    "CLA Title",
    "Gist URL",
    "Gist Version",
    "Signed At",
    "Revoked At",
    "Signed for Organization",
)
DATABASE = ("user", "userId", "owner", "repo", "gist_url", "gist_version", "created_at", "revoked_at", "origin")
_BY_OTHERS = ("upload", "addSignature", "unknown")


def read_cla_assistant(data: bytes, now: datetime) -> Parsed:
    """Rows of either table; raises `ClaimsFileUnfit`. Fields that an owner added to the form are left out."""
    sheet, which = read_sheet(data, (PAGE, DATABASE), ";,")

    def of_page(number: int, fields: Sequence[str]) -> Told:
        user, owner, repo, title, url, version, signed, revoked, organisation = fields[: len(PAGE)]
        flagged = {"TRUE": True, "true": True, "FALSE": False, "false": False, "": False}
        whole = reading.flag("Signed for Organization", organisation, flagged)
        place = _place(owner, "" if whole else repo, "Repository Owner", "Repository Name")
        return Told(
            number=number,
            what="person",
            evidence="recorded-by-login" if signed else "listed",
            marks=(Mark("login", reading.login("User Name", user), "github"),),
            signed=_time("Signed At", signed, now),
            ended=_time("Revoked At", revoked, now),
            text=_text(title, url, version, "CLA Title", "Gist URL", "Gist Version"),
            place=place,
        )

    def of_database(number: int, fields: Sequence[str]) -> Told:
        user, user_id, owner, repo, url, version, signed, revoked, origin = fields[: len(DATABASE)]
        return Told(
            number=number,
            what="person",
            evidence=_evidence(origin, user_id, signed),
            marks=(Mark("login", reading.login("user", user), "github"),),
            subject=reading.account_number("userId", user_id) if user_id else None,
            signed=_time("created_at", signed, now),
            ended=_time("revoked_at", revoked, now),
            text=_text("", url, version, "", "gist_url", "gist_version"),
            place=_place(owner, repo, "owner", "repo"),
        )

    read, header = ((of_page, PAGE), (of_database, DATABASE))[which]
    return read_table(sheet, header, read)


def _evidence(origin: str, user_id: str, signed: str) -> Evidence:
    """What a row of the database is worth: a click of the account itself, or a line that somebody else wrote."""
    how = [each for each in origin.split("|") if each in ("sign", *_BY_OTHERS)]
    if origin and not how:
        raise RowUnfit("expected sign, upload, addSignature or unknown in origin")
    if how != ["sign"] or not signed:
        return "listed"
    return "recorded-by-id" if user_id else "recorded-by-login"


def _time(column: str, value: str, now: datetime) -> str | None:
    return reading.moment(column, value, now) if value else None


def _text(title: str, url: str, version: str, *columns: str) -> ClaimedText:
    return ClaimedText(
        plain(columns[0], title, 500),
        reading.web_address(columns[1], url),
        plain(columns[2], version, 200),
    )


def _place(owner: str, repo: str, *columns: str) -> str:
    parts = (plain(columns[0], owner, 200), plain(columns[1], repo, 200))
    return "/".join(each for each in parts if each)
