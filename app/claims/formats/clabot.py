# SPDX-License-Identifier: Apache-2.0
"""cla-bot: the `.clabot` file, or the list that one points to: logins, addresses and `@domain`s, kept by hand.

No entry says when anybody signed or what (`contributionVerifier.js`): it says that somebody was let through.
"""

from datetime import datetime
from typing import Any

from app.claims import reading
from app.claims.reading import RowUnfit, read_json, read_rows
from app.claims.unfit import ClaimsFileUnfit
from app.claims.values import Mark, Parsed, Told

ELSEWHERE = ("contributorListGithubUrl", "contributorListUrl", "contributorWebhook")


def read_clabot(data: bytes, _now: datetime) -> Parsed:
    """The entries of the list; raises `ClaimsFileUnfit`, also for a file that only says where the list is."""
    whole = read_json(data)
    left_out: set[str] = set()
    entries = whole
    if isinstance(whole, dict):
        entries = whole.get("contributors")
        if isinstance(entries, str) or any(each in whole for each in ELSEWHERE):
            raise ClaimsFileUnfit(
                "The file holds no list: it says at which address cla-bot asks for it.",
                hint="Fetch the list from there and import that file; nothing is fetched here. A webhook has no list.",
            )
        left_out = whole.keys() - {"contributors"}
    if not isinstance(entries, list):
        raise ClaimsFileUnfit('expected {"contributors": […]} or a list alone, got something else')
    return Parsed(tuple(read_rows(iter(enumerate(entries, 1)), _entry)), tuple(sorted(left_out)))


def _entry(number: int, entry: Any) -> Told:
    if not isinstance(entry, str):
        raise RowUnfit("expected a login, an address or an @domain as text")
    if entry.startswith("@"):
        return Told(number, "domain", "listed", (Mark("domain", reading.domain("the entry", entry)),))
    if "@" in entry:
        mark = Mark("address", reading.address("the entry", entry))
    else:
        mark = Mark("login", reading.login("the entry", entry), "github")
    return Told(number, "person", "listed", (mark,))
