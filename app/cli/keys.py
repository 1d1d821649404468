# SPDX-License-Identifier: Apache-2.0
"""`mcla-server keys`: which keys there are, and replacing one while the service runs."""

import json
from datetime import datetime

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from app.cli.values import Moment
from app.platform import logs
from app.platform.clock import SystemClock
from app.platform.keys.errors import RotationRefused
from app.platform.keys.homes import scheme
from app.platform.keys.ids import identifier
from app.platform.keys.load import FOLDER
from app.platform.keys.ring import read_ring
from app.platform.keys.rotate import prepare, rotate
from app.platform.keys.values import KINDS, Generation, Kind, algorithm_of
from app.platform.settings import Settings, load_settings
from mcla.log.vkey import VerifierKey

KIND = click.argument("kind", type=click.Choice(KINDS))


@click.group()
def keys() -> None:
    """List the signing keys, prepare the next one, or put it in the place of the old."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(as_json: bool) -> None:
    """Print every key with its home, its id and from when to when it counts. No key is used or shown."""
    settings = load_settings()
    found = read_ring(settings.home / FOLDER)
    if as_json:
        click.echo(json.dumps({"keys": [_told(settings, one) for one in found]}, indent=2))
        return
    for one in sorted(found, key=lambda one: (KINDS.index(one.kind), one.number)):
        end = f"{one.end:%Y-%m-%d %H:%M}" if one.end else "-"
        click.echo(
            f"{one.kind:<9} {one.state:<9} {scheme(one.place):<7} {identifier(one, settings.host)}  "
            f"{one.start:%Y-%m-%d %H:%M} to {end}"
        )


@keys.command("prepare")
@KIND
def prepare_key(kind: Kind) -> None:
    """Make the next key and publish it in the trust file; it signs after `keys rotate`."""
    settings = load_settings()
    logs.install()
    made = prepare(settings, kind, SystemClock().now())
    click.echo(f"{kind} {identifier(made, settings.host)} is published; it signs after: mcla-server keys rotate {kind}")


@keys.command("rotate")
@KIND
@click.option("--until", type=Moment(), help="When the old key stops to count: a time with its zone, or now.")
@click.option("--fresh", is_flag=True, help="Leave a prepared key aside and make another.")
@click.option("--stolen", is_flag=True, help="Let --until be now or past, at the cost of who is signing.")
def rotate_key(kind: Kind, until: datetime | None, fresh: bool, stolen: bool) -> None:
    """Let the next key of KIND sign from now on; running processes take it up by themselves.

    The old key counts for 15 minutes more, for signatures that are under way, or for longer as --until says. With
    --stolen that may be a time in the past: who is signing with the old key is told to sign again. What was signed
    before the end stays valid. Back up the keys folder afterwards.
    """
    if kind == "feed":
        raise RotationRefused("the feed's key hands over in a statement of its own", hint="mcla-server feed rotate")
    settings = load_settings()
    logs.install()
    done = rotate(settings, kind, SystemClock().now(), until, fresh=fresh, stolen=stolen)
    old, new = identifier(done.old, settings.host), identifier(done.new, settings.host)
    click.echo(f"{kind} {old} counts until {done.old.end:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(f"{kind} {new} signs from now on")
    if scheme(done.old.place) != "file":
        click.echo(f"Destroy the old key yourself when you are sure: {done.old.place}", err=True)


def _told(settings: Settings, one: Generation) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": one.kind,
        "number": one.number,
        "state": one.state,
        "algorithm": algorithm_of(one.public_key),
        "home": scheme(one.place),
        "place": one.place,
        "id": identifier(one, settings.host),
        "from": one.start.isoformat(),
        "signs_from": one.signs_from.isoformat() if one.signs_from else None,
        "to": one.end.isoformat() if one.end else None,
    }
    if one.kind == "log" and isinstance(one.public_key, Ed25519PublicKey):
        told["verifier_key"] = VerifierKey.of_log(settings.host, one.public_key).line
    if isinstance(one.public_key, MLDSA44PublicKey):
        told["verifier_key"] = VerifierKey.of_log_mldsa(settings.host, one.public_key).line
    return told
