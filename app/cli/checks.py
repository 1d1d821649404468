# SPDX-License-Identifier: Apache-2.0
"""`mcla-server policy` and `mcla-server exempt`: what a project's checks go by, and which bots need not sign."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.platform.settings import load_settings
from app.tokens.values import TERMINAL
from mcla.checks.people import ByAccount, ByAddress
from mcla.checks.policy import parse_policy

PROJECT = click.option("--project", metavar="P", required=True, help="The project's slug.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """Keep a project's `.mcla.toml` on the service, where it has the last word over the repository's copy."""


@policy.command("set")
@PROJECT
@click.argument("file", metavar="FILE", type=FILE)
def set_policy(project: str, file: Path) -> None:
    """Let FILE be the policy from the next check on; every version is kept."""
    services = _services()
    kept = services.policies.set(services.projects.project(project), _text(file), TERMINAL)
    rules = len(parse_policy(kept.text or "").artifacts)
    told = f"{rules} rule{'' if rules == 1 else 's'}"
    click.echo(f"version {kept.number} for {project}: {told}, sha256:{kept.sha256}", err=True)


@policy.command()
@PROJECT
@JSON
def show(project: str, as_json: bool) -> None:
    """Print the policy that is kept; with --json every version with who set it and when."""
    services = _services()
    history = services.policies.history(services.projects.project(project))
    if as_json:
        told = [
            {"number": each.number, "text": each.text, "set_by": each.set_by, "set_at": each.set_at.isoformat()}
            for each in history
        ]
        click.echo(json.dumps({"policies": told}, indent=2))
    elif history and history[0].text is not None:
        click.echo(history[0].text, nl=False)
    else:
        click.echo("No policy is kept here: the repository's own .mcla.toml counts.", err=True)


@policy.command()
@PROJECT
def remove(project: str) -> None:
    """Go back to the repository's own copy; the versions stay listed."""
    services = _services()
    services.policies.set(services.projects.project(project), None, TERMINAL)
    click.echo(f"the repository's own .mcla.toml counts for {project}", err=True)


@click.group()
def exempt() -> None:
    """Exempt bots and agents from signing: exactly one account or address each, with a reason and an end."""


@exempt.command()
@PROJECT
@click.option("--what", type=click.Choice(["bot", "agent"]), required=True, help="An agent needs a person beside it.")
@click.option("--account", metavar="PROVIDER:NUMBER", help="The account, by its number or opaque id; never a login.")
@click.option("--address", metavar="ADDRESS", help="Or the exact address that its commits name.")
@click.option("--reason", metavar="TEXT", required=True, help="Why; everybody is shown it.")
@click.option("--until", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Within two years.")
def add(project: str, what: str, account: str | None, address: str | None, reason: str, until: datetime) -> None:
    """Exempt one account or one address from now on."""
    services = _services()
    end = until.replace(tzinfo=services.clock.now().tzinfo)
    found = services.exemptions.add(
        services.projects.project(project), what, _whom(account, address), reason, end, TERMINAL
    )
    click.echo(f"{found.id} exempts {told(found.whom)} until {end:%Y-%m-%d}", err=True)


@exempt.command()
@PROJECT
@click.argument("exemption_id", metavar="ID")
def end(project: str, exemption_id: str) -> None:
    """End an exemption now; ID is what `list` shows."""
    services = _services()
    services.exemptions.end(services.projects.project(project), exemption_id, TERMINAL)
    click.echo(f"{exemption_id} is ended", err=True)


@exempt.command("list")
@PROJECT
@JSON
def list_exemptions(project: str, as_json: bool) -> None:
    """Print every exemption there was, with who added and who ended it."""
    services = _services()
    found, now = services.exemptions.all(services.projects.project(project)), services.clock.now()
    if as_json:
        click.echo(json.dumps({"exemptions": [_told(each, now) for each in found]}, indent=2))
        return
    for each in found:
        state = "counts" if each.counts_at(now) else "over"
        click.echo(
            f"{state:<6}  until {each.exemption.until:%Y-%m-%d}  {each.exemption.what:<5}  {each.id}  "
            f"{told(each.whom)}  {each.exemption.reason}"
        )
    if not found:
        click.echo("Nobody is exempt.", err=True)


def told(whom: ByAccount | ByAddress) -> str:
    """An account or address as it is typed."""
    return f"{whom.provider}:{whom.subject}" if isinstance(whom, ByAccount) else whom.email


def _whom(account: str | None, address: str | None) -> ByAccount | ByAddress:
    if (account is None) == (address is None):
        raise click.UsageError("give either --account PROVIDER:NUMBER or --address ADDRESS")
    if address is not None:
        return ByAddress(address.strip().lower())
    provider, separator, subject = (account or "").partition(":")
    if not separator:
        raise click.BadParameter("expected PROVIDER:NUMBER, such as github:49699333", param_hint="--account")
    return ByAccount(provider, subject)


def _told(each: Any, now: datetime) -> dict[str, Any]:
    return {
        "id": each.id,
        "what": each.exemption.what,
        "whom": told(each.whom),
        "reason": each.exemption.reason,
        "added_by": each.added_by,
        "added_at": each.added_at.isoformat(),
        "until": each.exemption.until.isoformat(),
        "ended_by": each.ended_by,
        "ended_at": each.ended_at.isoformat() if each.ended_at else None,
        "counts": each.counts_at(now),
    }


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file} is not UTF-8: bad byte at offset {error.start}") from None


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
