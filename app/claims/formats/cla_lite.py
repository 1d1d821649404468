# SPDX-License-Identifier: Apache-2.0
"""CLA assistant Lite: the JSON file that its action keeps in a repository, `signatures/version1/cla.json`.

Each entry is a comment by which an account signed, with the account's number (`signatureComment.ts`). Which text that
was the file does not tell; only its own path does.
"""

from datetime import datetime
from typing import Any

from app.claims import reading
from app.claims.reading import RowUnfit, read_json, read_rows
from app.claims.unfit import ClaimsFileUnfit
from app.claims.values import Mark, Parsed, Told

MEMBERS = ("name", "id", "comment_id", "created_at", "repoId", "pullRequestNo")


def read_cla_lite(data: bytes, now: datetime) -> Parsed:
    """The entries of the file; raises `ClaimsFileUnfit`. Members that the action does not write are left out."""
    whole = read_json(data)
    entries = whole.get("signedContributors") if isinstance(whole, dict) else None
    if not isinstance(entries, list):
        raise ClaimsFileUnfit('expected {"signedContributors": […]}, got something else')

    def read(number: int, entry: Any) -> Told:
        if not isinstance(entry, dict):
            raise RowUnfit("expected an object")
        return Told(
            number=number,
            what="person",
            evidence="recorded-by-id" if "created_at" in entry else "listed",
            marks=(Mark("login", reading.login("name", entry.get("name")), "github"),),
            subject=_account(entry),
            signed=reading.moment("created_at", entry["created_at"], now) if "created_at" in entry else None,
            place=_place(entry),
        )

    rows = tuple(read_rows(iter(enumerate(entries, 1)), read))
    named = {member for each in entries if isinstance(each, dict) for member in each} - {*MEMBERS}
    named |= whole.keys() - {"signedContributors"}
    return Parsed(rows, tuple(sorted(named)))


def _account(entry: dict[str, Any]) -> str:
    if type(entry.get("id")) is not int:
        raise RowUnfit("expected a whole number in id")
    return reading.account_number("id", entry["id"])


def _place(entry: dict[str, Any]) -> str:
    """The repository, pull request and comment, as far as the entry names them."""
    told = []
    for member, word in (("repoId", "repository"), ("pullRequestNo", "pull request"), ("comment_id", "comment")):
        if entry.get(member) is not None:
            told.append(f"{word} {reading.account_number(member, entry[member])}")
    return ", ".join(told)
