# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records issue`: the records of many signatures, in several processes, gone on with after any end."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.progress import progress
from app.cli.values import AgreementName, Day
from app.platform.processes import Died, asked_to_stop, each
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from app.records.bulk import Anew, BulkIssue, Outcome, Task
    from app.records.choosing import Choice
    from app.wiring import Services

SHOWN = 20
"""Failures that are printed one by one; all of them stand beside their records."""
IN_A_ROW = 20
"""Failures without one success between them, after which the fault is no longer that of a record."""
LINES_EVERY = 10.0


@dataclass
class Tally:
    """What has become of the tasks so far; no more is kept than is printed."""

    total: int
    issued: int = 0
    there: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    hints: dict[str, str] = field(default_factory=dict)
    first: list[tuple[str, str]] = field(default_factory=list)
    in_a_row: int = 0
    in_full: Counter[str] = field(default_factory=Counter)
    """Why records were laid out one by one instead of filled into a template."""

    def add(self, task: "Task", outcome: "Outcome | Died") -> None:
        if isinstance(outcome, Died):
            self._fail(task.record_id, "process-died", f"its process ended with {outcome.code}", LESS_AT_ONCE)
        elif outcome.state == "failed":
            self._fail(task.record_id, outcome.fault, outcome.says, outcome.hint)
        else:
            self.in_full.update([outcome.in_full] if outcome.in_full else [])
            self.issued += outcome.state == "issued"
            self.there += outcome.state == "there"
            self.in_a_row = 0

    def _fail(self, record_id: str, code: str, says: str, hint: str) -> None:
        self.failed[code] += 1
        self.in_a_row += 1
        self.hints.setdefault(code, hint)
        if len(self.first) < SHOWN:
            self.first.append((record_id, f"{code}: {says}"))

    @property
    def done(self) -> int:
        return self.issued + self.there + self.failed.total()

    @property
    def hopeless(self) -> bool:
        return self.in_a_row >= IN_A_ROW


LESS_AT_ONCE = "If the machine ran out of memory, run it again with fewer --processes."


@click.command()
@click.option(
    "--agreement", required=True, type=AgreementName(), metavar="SLUG[@VERSION]", help="What was signed; any version."
)
@click.option("--since", required=True, type=Day(), metavar="DATE", help="Signed from this day (UTC) or time on.")
@click.option("--until", type=Day(), metavar="DATE", help="Signed before this day or time.")
@click.option(
    "--processes", type=click.IntRange(1, 64), metavar="N", help="At once; as many as this process has cores."
)
@click.option("--reissue", "reason", metavar="REASON", help="Issue sealed ones anew too; the new pages say why.")
@click.option(
    "--sealed-before",
    type=Day(),
    metavar="DATE",
    help="With --reissue: what was sealed before; when not given, by an earlier key.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def issue(
    ctx: click.Context,
    agreement: tuple[str, str | None],
    since: datetime,
    until: datetime | None,
    processes: int | None,
    reason: str | None,
    sealed_before: datetime | None,
    as_json: bool,
) -> None:
    """Make every record that is still to be made, and with --reissue new ones in the place of old ones.

    It goes on where another run, or the service's own jobs, came to: run it again after any end. Exit code 0 when
    all of them are there, 1 if any failed, 3 if it was stopped before the end.
    """
    from sqlalchemy.exc import OperationalError

    services = _services()
    try:
        services.agreements.version(*agreement)  # says so if there is none
        choice, anew = _choice(agreement, since, until), _anew(services, reason, sealed_before)
        with asked_to_stop() as stopped:
            tally = _issue(services, choice, anew, processes or len(os.sched_getaffinity(0)), stopped)
            ended_early = stopped()
        bulk = _bulk(services)
        left, offers, everything = bulk.amount(choice, anew), bulk.offers(choice), bulk.all_of_them(choice)
    except OperationalError as error:
        click.echo(_of_database(error), err=True)
        ctx.exit(3)
    told = [json.dumps(_told(tally, left, offers), indent=2)] if as_json else _lines(tally, left, offers, everything)
    for line in told:
        click.echo(line)
    ctx.exit(1 if tally.failed else 3 if ended_early and left else 0)


