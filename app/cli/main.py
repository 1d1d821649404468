# SPDX-License-Identifier: Apache-2.0
"""The `mcla-server` command: setting up, running and looking after a service."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

import click

from app.cli.progress import progress
from app.platform.clock import SystemClock
from app.platform.listening import wait_until_free
from app.platform.settings import PREFIX, Settings, load_settings
from mcla import __version__
from mcla.errors import MclaError

ROOT = Path(__file__).resolve().parents[2]
F = TypeVar("F", bound=Callable[..., Any])
CONNECTIONS = 512
"""Open at once in one process; well below the 1,024 files that a process may usually open."""
LATE = {
    "agreements": "app.cli.agreements:agreements",
    "certifications": "app.cli.certifications:certifications",
    "exempt": "app.cli.checks:exempt",
    "families": "app.cli.families:families",
    "feed": "app.cli.feed:feed",
    "grants": "app.cli.grants:grants",
    "import": "app.cli.importing:import_claims",
    "keys": "app.cli.keys:keys",
    "mail": "app.cli.mail:mail",
    "records": "app.cli.records:records",
    "policy": "app.cli.checks:policy",
    "staff": "app.cli.staff:staff",
    "tiers": "app.cli.tiers:tiers",
    "token": "app.cli.tokens:token",
    "webhook": "app.cli.webhooks:webhook",
    "withdrawals": "app.cli.withdrawals:withdrawals",
    "witness": "app.witness.cli:witness",
}
"""Commands of other modules, which are imported when one is asked for: every start pays for what it loads."""


class ServerGroup(click.Group):
    """Prints an `MclaError` as what failed and what to do, and ends with exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *LATE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LATE:
            return super().get_command(ctx, cmd_name)
        command: click.Command = resolve_name(LATE[cmd_name])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MclaError as error:
            click.echo(f"Error: {error.message}", err=True)
            if error.hint:
                click.echo(f"What to do: {error.hint}", err=True)
            click.echo(f"Code: {error.code}", err=True)
            ctx.exit(1)


@click.group(cls=ServerGroup)
@click.version_option(__version__)
def main() -> None:
    """Run an MCLA service. Settings come from MCLA_* variables; `mcla-server config` explains each."""


def with_settings(command: F) -> F:
    """Give a command the settings as its first argument."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        return command(load_settings(), *args, **options)

    return wrapped  # type: ignore[return-value]


@main.command()
@with_settings
@click.option("--foundation", metavar="SLUG", help="Create a foundation with this slug.")
@click.option("--foundation-name", metavar="NAME", default="", help="Its name, as people read it.")
@click.option("--contact", metavar="ADDRESS", default="", help="Whom contributors ask.")
@click.option("--project", metavar="SLUG", help="Create a project of that foundation.")
@click.option("--project-name", metavar="NAME", default="", help="Its name, as people read it.")
def init(
    settings: Settings,
    foundation: str | None,
    foundation_name: str,
    contact: str,
    project: str | None,
    project_name: str,
) -> None:
    """Create the data directory, the keys and the newest database schema; safe to repeat."""
    with progress("Setting up", "steps") as tick:
        services = _set_up(settings, tick)
    if foundation:
        services.projects.ensure_foundation(foundation, foundation_name or foundation, contact)
    if foundation and project:
        services.projects.ensure_project(foundation, project, project_name or project, "")
    click.echo(f"Ready: {settings.home}", err=True)


def _set_up(settings: Settings, tick: Callable[[int, int], None]) -> Any:
    from app.platform.db import Database
    from app.platform.keys import create_keys
    from app.platform.migrate import upgrade

    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_keys(settings.home, settings.host, SystemClock().now(), settings.keys, settings.token)
    tick(1, 4)
    db = Database(settings.database)
    upgrade(db)
    db.dispose()
    tick(2, 4)
    services = _services(settings)
    services.log.recover()
    tick(3, 4)
    if settings.demo:
        from app.demo.seed import seed, seed_tiers

        seed(services.projects, services.agreements)
        seed_tiers(services.projects, services.tiers)
    tick(4, 4)
    return services


@main.command()
@with_settings
def run(settings: Settings) -> None:
    """Serve on MCLA_BIND until stopped; with MCLA_DEMO also the demo identity provider."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    host, _, port = settings.bind.rpartition(":")
    # The server would share the address with another one: half of the requests would go to each.
    wait_until_free("MCLA_BIND", settings.bind)
    provider = _start_demo_provider(settings) if settings.demo else None
    click.echo(f"MCLA at {settings.origin}" + (" (demo: nothing here is binding)" if settings.demo else ""), err=True)
    server = Granian(
        "rsgi:front",
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.RSGI,
        workers=settings.workers,
        # A connection is one request at a time, and a head has as long as a body (app.platform.arrivals).
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        backpressure=CONNECTIONS,
        workers_kill_timeout=10,
        working_dir=ROOT,
        log_level=LogLevels.error,
    )
    try:
        server.serve()
    finally:
        if provider is not None:
            provider.terminate()
            provider.wait(10)


