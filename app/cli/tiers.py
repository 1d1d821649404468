# SPDX-License-Identifier: Apache-2.0
"""`mcla-server tiers`: publish a project's or foundation's outbound terms, and see what is published."""

import json
from pathlib import Path
from typing import Any

import click

from app.platform.settings import load_settings
from app.tokens.values import TERMINAL

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def tiers() -> None:
    """Outbound terms in tiers: who may do what with a project's models."""


@tiers.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--project", metavar="SLUG", help="The project whose terms they are.")
@click.option("--foundation", metavar="SLUG", help="The foundation, for its projects that have none of their own.")
def publish(file: Path, project: str | None, foundation: str | None) -> None:
    """Publish FILE (mcla.tiers/1, TOML) as the next version: signed, in the log, and never changed."""
    services = _services()
    if (project is None) == (foundation is None):
        raise click.UsageError("Name either --project or --foundation.")
    made = services.tiers.publish(_owner(services, project, foundation), file.read_bytes(), TERMINAL)
    click.echo(
        f"{made.slug} {made.version} for {made.owner.name}, in force from {made.effective}, log {made.log_index}"
    )
    click.echo(f"sha256:{made.terms.digest}")


@tiers.command()
def example() -> None:
    """Print terms to begin with, to change and publish."""
    from mcla.tiers.example import example as text

    click.echo(text().decode(), nl=False)


@tiers.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_tiers(as_json: bool) -> None:
    """Print every published version."""
    from app.tiers.schemas import line_of

    services = _services()
    lines = [line_of(each, services.settings.origin) for each in services.tiers.everything()]
    if as_json:
        click.echo(json.dumps({"tiers": lines}, indent=2))
        return
    for each in lines:
        of = each["project"] or each["foundation"]
        click.echo(f"{each['id']} {each['version']}  {of}  from {each['effective']}  sha256:{each['digest']}")


def _owner(services: Any, project: str | None, foundation: str | None) -> Any:
    from app.tiers.values import Owner

    if project is None:
        return Owner(services.projects.foundation(foundation))
    found = services.projects.project(project)
    return Owner(found.foundation, found)


def _services() -> Any:
    from app.wiring import services_of_command

    return services_of_command(load_settings())
