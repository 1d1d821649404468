# SPDX-License-Identifier: Apache-2.0
"""`mcla-server mail`: whether mail works, and what was given up."""

import json
from typing import Any

import click

from app.platform.settings import load_settings


@click.group()
def mail() -> None:
    """Try the mail server, list mails that were given up, and try them again or forget them."""


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS now that says that mail works."""
    _service().test(address)
    click.echo("The mail server took it.", err=True)


@mail.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def failed(as_json: bool) -> None:
    """Print what was given up and why, without addresses; exit code 1 if there is any."""
    found = _service().failed()
    if as_json:
        lines = [{"key": each.key, "failure": each.failure, "attempts": each.attempts} for each in found]
        click.echo(json.dumps({"mails": lines}, indent=2))
    else:
        for each in found:
            click.echo(f"{each.queued_at:%Y-%m-%d %H:%M}  {each.attempts:>2} attempts  {each.key}  {each.failure}")
        if not found:
            click.echo("No mail was given up.", err=True)
    click.get_current_context().exit(1 if found else 0)


@mail.command()
def retry() -> None:
    """Try everything again that was given up."""
    click.echo(f"{_service().retry()} mails wait again", err=True)


@mail.command()
def drop() -> None:
    """Forget everything that was given up, addresses included."""
    click.echo(f"{_service().drop()} mails forgotten", err=True)


def _service() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings()).mail
