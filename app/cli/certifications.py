# SPDX-License-Identifier: Apache-2.0
"""`mcla-server certifications`: attach what an issuer whose key is pinned vouches for, list it, take it off."""

import json
from pathlib import Path
from typing import Any

import click

from app.platform.settings import load_settings
from mcla.exports.certification import told

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def certifications() -> None:
    """Attach certifications of licences and artifacts: signed statements by issuers that MCLA_CERTIFIERS names."""


@certifications.command()
@click.argument("file", metavar="FILE", type=FILE)
def attach(file: Path) -> None:
    """Attach FILE (mcla.certification/1), if it holds."""
    made = _services().certifications.attach(file.read_bytes())
    about = made.about.licence or f"sha256:{made.about.artifact_sha256}"
    click.echo(f"{about} is certified by {made.issuer} until {made.expires:%Y-%m-%d}")
    click.echo(f"sha256:{made.digest}")


@certifications.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_attached(as_json: bool) -> None:
    """Print what is attached and whether it holds; exit code 1 if one does not."""
    found = _services().certifications.every()
    if as_json:
        rows = [told(each.certification, each.standing) for each in found]
        click.echo(json.dumps({"certifications": rows}, indent=2))
    else:
        for each in found:
            one = each.certification
            about = one.about.licence or f"sha256:{one.about.artifact_sha256}"
            click.echo(f"{each.standing:<13} until {one.expires:%Y-%m-%d}  sha256:{one.digest}  {about}")
    if any(each.standing != "holds" for each in found):
        raise click.exceptions.Exit(1)


@certifications.command()
@click.argument("digest", metavar="sha256:HEX")
def detach(digest: str) -> None:
    """Take a certification off; it is shown nowhere any more."""
    _services().certifications.detach(digest.removeprefix("sha256:"))
    click.echo(f"{digest} is not attached any more")


def _services() -> Any:
    from app.wiring import services_of_command

    return services_of_command(load_settings())
