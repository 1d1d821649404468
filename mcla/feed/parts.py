# SPDX-License-Identifier: Apache-2.0
"""Shapes of single values in a feed (digests, serials, times), and how a whole one is read by its shape."""

from datetime import datetime
from typing import Annotated, TypeVar

from mcla.feed.errors import FeedInvalid, FeedMemberUnknown
from mcla.statements.canonical import MAX_INT
from mcla.statements.parts import StatementInvalid, parse_time
from mcla.terms.strict import Between, Pattern, Unreadable, read_value

T = TypeVar("T")

Hex = Annotated[str, Pattern(r"[0-9a-f]{64}", "64 hexadecimal digits in lower case")]
Base64 = Annotated[str, Pattern(r"[A-Za-z0-9+/]{1,400}={0,2}", "base64")]
Count = Annotated[int, Between(1, MAX_INT)]
Moment = Annotated[str, Pattern(r"[0-9-]{10}T[0-9:]{8}Z", "a time like 2026-08-02T00:00:00Z")]


def moment_of(text: str) -> datetime:
    """The time in UTC; raises `FeedInvalid` for one that no calendar has."""
    try:
        return parse_time(text)
    except StatementInvalid as error:
        raise FeedInvalid(error.message) from None


def shaped(shape: type[T], value: object) -> T:
    """The value in its shape, with every fault in the error; raises `FeedInvalid` or `FeedMemberUnknown`."""
    try:
        return read_value(shape, value)
    except Unreadable as error:
        kind = FeedMemberUnknown if any(each.unknown for each in error.faults) else FeedInvalid
        raise kind(str(error)[:2000]) from None
