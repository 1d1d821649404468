# SPDX-License-Identifier: Apache-2.0
"""`mcla-server witness`: make a witness, tell it which logs to watch, run it. Nothing here touches a service's data."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.platform.listening import check_address, wait_until_free
from app.witness.home import ALGORITHMS, WitnessHome

HOME = click.argument("home", type=click.Path(file_okay=False, path_type=Path))


def _address(_context: click.Context, _option: click.Parameter, text: str) -> str:
    try:
        return check_address(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def witness() -> None:
    """Witness other people's logs: cosign only heads that extend what was seen before."""


@witness.command()
@HOME
@click.option("--name", required=True, help="The witness's name for ever, such as witness.example.org/w1.")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default=ALGORITHMS[0], show_default=True)
def init(home: Path, name: str, algorithm: str) -> None:
    """Make the folder HOME with a new key; prints the public key that logs and verifiers need."""
    click.echo(WitnessHome(home).create(name, algorithm).vkey.line)


@witness.command()
@HOME
@click.argument("vkey")
def add(home: Path, vkey: str) -> None:
    """Watch one more log: VKEY is the word after `log` in its /.well-known/mcla/policy."""
    click.echo(f"watching {WitnessHome(home).add_log(vkey).name}", err=True)


@witness.command()
@HOME
@click.option("--bind", default="127.0.0.1:8010", show_default=True, callback=_address,
              help="IP address and port to listen on.")  # fmt: skip
def run(home: Path, bind: str) -> None:
    """Serve the witness in HOME until stopped; put it behind a proxy that speaks TLS."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    found = WitnessHome(home)
    name, logs = found.cosigner().name, found.logs()
    host, _, port = bind.rpartition(":")
    wait_until_free("--bind", bind)
    click.echo(f"Witness {name} at http://{bind}, watching {', '.join(logs) or 'no log yet'}", err=True)
    server = Granian(
        "app.witness.web:create_witness",
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(_load, home))


def _load(home: Path, target: str) -> Callable[..., Any]:  # noqa: ARG001  # the server's shape
    from app.witness.web import create_witness

    return create_witness(home)
