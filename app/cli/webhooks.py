# SPDX-License-Identifier: Apache-2.0
"""`mcla-server webhook`: where a project is told that a check is answered otherwise, and what could not be sent."""

import json
from typing import Any

import click

from app.platform.settings import load_settings
from app.tokens.values import TERMINAL

PROJECT = click.option("--project", metavar="P", required=True, help="The project's slug.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def webhook() -> None:
    """Tell a project over HTTP that a waiting check is answered otherwise; list and repeat what was given up."""


@webhook.command("set")
@PROJECT
@click.argument("url")
def set_webhook(project: str, url: str) -> None:
    """Send to URL from now on; the secret goes to the standard output, and is shown this once."""
    services = _services()
    secret = services.webhooks.set(services.projects.project(project), url, TERMINAL)
    click.echo("Keep the secret where the receiver finds it; set the webhook again to get another one.", err=True)
    click.echo(secret)


@webhook.command()
@PROJECT
def remove(project: str) -> None:
    """Send nothing any more."""
    services = _services()
    services.webhooks.remove(services.projects.project(project))
    click.echo(f"{project} has no webhook", err=True)


@webhook.command()
@PROJECT
@JSON
def dead(project: str, as_json: bool) -> None:
    """Print the deliveries that were given up and why; exit code 1 if there is any."""
    services = _services()
    found = services.webhooks.dead(services.projects.project(project))
    if as_json:
        click.echo(json.dumps({"deliveries": [_told(each) for each in found]}, indent=2))
    else:
        for each in found:
            of = f"{each.repository}#{each.change} {each.head[:12]}"
            click.echo(f"{each.queued_at:%Y-%m-%d %H:%M}  {each.attempts:>2} attempts  {each.id}  {of}  {each.failure}")
        if not found:
            click.echo("No delivery was given up.", err=True)
    click.get_current_context().exit(1 if found else 0)


@webhook.command()
@PROJECT
@click.argument("delivery_id", metavar="[ID]", required=False)
def replay(project: str, delivery_id: str | None) -> None:
    """Send what was given up again, all or one; receivers tell by the id what they have had."""
    services = _services()
    count = services.webhooks.replay(services.projects.project(project), delivery_id)
    click.echo(f"{count} deliveries wait again", err=True)


def _told(each: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "repository": each.repository,
        "change": each.change,
        "head": each.head,
        "failure": each.failure,
        "attempts": each.attempts,
        "queued_at": f"{each.queued_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
