# SPDX-License-Identifier: Apache-2.0
"""`mcla-server records`: records issued anew."""

import click

from app.platform.settings import load_settings


@click.group()
def records() -> None:
    """Issue records anew: one name put right, or many after a key was replaced."""


@records.command()
@click.argument("record_ids", nargs=-1, required=True, metavar="RECORD…")
@click.option("--reason", required=True, help="Why, as it stands on the new record's page.")
@click.option("--name", help="The signer's right name, where the provider's was wrong; for one record.")
def reissue(record_ids: tuple[str, ...], reason: str, name: str | None) -> None:
    """Let new records take the place of these, which stay valid and are told to be superseded.

    Prints the new ids. The files are made by the jobs.
    """
    from app.wiring import build_services  # imported late: --help must be quick

    if name and len(record_ids) > 1:
        raise click.UsageError("--name is for one record.")
    if not 1 <= len(reason) <= 500 or not all(map(str.isprintable, (reason, name or ""))):
        raise click.UsageError("--reason takes 1 to 500 printable characters, --name printable ones.")
    service = build_services(load_settings()).records
    for record_id in record_ids:
        click.echo(service.reissue(record_id, reason, name))
