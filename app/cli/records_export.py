# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records export`: a foundation's records with their index, as a folder or a ZIP."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from app.cli.progress import progress
from app.cli.records_issue import LINES_EVERY
from app.cli.values import AgreementName, Day
from app.platform.processes import Died, asked_to_stop, each
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from app.records.choosing import Choice
    from app.records.listing import Listed
    from app.records.taking import FoundationRecords, Taken
    from app.wiring import Services

Start = Callable[[], Callable[["Listed"], "Taken"]]


@dataclass
class Export:
    """One export: what makes each file, how many at once, and what has come of it so far."""

    records: "FoundationRecords"
    choice: "Choice"
    start: Start
    processes: int
    stopped: Callable[[], bool]
    tick: Callable[[int, int], None]
    total: int = 0
    done: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    in_full: Counter[str] = field(default_factory=Counter)
    """Why copies were laid out one by one instead of filled into a template."""

    def taken(self) -> "Iterator[Taken]":
        """Every record with its file, as they come."""
        from app.records.taking import Taken

        self.total = self.records.count(self.choice)
        wanted = self.records.everything(self.choice)
        for listed, found in each(self.start, wanted, min(self.processes, max(self.total, 1)), self.stopped):
            taken = Taken(listed, failed="process-died") if isinstance(found, Died) else found
            self.done += 1
            self.missing.update([taken.failed] if taken.failed else [])
            self.in_full.update([taken.in_full] if taken.in_full else [])
            yield taken
            self.tick(self.done, max(self.total, self.done))

    @property
    def whole(self) -> bool:
        """Whether it was not stopped, by Ctrl-C or because every process died."""
        return not self.stopped() and self.done >= self.total


@click.command()
@click.option(
    "--agreement", required=True, type=AgreementName(), metavar="SLUG[@VERSION]", help="What was signed; any version."
)
@click.option("--since", required=True, type=Day(), metavar="DATE", help="Signed from this day (UTC) or time on.")
@click.option("--until", type=Day(), metavar="DATE", help="Signed before this day or time.")
@click.option(
    "--private", "original", is_flag=True, help="The sealed records themselves: also from where people signed."
)
@click.option("--with-hidden", is_flag=True, help="Also of contributions under embargo or marked as helping harm.")
@click.option(
    "--processes", type=click.IntRange(1, 64), metavar="N", help="At once; as many as this process has cores."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR|FILE.zip")
@click.pass_context
def export(
    ctx: click.Context,
    agreement: tuple[str, str | None],
    since: datetime,
    until: datetime | None,
    original: bool,
    with_hidden: bool,
    processes: int | None,
    as_json: bool,
    target: Path,
) -> None:
    """Write the foundation's copies of its records, by month, and index.csv.

    A folder is gone on with: files that are there are not made again. Exit code 0 when every record has its file, 1
    when any has none, which the index names with the reason, 3 when it was stopped before the end.
    """
    from app.records.choosing import Choice

    services = _services()
    services.agreements.version(*agreement)  # says so if there is none
    now = services.clock.now()
    choice = Choice(*agreement, since, until, open_at=None if with_hidden else now)
    records = services.foundation_records
    to_zip = target.suffix.lower() == ".zip"
    _check(target, to_zip, records.count(choice))
    start: Start = partial(worker, original, None if to_zip else target)
    with asked_to_stop() as stopped, progress("Exporting", "records", LINES_EVERY) as tick:
        run = Export(records, choice, start, processes or len(os.sched_getaffinity(0)), stopped, tick)
        (_write_zip if to_zip else _write_folder)(run, target, now)
    for line in [json.dumps(_told(run, target), indent=2)] if as_json else _lines(run, target):
        click.echo(line)
    ctx.exit(1 if run.missing.total() else 0 if run.whole else 3)


def worker(original: bool, folder: Path | None) -> "Callable[[Listed], Taken]":
    """What makes a record's file, in a folder or at hand, with services and templates of this process's own."""
    from app.records.filling import FillingRenderer

    filling = FillingRenderer()
    records = _services().foundation_records.with_renderer(filling)
    make = partial(records.put, folder=folder) if folder else records.take

    def do(listed: "Listed") -> "Taken":
        return replace(make(listed, original=original), in_full=filling.take_reason())

    return do


def _check(target: Path, to_zip: bool, total: int) -> None:
    from app.records.archive import MOST

    if to_zip and target.exists():
        raise click.UsageError(f"{target} is there already: name another file, or move it away.")
    if to_zip and total >= MOST:
        raise click.UsageError(
            f"{total:,} records are too many for a ZIP ({MOST - 1:,}): name a folder, or fewer days."
        )
    if not to_zip and target.exists() and not target.is_dir():
        raise click.UsageError(f"{target} is neither a folder nor a name that ends in .zip.")


def _write_zip(run: Export, target: Path, now: datetime) -> None:
    from app.records.taking import as_zip

    part = target.with_name(f"{target.name}.part")
    with _private(part) as file:
        for piece in as_zip(run.taken(), now):
            file.write(piece)
    if run.whole:
        part.replace(target)
    else:
        part.unlink()


def _write_folder(run: Export, target: Path, _now: datetime) -> None:
    from app.records import index
    from app.records.taking import INDEX

    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target / f"{INDEX}.part"
    with _private(part) as lines:
        lines.write(index.head())
        for taken in run.taken():
            lines.write(taken.line)
    if run.whole:
        part.replace(target / INDEX)


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else may read: it holds names."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _lines(run: Export, target: Path) -> Iterator[str]:
    lost = run.missing.total()
    yield f"{run.done - lost:,} records in {target}, with {'their' if run.done != 1 else 'its'} index."
    for code, count in run.missing.most_common():
        yield f"{count:,} have no file ({code}): see the index, and `mcla-server records status`."
    for why, count in run.in_full.most_common():
        yield f"{count:,} were laid out one by one: {why}."
    if not run.whole:
        yield "Stopped before the end. Run the same command again" + (
            ": a folder is gone on with." if target.is_dir() else "."
        )


def _told(run: Export, target: Path) -> dict[str, object]:
    return {
        "target": str(target),
        "total": run.total,
        "written": run.done - run.missing.total(),
        "missing": dict(run.missing),
        "laid_out_in_full": dict(run.in_full),
        "whole": run.whole,
    }


def _services() -> "Services":
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
