# SPDX-License-Identifier: Apache-2.0
"""`mcla-server staff`: which accounts act for a foundation in the console."""

from typing import Any

import click

from app.platform.settings import load_settings

FOUNDATION = click.argument("foundation", metavar="FOUNDATION")
PROVIDER = click.argument("provider", metavar="PROVIDER")
SUBJECT = click.argument("subject", metavar="NUMBER")


@click.group()
def staff() -> None:
    """Give accounts the console of a foundation, or take it away.

    PROVIDER is a sign-in provider's name in MCLA_PROVIDERS, NUMBER the account's number or opaque id there, as the
    person's own page /account shows it.
    """


@staff.command()
@FOUNDATION
@PROVIDER
@SUBJECT
@click.option(
    "--reports/--no-reports",
    "handles_reports",
    default=None,
    help="Appoint the account to handle safety reports: it sees what is under embargo or could help to do harm. "
    "Nobody does unless you say so.",
)
def add(foundation: str, provider: str, subject: str, handles_reports: bool | None) -> None:
    """Let an account act for FOUNDATION."""
    services = _services()
    if provider not in services.identity.providers:
        known = ", ".join(sorted(services.identity.providers)) or "none"
        raise click.BadParameter(f"{provider!r} is not a provider of this service; there are: {known}")
    if not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise click.BadParameter("NUMBER is 1 to 255 printable characters")
    owner = services.projects.foundation(foundation)
    services.staff.add(owner, provider, subject, handles_reports=handles_reports)
    click.echo(f"{provider} {subject} acts for {foundation}", err=True)


@staff.command()
@FOUNDATION
@PROVIDER
@SUBJECT
def remove(foundation: str, provider: str, subject: str) -> None:
    """End that, from the next request on."""
    services = _services()
    was = services.staff.remove(services.projects.foundation(foundation), provider, subject)
    said = f"acts for {foundation} no more" if was else f"did not act for {foundation}"
    click.echo(f"{provider} {subject} {said}", err=True)


@staff.command("list")
@FOUNDATION
def list_staff(foundation: str) -> None:
    """Print who acts for FOUNDATION, one account a line."""
    services = _services()
    for provider, subject, handles_reports in services.staff.of(services.projects.foundation(foundation)):
        click.echo(f"{provider} {subject}" + (" reports" if handles_reports else ""))


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
