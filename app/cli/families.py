# SPDX-License-Identifier: Apache-2.0
"""`mcla-server families`: take in lists of files that model families are known by, list the families, forget one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.platform.settings import load_settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def families() -> None:
    """Know model families by the digests of their files: signs tell of a contribution that has one of them."""


@families.command("import")
@click.argument("file", metavar="FILE", type=FILE)
def take_in(file: Path) -> None:
    """Take in FILE (mcla.families/1). A family that is known already is replaced."""
    for each in _services().families.take_in(file.read_bytes()):
        click.echo(f"{each.name} ({each.licence}): {len(each.files)} file{'' if len(each.files) == 1 else 's'}")


@families.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_known(as_json: bool) -> None:
    """Print the families that are known, and where that was had from."""
    found = _services().families.every()
    if as_json:
        click.echo(json.dumps({"families": [asdict(each) for each in found]}, indent=2))
    else:
        for each in found:
            click.echo(f"{each.name}  {each.licence}  {each.files} files  {each.source}")


@families.command()
@click.argument("name")
def forget(name: str) -> None:
    """Forget a family; what was told with it stays told of the time until now."""
    _services().families.forget(name)
    click.echo(f"{name} is not known any more")


def _services() -> Any:
    from app.wiring import services_of_command

    return services_of_command(load_settings())
