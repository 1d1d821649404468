# SPDX-License-Identifier: Apache-2.0
"""`mcla-server grants`: what was offered to the foundations, until when, and the answers to it."""

import json
from typing import Any

import click

from app.platform.settings import load_settings
from mcla.statements.parts import DECLINE_REASONS

OFFER = click.argument("offer", metavar="CTR_ID")
ACTS = click.option(
    "--as",
    "account",
    nargs=2,
    metavar="PROVIDER NUMBER",
    required=True,
    help="The staff account that acts; its person must have signed in once.",
)


@click.group()
def grants() -> None:
    """List what is offered under agreements that need a counter-signature, and answer."""


@grants.command("list")
@click.option("--all", "everything", is_flag=True, help="What was answered, lapsed or taken back too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_offers(everything: bool, as_json: bool) -> None:
    """Print what waits for an answer, the most urgent first; exit code 1 if anything waits."""
    services = _services()
    found = services.grants.offers(everything=everything)
    if as_json:
        click.echo(json.dumps({"offers": [_told(each) for each in found]}, indent=2))
    else:
        for each in found:
            click.echo(
                f"{each.standing.state:<9} {each.until:%Y-%m-%d %H:%M}  {each.id}  {each.kind:<9} {each.project}"
            )
        if not found:
            click.echo("Nothing waits for an answer.", err=True)
    if any(each.waits for each in found):
        click.get_current_context().exit(1)


@grants.command()
@OFFER
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(offer: str, as_json: bool) -> None:
    """Print one offer; its files and answers are at its address."""
    services = _services()
    found = services.grants.offer(offer)
    if as_json:
        click.echo(json.dumps(_told(found), indent=2))
        return
    click.echo(f"{found.id}: {found.files} files of {found.kind} for {found.project}")
    click.echo(f"  under      {found.slug} {found.version}")
    if found.grantor:
        company = found.grantor
        click.echo(f"  for        {company.name}, {company.registration}, {company.jurisdiction} ({company.power})")
    click.echo(f"  files      sha256:{found.root}, {found.bytes} bytes")
    click.echo(f"  offered    {found.offered_at:%Y-%m-%d %H:%M}, log entry {found.log_index}, by {found.signer}")
    click.echo(f"  stands     until {found.until:%Y-%m-%d %H:%M} UTC")
    click.echo(f"  state      {found.standing.state}: {found.standing.sentence}")
    click.echo(f"  read it    {services.settings.origin}/console/grants/{found.id}")


@grants.command()
@OFFER
@ACTS
def countersign(offer: str, account: tuple[str, str]) -> None:
    """Counter-sign an offer for its foundation: from then on it counts."""
    _answer(offer, account, "counter-signed", None)


@grants.command()
@OFFER
@ACTS
@click.option("--reason", type=click.Choice(DECLINE_REASONS), required=True, help="A code; the statement is public.")
def decline(offer: str, account: tuple[str, str], reason: Any) -> None:
    """Decline an offer for its foundation."""
    _answer(offer, account, "declined", reason)


def _answer(offer: str, account: tuple[str, str], word: Any, reason: Any) -> None:
    from app.grants.answering import NewAnswer

    services = _services()
    found = services.grants.answer(services.grants.staff_account(*account), offer, NewAnswer(word, reason))
    click.echo(f"{found.standing.state}: {found.answer.place}", err=True)


def _told(each: Any) -> dict[str, Any]:
    return {
        "id": each.id,
        "project": each.project,
        "kind": each.kind,
        "agreement": {"slug": each.slug, "version": each.version},
        "company": each.grantor.name if each.grantor else None,
        "root": f"sha256:{each.root}",
        "log_index": each.log_index,
        "until": f"{each.until:%Y-%m-%dT%H:%M:%SZ}",
        "state": each.standing.state,
        "answer": each.answer.to_dict() if each.answer else None,
    }


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
