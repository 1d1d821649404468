# SPDX-License-Identifier: Apache-2.0
"""`mcla-server token`: the tokens of a project's machines, and the rules by which a forge's word is worth one."""

import json
from typing import Any

import click

from app.platform.scopes import SCOPE_MEANINGS, Scope
from app.platform.settings import load_settings
from app.tokens.service import DAYS, MAX_DAYS
from app.tokens.trust import TrustRule, cautions
from app.tokens.values import TERMINAL, TokenInfo, told

SCOPES = "; ".join(f"{scope}: {meaning[0].lower()}{meaning[1:]}" for scope, meaning in SCOPE_MEANINGS.items())

CHOICE = click.Choice([each.value for each in Scope])


@click.group()
def token() -> None:
    """Make, list and end tokens, with which a project's CI proves itself, and rules for CI that keeps none."""


@token.command()
@click.option("--project", metavar="P", required=True, help="The project's slug.")
@click.option("--scope", "scopes", type=CHOICE, multiple=True, required=True, help=f"{SCOPES}.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=DAYS, show_default=True, help="How long it works.")
@click.option("--label", metavar="TEXT", default="", help="What it is for, for the list.")
def create(project: str, scopes: tuple[str, ...], days: int, label: str) -> None:
    """Make a token; it alone goes to the standard output, and is shown this once."""
    services = _services()
    chosen = frozenset(map(Scope, scopes))
    made = services.tokens.create(services.projects.project(project), chosen, TERMINAL, days=days, label=label)
    click.echo(f"{made.info.id} for {project}: {told(chosen)}, until {made.info.expires_at:%Y-%m-%d}", err=True)
    click.echo("Keep it in a secret store: only its digest is stored here, so nobody can show it again.", err=True)
    click.echo(made.secret)


@token.command("list")
@click.option("--project", metavar="P", help="Those of one project.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_tokens(project: str | None, as_json: bool) -> None:
    """Print every token with its state, its end and its last use; never a secret."""
    services = _services()
    now = services.clock.now()
    if project is not None:
        services.projects.project(project)
    found = [each for each in services.tokens.tokens() if project in (None, each.project)]
    if as_json:
        click.echo(json.dumps({"tokens": [_told(each, now) for each in found]}, indent=2))
        return
    for each in found:
        used = f"used {each.last_used_at:%Y-%m-%d}" if each.last_used_at else "never used"
        click.echo(
            f"{each.state(now):<7}  until {each.expires_at:%Y-%m-%d}  {used:<15}  {each.id}  {each.project}  "
            f"{told(each.scopes)}  {each.label}".rstrip()
        )
    if not found:
        click.echo("There is no token.", err=True)


@token.command()
@click.argument("token_id", metavar="ID")
def end(token_id: str) -> None:
    """End a token from the next request on; ID is what `list` shows."""
    ended = _services().tokens.end(token_id, TERMINAL)
    click.echo(f"{ended.id} for {ended.project} is ended", err=True)


@token.group()
def trust() -> None:
    """Trust jobs of a forge by its word: they exchange an ID token for ten minutes of access, and keep no secret."""


@trust.command()
@click.option("--project", metavar="P", required=True, help="The project's slug.")
@click.option("--issuer", metavar="URL", required=True, help="The forge's issuer, one of MCLA_WORKLOAD_ISSUERS.")
@click.option("--claim", "claims", metavar="NAME=VALUE", multiple=True, required=True, help="What a token has to say.")
@click.option("--scope", "scopes", type=CHOICE, multiple=True, required=True, help=f"{SCOPES}.")
def add(project: str, issuer: str, claims: tuple[str, ...], scopes: tuple[str, ...]) -> None:
    """Make a rule; every claim is compared whole, and numbers are asked for beside names. Prints its id."""
    services = _services()
    wanted = dict(_claim(each) for each in claims)
    if len(wanted) < len(claims):
        raise click.BadParameter("each claim is named once", param_hint="--claim")
    chosen = frozenset(map(Scope, scopes))
    rule = services.workloads.trust(services.projects.project(project), issuer, wanted, chosen, TERMINAL)
    for each in cautions(rule):
        click.echo(f"Note: {each}", err=True)
    click.echo(rule.id)


@trust.command("list")
@click.option("--project", metavar="P", help="Those of one project.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_rules(project: str | None, as_json: bool) -> None:
    """Print every rule, those in force first."""
    services = _services()
    if project is not None:
        services.projects.project(project)
    found = [each for each in services.workloads.rules() if project in (None, each.project)]
    if as_json:
        click.echo(json.dumps({"rules": [_told_rule(each) for each in found]}, indent=2))
        return
    for each in found:
        claims = " ".join(f"{name}={value}" for name, value in each.claims)
        state = "ended" if each.ended_at else "in-force"
        click.echo(f"{state:<8}  {each.id}  {each.project}  {each.issuer}  {claims}  {told(each.scopes)}")
    if not found:
        click.echo("There is no rule.", err=True)


@trust.command("end")
@click.argument("rule_id", metavar="ID")
def end_rule(rule_id: str) -> None:
    """End a rule and the tokens that came of it, at once."""
    ended = _services().workloads.end(rule_id, TERMINAL)
    click.echo(f"{ended.id} for {ended.project} is ended", err=True)


def _claim(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"expected NAME=VALUE, got {text!r}", param_hint="--claim")
    return name, value


def _told_rule(each: TrustRule) -> dict[str, Any]:
    return {
        "id": each.id,
        "project": each.project,
        "issuer": each.issuer,
        "claims": dict(each.claims),
        "scopes": sorted(each.scopes),
        "state": "ended" if each.ended_at else "in-force",
        "made_by": each.made_by,
        "last_used_on": f"{each.last_used_at:%Y-%m-%d}" if each.last_used_at else None,
    }


def _told(each: TokenInfo, now: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "project": each.project,
        "label": each.label,
        "scopes": sorted(each.scopes),
        "state": each.state(now),
        "made_by": each.made_by,
        "created_at": f"{each.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "expires_at": f"{each.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "last_used_on": f"{each.last_used_at:%Y-%m-%d}" if each.last_used_at else None,
    }


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
