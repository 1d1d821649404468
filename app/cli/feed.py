# SPDX-License-Identifier: Apache-2.0
"""`mcla-server feed`: sign the next compliance feed, see what is published, and hand over to another key."""

import json
from pathlib import Path
from typing import Any

import click

from app.platform import logs
from app.platform.settings import load_settings
from mcla.feed.document import Feed, read_feed

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def feed() -> None:
    """Publish the compliance feed: prohibited and regulated uses, signed, each feed bound to the one before."""


@feed.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--issuer", metavar="NAME", required=True, help="Who answers for the entries, as people read it.")
@click.option("--days", type=int, default=60, show_default=True, help="How long it counts: publish again before.")
def publish(file: Path, issuer: str, days: int) -> None:
    """Sign the entries in FILE (mcla.feed-entries/1) as the next feed; `feed starter` prints a first FILE."""
    _told(_services().feed.publish(file.read_bytes(), issuer, days))


@feed.command()
@click.option("--issuer", metavar="NAME", required=True, help="Who has read the entries and answers for them.")
@click.option("--days", type=int, default=60, show_default=True, help="How long it counts: renew or publish before.")
def renew(issuer: str, days: int) -> None:
    """Sign the newest feed's entries again, under the address of today, after somebody looked whether they hold."""
    _told(_services().feed.renew(issuer, days))


@feed.command()
def starter() -> None:
    """Print the entries that come with the software, to read, check and change before they are published."""
    from mcla.feed.starter import starter_entries

    click.echo(starter_entries().decode(), nl=False)


@feed.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Print the newest feed's serial, digest and end, and the key that signs the next one."""
    services = _services()
    newest, key = read_feed(services.feed.current()), services.feed.key
    if as_json:
        told: dict[str, Any] = {"serial": newest.serial, "digest": newest.digest, "expires": newest.expires.isoformat()}
        click.echo(json.dumps(told | {"key": {"id": key.id, "public_key": key.base64}}, indent=2))
        return
    click.echo(f"serial {newest.serial} sha256:{newest.digest} counts until {newest.expires:%Y-%m-%d %H:%M} UTC")
    click.echo(f"key {key.id} {key.base64}")


@feed.command()
def rotate() -> None:
    """Let the feed's next key sign from the next feed on; the old key says so in a statement that all feeds carry."""
    logs.install()
    services = _services()
    services.feed.rotate()
    click.echo(f"key {services.feed.key.id} signs the next feed; publish one, so that followers learn of it")


def _told(made: Feed) -> None:
    click.echo(f"serial {made.serial} with {len(made.entries)} entries counts until {made.expires:%Y-%m-%d %H:%M} UTC")
    click.echo(f"sha256:{made.digest}")


def _services() -> Any:
    from app.wiring import services_of_command

    return services_of_command(load_settings())
