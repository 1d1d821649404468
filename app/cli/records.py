# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records`: records issued, one or many, issued anew, and how many wait."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from app.cli.records_export import export
from app.cli.records_issue import check_reason, issue
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from app.records.standing import Standing


@click.group()
def records() -> None:
    """Issue the records of many signatures, issue records anew, take them along, and see how many wait."""


records.add_command(issue)
records.add_command(export)


@records.command()
@click.argument("record_ids", nargs=-1, required=True, metavar="RECORD…")
@click.option("--reason", required=True, help="Why, as it stands on the new record's page.")
@click.option("--name", help="The signer's right name, where the provider's was wrong; for one record.")
def reissue(record_ids: tuple[str, ...], reason: str, name: str | None) -> None:
    """Let new records take the place of these, which stay valid and are told to be superseded.

    Prints the new ids. The files are made by the jobs.
    """
    if name and len(record_ids) > 1:
        raise click.UsageError("--name is for one record.")
    check_reason(reason)
    if name is not None and not (name.strip() and len(name) <= 500 and name.isprintable()):
        raise click.UsageError("--name takes 1 to 500 printable characters.")
    service = _services().records
    for record_id in record_ids:
        click.echo(service.reissue(record_id, reason, name))


@records.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Print how many records are still to be made or to be put into the log, for how long, and what failed.

    Exit code 1 if any is late or failed, or has been without a timestamp for as long.
    """
    from app.records.standing import standing

    services = _services()
    with services.db.read() as session:
        limit = timedelta(minutes=services.settings.record_age)
        found = standing(session, services.clock.now(), limit)
    for line in [json.dumps(_told(found), indent=2)] if as_json else _lines(found, limit):
        click.echo(line)
    ctx.exit(1 if found.late or found.failed or found.bare_for > limit else 0)


def _lines(found: "Standing", limit: timedelta) -> list[str]:
    minutes = int(found.oldest.total_seconds() // 60)
    many = "1 record is" if found.waiting == 1 else f"{found.waiting:,} records are"
    oldest = f", the oldest for {minutes:,} minutes" if found.waiting else ""
    lines = [f"{many} still to be made or to be put into the log{oldest}"]
    if found.late:
        lines.append(f"{found.late:,} of them wait longer than {int(limit.total_seconds() // 60)} minutes")
    if found.offers:
        lines.append(f"{found.offers:,} wait for the foundation's counter-signature")
    if found.bare:
        since = int(found.bare_for.total_seconds() // 60)
        lines.append(
            f"{found.bare:,} are there and sealed without a timestamp (B-B), the oldest for {since:,} minutes: an "
            "authority was away (log: record.seal_degraded). The jobs try every ten minutes to seal them again."
        )
    lines += [
        f"{each.count:,} of them failed with {each.code}: {each.says}\n  such as {each.example}"
        for each in found.failures
    ]
    if found.late or found.failed:
        lines.append("What to do: run `mcla-server doctor`; then `mcla-server records issue`, which tries them again.")
    return lines


def _told(found: "Standing") -> dict[str, Any]:
    return {
        "waiting": found.waiting,
        "oldest_seconds": int(found.oldest.total_seconds()),
        "late": found.late,
        "waiting_for_counter_signature": found.offers,
        "without_timestamp": found.bare,
        "without_timestamp_seconds": int(found.bare_for.total_seconds()),
        "failed": [
            {"code": each.code, "count": each.count, "says": each.says, "example": each.example}
            for each in found.failures
        ],
    }


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
