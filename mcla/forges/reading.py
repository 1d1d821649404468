# SPDX-License-Identifier: Apache-2.0
"""Takes what is needed out of a forge's JSON; whatever has another shape is refused, nothing is repaired."""

import re
from typing import Any

from mcla.checks.change import Account
from mcla.forges.errors import ForgeAnswerInvalid
from mcla.forges.told import Seen

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_NOTHING = re.compile(r"0{40}(0{24})?")
MAX_LOGIN = 255


def member(value: object, *names: str) -> Any:
    """The member at that path of objects; None where any of them is missing or no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value: object, what: str) -> list[Any]:
    """A list; `what` names it in the error."""
    if not isinstance(value, list):
        raise ForgeAnswerInvalid(f"The forge sent {what} as something else than a list.")
    return value


def commit_id(value: object, what: str) -> str:
    """A full commit id that stands for a commit (40 or 64 lower-case hex)."""
    if not isinstance(value, str) or not _COMMIT.fullmatch(value) or _NOTHING.fullmatch(value):
        raise ForgeAnswerInvalid(f"The forge sent {what} without a full commit id.")
    return value


def commit_or_none(value: object) -> str | None:
    """A commit id, or None for the zeros that stand for no commit."""
    return None if not isinstance(value, str) or _NOTHING.fullmatch(value) else commit_id(value, "a commit")


def number_text(value: object) -> str | None:
    """The decimal text of an account's number; None where there is none (a forge's helpers have negative ones)."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        return None
    return str(value)


def seen(provider: str, user: object, web: str | None = None) -> Seen | None:
    """The account in GitHub's and Gitea's form {"id", "login", "type"?}; `web` is the id of the web pages' own."""
    subject = number_text(member(user, "id"))
    if subject is None:
        return None
    return Seen(
        Account(provider, subject, login_of(member(user, "login"))),
        bot=member(user, "type") == "Bot",
        web=subject == web,
    )


def login_of(value: object) -> str | None:
    """A login as a label; None where it is none."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_LOGIN else None