def _start_demo_provider(settings: Settings) -> subprocess.Popen[bytes]:
    """The demo provider as a child that ends when this process does, however that ends."""
    wait_until_free("MCLA_DEMO_BIND", settings.demo_bind)
    return subprocess.Popen([sys.executable, "-m", "app.cli", "demo-provider", "--child"], stdin=subprocess.PIPE)


@main.command("demo-provider", hidden=True)
@with_settings
@click.option("--child", is_flag=True, help="End when the standard input ends.")
def demo_provider(settings: Settings, child: bool) -> None:
    """Serve the demo identity provider alone; refused without MCLA_DEMO or beyond loopback."""
    from app.demo.provider import serve_demo

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if child:
        threading.Thread(target=_when_input_ends, args=(stopped,), daemon=True).start()
    server = serve_demo(settings)
    stopped.wait()
    server.stop()


def _when_input_ends(stopped: threading.Event) -> None:
    # Not through sys.stdin: its lock, held here when a signal ends the process, makes Python abort.
    while os.read(0, 4096):
        pass
    stopped.set()


@main.command()
@with_settings
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def config(settings: Settings, as_json: bool) -> None:
    """Print every setting with its meaning and value; secrets are masked."""
    values = settings.model_dump(mode="json")
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    for name, field in Settings.model_fields.items():
        meaning = " ".join((field.description or "").split())
        click.echo(f"# {meaning}\n{PREFIX}{name.upper()}={json.dumps(values[name])}\n")


@main.command()
@with_settings
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, settings: Settings, as_json: bool) -> None:
    """Check the set-up, one line a finding with the command that fixes it; exit code 1 on a fault."""
    from app.cli.doctor import examine

    findings = examine(settings)
    if as_json:
        click.echo(json.dumps({"findings": [finding.to_dict() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(finding.line())
    ctx.exit(1 if any(finding.state == "fault" for finding in findings) else 0)


@main.group("log")
def log_group() -> None:
    """Look after the transparency log."""


@log_group.command()
@with_settings
def audit(settings: Settings) -> None:
    """Derive every tile and the signed head again from all entries; exit code 1 names the first fault. Run it nightly.

    Stored tiles that are missing are written again. The service may go on meanwhile.
    """
    service = _services(settings).log
    with progress("Auditing the log", "entries") as tick:
        size = service.audit(tick)
    click.echo(f"{size} entries, every tile and the signed head agree")


@main.group()
def jobs() -> None:
    """Background work."""


@jobs.command("run")
@with_settings
@click.option("--once", is_flag=True, help="Run what is due, then stop.")
def jobs_run(settings: Settings, once: bool) -> None:
    """Run background jobs until stopped."""
    from app.wiring import build_services

    services = build_services(settings)
    worker = services.worker
    if once:
        click.echo(f"{worker.run_due()} jobs run", err=True)
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    services.records.maker.probe_at_start()
    worker.run_forever()


def _services(settings: Settings) -> Any:
    from app.wiring import services_of_command  # imported late: --help and config must be quick

    return services_of_command(settings)
