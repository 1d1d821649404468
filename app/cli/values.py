# SPDX-License-Identifier: Apache-2.0
"""What several commands of `mcla-server` take: a moment, a day or moment, and an agreement with or without version."""

from datetime import UTC, date, datetime, time

import click

from app.platform.clock import SystemClock


class Moment(click.ParamType[datetime]):
    """A time with its zone, or `now`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if value == "now":
            return SystemClock().now()
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(f"expected a time with its zone, such as 2026-11-25T09:00:00Z, or now; got {value!r}", param, ctx)
        return moment


class Day(Moment):
    """A day, which is its beginning in UTC, or as `Moment`."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return datetime.combine(date.fromisoformat(str(value)), time(), UTC)
        except ValueError:
            return super().convert(value, param, ctx)


class AgreementName(click.ParamType[tuple[str, str | None]]):
    """`SLUG`, or `SLUG@VERSION`; given on as both, the version None for every one."""

    name = "slug[@version]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str | None]:
        if isinstance(value, tuple):
            return value
        slug, at, version = str(value).partition("@")
        if not slug or (at and not version):
            self.fail(f"expected SLUG or SLUG@VERSION, such as mcla-individual@1.0.0; got {value!r}", param, ctx)
        return slug, version or None