def _of_database(error: Exception) -> str:
    from app.records.errors import DiskFull, told_apart

    found = told_apart(error)
    if isinstance(found, DiskFull):
        return f"Error: {found.message}\nWhat to do: {found.hint}"
    return "Error: the database did not answer.\nWhat to do: run the same command again: it goes on."


def _choice(agreement: tuple[str, str | None], since: datetime, until: datetime | None) -> "Choice":
    from app.records.choosing import Choice

    return Choice(*agreement, since, until)


def _issue(
    services: "Services", choice: "Choice", anew: "Anew | None", processes: int, stopped: Callable[[], bool]
) -> Tally:
    bulk = _bulk(services)
    tally = Tally(bulk.amount(choice, anew))
    processes = min(processes, max(tally.total, 1))
    with progress("Issuing", "records", LINES_EVERY) as tick:
        for task, outcome in each(worker, bulk.tasks(choice, anew), processes, lambda: stopped() or tally.hopeless):
            tally.add(task, outcome)
            tick(tally.done, max(tally.total, tally.done))
    return tally


def worker() -> "Callable[[Task], Outcome]":
    """What does a task, with services and templates of this process's own."""
    from app.records.bulk import BulkIssue
    from app.records.filling import FillingRenderer

    services, filling = _services(), FillingRenderer()
    bulk = BulkIssue(services.db, services.records.with_renderer(filling))

    def do(task: "Task") -> "Outcome":
        return replace(bulk.do(task), in_full=filling.take_reason())

    return do


def _anew(services: "Services", reason: str | None, sealed_before: datetime | None) -> "Anew | None":
    from app.records.bulk import Anew

    if reason is None:
        if sealed_before is not None:
            raise click.UsageError("--sealed-before goes with --reissue.")
        return None
    check_reason(reason)
    if sealed_before is not None and sealed_before > services.clock.now():
        raise click.UsageError("--sealed-before is in the future: what is issued now would be issued anew again.")
    return Anew(reason, sealed_before or _key_since(services))


def check_reason(reason: str) -> None:
    """Raises for a reason that cannot stand on a page."""
    if not 1 <= len(reason) <= 500 or not reason.isprintable():
        raise click.UsageError("A reason is 1 to 500 printable characters.")


def _key_since(services: "Services") -> datetime:
    """Since when the document key seals that does so now."""
    found = (one.signs_from for one in services.keys.generations if (one.kind, one.state) == ("document", "signing"))
    return next(moment for moment in found if moment is not None)


def _lines(tally: Tally, left: int, offers: int, all_of_them: int) -> list[str]:
    if not tally.total:
        lines = [f"Nothing to do: {all_of_them - offers:,} records are there."]
    else:
        lines = [f"{tally.issued:,} issued, {tally.there:,} were there meanwhile, {tally.failed.total():,} failed."]
    if offers:
        lines.append(f"{offers:,} wait for the foundation's counter-signature: see Offers in the console.")
    lines += [f"{number:,} were laid out one by one: {why}." for why, number in tally.in_full.most_common()]
    lines += [f"  {record_id}  {says}" for record_id, says in tally.first]
    lines += [f"  and {more:,} more" for more in [tally.failed.total() - len(tally.first)] if more]
    if tally.hopeless:
        lines.append(f"Stopped: {IN_A_ROW} failed without one success between them.")
    lines += [f"What to do ({code}): {hint}" for code, hint in tally.hints.items() if hint]
    if "disk-full" in tally.failed:
        lines.append(
            "Where there was no room to note this beside a record, `mcla-server records status` counts the record "
            "among those that are still to be made, not among those that failed."
        )
    if left:
        lines.append(f"{left:,} are still to be issued. Run the same command again: it goes on from here.")
    return lines


def _told(tally: Tally, left: int, offers: int) -> dict[str, object]:
    return {
        "issued": tally.issued,
        "there": tally.there,
        "failed": dict(tally.failed),
        "failures": [{"record": record_id, "says": says} for record_id, says in tally.first],
        "laid_out_in_full": dict(tally.in_full),
        "left": left,
        "waiting_for_counter_signature": offers,
    }


def _bulk(services: "Services") -> "BulkIssue":
    from app.records.bulk import BulkIssue

    return BulkIssue(services.db, services.records)


def _services() -> "Services":
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
