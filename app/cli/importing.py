# SPDX-License-Identifier: Apache-2.0
"""`mcla-server import`: takes in what another system recorded, as claims that cover nobody."""

import json
import os
import sys
from pathlib import Path
from typing import Any, get_args

import click

from app.claims.reading import MAX_BYTES
from app.claims.values import EVIDENCE, SYSTEMS, Outcome, Report, Row, System
from app.cli.progress import progress
from app.platform.settings import load_settings

OUTCOMES: dict[Outcome, str] = {
    "imported": "imported",
    "updated": "ended there",
    "already": "already there",
    "refused": "refused",
}


@click.command("import")
@click.argument("system", type=click.Choice(get_args(System)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--project", metavar="P", required=True, help="The project's slug.")
@click.option(
    "--agreement",
    "agreements",
    metavar="SLUG",
    multiple=True,
    help="What is signed here instead; without it, every agreement for persons of the project's foundation.",
)
@click.option("--provider", metavar="NAME", help="Where the accounts are; without it, the one provider of kind github.")
@click.option("--dry-run", is_flag=True, help="Print the same report and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every row.")
@click.pass_context
def import_claims(
    ctx: click.Context,
    system: System,
    file: Path,
    project: str,
    agreements: tuple[str, ...],
    provider: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in another system's signatures as claims: kept with their origin, and covering nobody.

    \b
    cla-assistant  CSV of its page, or of its database with
                   --fields user,userId,owner,repo,gist_url,gist_version,created_at,revoked_at,origin
    cla-lite       signatures/version1/cla.json
    clabot         .clabot, or the list that it points to
    easycla        CSV of individuals, of employees, or of companies

    Exit code 0 if every row is taken or was there, 1 if any is refused; the others are taken all the same.
    """
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    with progress("Importing", "rows") as tick:
        report = _services().claims.import_file(
            project, system, data, _who(), provider=provider, agreements=agreements, dry_run=dry_run, tick=tick
        )
    for line in [json.dumps(_told(report), indent=2)] if as_json else _lines(report):
        click.echo(line)
    if dry_run:
        click.echo("A dry run: nothing was written.", err=True)
    ctx.exit(1 if report.counts["refused"] else 0)


def _lines(report: Report) -> list[str]:
    counts, all_of_it = report.counts, len(report.rows)
    rows = "1 row" if all_of_it == 1 else f"{all_of_it:,} rows"
    told = [f"{counts[outcome]:,} {words}" for outcome, words in OUTCOMES.items()]
    lines = [
        f"{SYSTEMS[report.system]}, {rows}, for {report.project}, accounts at {report.provider}",
        f"File sha256:{report.file_sha256}",
        ", ".join(told),
    ]
    taken = [each.evidence for each in report.rows if each.outcome == "imported"]
    lines += [f"  {taken.count(level):>7,}  {level}" for level in EVIDENCE if level in taken]
    if report.left_out:
        lines.append(f"Nothing is kept of: {', '.join(map(ascii, report.left_out))}")
    lines += [f"Row {each.number:,} refused: {each.reason}" for each in report.rows if each.outcome == "refused"]
    return lines


def _told(report: Report) -> dict[str, Any]:
    return {
        "project": report.project,
        "system": report.system,
        "provider": report.provider,
        "file_sha256": report.file_sha256,
        "agreements": list(report.agreements),
        "counts": report.counts,
        "left_out": list(report.left_out),
        "rows": [_row(each) for each in report.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {"row": row.number, "outcome": row.outcome, "evidence": row.evidence, "reason": row.reason}


def _who() -> str:
    """Who imports: the operator's account on this machine."""
    return f"terminal, user {os.getuid()}" if sys.platform != "win32" else "terminal"


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
