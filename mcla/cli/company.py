# SPDX-License-Identifier: Apache-2.0
"""`mcla company`: look at a company's list, change it, confirm to give for it; each change is a signed statement."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import WrongUsage
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.person import TOKEN_VARIABLE, access_token, agree, somebody_asks
from mcla.statements.parts import KINDS

if TYPE_CHECKING:
    from mcla.cli.ceremony import Draft
    from mcla.statements.statement import CompanyChange

Command = Callable[..., None]
RULES = "--account, --address, --domain or --organisation"


def _asks(command: Command) -> Command:
    """The options of every command that talks to a service as somebody."""
    for option in (
        click.option("--no-browser", is_flag=True, help="Print the sign-in address only."),
        click.option(
            "--identity-token", metavar="JWT|FILE", help=f"As for mcla sign; also read from {TOKEN_VARIABLE}."
        ),
        click.option("--service", "url", required=True, metavar="URL", help="The service that the company signed at."),
    ):
        command = option(command)
    return command


def _signs(command: Command) -> Command:
    """The options of every command that signs."""
    for option in (
        click.option("--no-input", is_flag=True, help="Never ask anything."),
        click.option("--yes", is_flag=True, help="I know what it means and agree; do not ask."),
        click.option("--overwrite", is_flag=True, help="Replace a proof that is already there."),
        click.option(
            "-o",
            "--output",
            "target",
            default="company-change.sigstore.json",
            show_default=True,
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where the proof goes; the change itself goes beside it.",
        ),
    ):
        command = option(command)
    return _asks(command)


@click.group("company")
def command() -> None:
    """Keep the list of a company, and confirm that you give for it."""


@command.command()
@click.argument("company_id", metavar="[COMPANY]", required=False)
@_asks
@speaks
def show(company_id: str | None, url: str, identity_token: str | None, no_browser: bool) -> None:
    """Show your companies, or one of them: its list for managers, and the entries that mean you."""
    from mcla.cli.service import Service
    from mcla.cli.steps import Steps

    output = current()
    steps = Steps(output)
    with Service(url, sleep=steps.sleep) as service:
        with steps.step("Signing in…"):
            service.token = access_token(service, identity_token, output, no_browser=no_browser)
        told = service.get(f"/api/v1/companies/{_checked(company_id, 'com')}" if company_id else "/api/v1/companies")
    if output.json:
        output.document(told)
    elif company_id:
        _show_company(told, output)
    else:
        for each in told["companies"]:
            output.data(plain(f"{each['id']}  {each['name']}  ({', '.join(each['roles'])})", keep=""))


@command.command()
@click.argument("company_id", metavar="COMPANY")
@click.option("--account", metavar="PROVIDER:NUMBER", help="One account, by its number.")
@click.option("--address", metavar="EMAIL", help="One verified e-mail address.")
@click.option("--domain", metavar="DOMAIN", help="Everybody with a verified address in this mail domain.")
@click.option("--include-subdomains", is_flag=True, help="With --domain: below it too.")
@click.option("--organisation", metavar="PROVIDER:NUMBER", help="Members of an organisation at a code host.")
@click.option(
    "--kind", "kinds", required=True, multiple=True, type=click.Choice(KINDS), help="May be given several times."
)
@click.option("--from", "valid_from", metavar="TIME", help="As 2030-01-31T00:00:00Z. Default: from the signature on.")
@click.option("--until", "valid_to", metavar="TIME", help="The entry counts up to this moment. Default: no end.")
@click.option("--reason", required=True, help="In a few words; the managers see it, the public log does not get it.")
@_signs
@speaks
def add(
    company_id: str,
    account: str | None,
    address: str | None,
    domain: str | None,
    include_subdomains: bool,
    organisation: str | None,
    kinds: tuple[str, ...],
    valid_from: str | None,
    valid_to: str | None,
    reason: str,
    **more: Any,
) -> None:
    """Put somebody on the list: exactly one of --account, --address, --domain and --organisation."""
    rules: list[dict[str, Any]] = []
    if account is not None:
        rules.append({"type": "account"} | _numbered(account, "subject"))
    if address is not None:
        rules.append({"type": "address", "email": _ascii(address)})
    if domain is not None:
        rules.append({"type": "domain", "domain": _ascii(domain), "include_subdomains": include_subdomains})
    if organisation is not None:
        rules.append({"type": "organisation"} | _numbered(organisation, "number"))
    if len(rules) != 1 or (include_subdomains and domain is None):
        raise WrongUsage(
            "An entry means one thing.", why=f"expected exactly one of {RULES}", hint="mcla company add -h"
        )
    wanted = {
        "type": "entry-added",
        "rule": rules[0],
        "kinds": [kind for kind in KINDS if kind in kinds],
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    _sign(company_id, wanted, reason, **more)


@command.command()
@click.argument("company_id", metavar="COMPANY")
@click.argument("entry", metavar="ENTRY")
@click.option("--reason", required=True, help="In a few words; the managers see it, the public log does not get it.")
@_signs
@speaks
def remove(company_id: str, entry: str, reason: str, **more: Any) -> None:
    """Remove an entry (ent_…) from the list; what was given under it stays given."""
    _sign(company_id, {"type": "entry-removed", "entry": _checked(entry, "ent")}, reason, **more)


@command.command()
@click.argument("company_id", metavar="COMPANY")
@click.argument("email", metavar="EMAIL")
@_signs
@speaks
def invite(company_id: str, email: str, **more: Any) -> None:
    """Invite whoever has this verified address to manage the list; the company's page makes the link."""
    _sign(company_id, {"type": "manager-invited", "email": _ascii(email)}, "", **more)


@command.command()
@click.argument("company_id", metavar="COMPANY")
@click.argument("entry", metavar="ENTRY")
@click.option("--end", is_flag=True, help="Say that you give for it no more.")
@_signs
@speaks
def confirm(company_id: str, entry: str, end: bool, **more: Any) -> None:
    """Confirm that you give for the company under an entry that means you; `mcla company show` lists those."""
    kind = "affiliation-ended" if end else "affiliation-confirmed"
    _sign(company_id, {"type": kind, "entry": _checked(entry, "ent")}, "", **more)


def _sign(
    company_id: str,
    change: Mapping[str, Any],
    reason: str,
    *,
    url: str,
    identity_token: str | None,
    no_browser: bool,
    target: Path,
    overwrite: bool,
    yes: bool,
    no_input: bool,
) -> None:
    from mcla.cli.ceremony import sign_draft
    from mcla.cli.changing import Changing, open_change
    from mcla.cli.proof import confirm as confirm_proof
    from mcla.cli.proof import places_for, store
    from mcla.cli.service import Service
    from mcla.cli.steps import Steps

    output = current()
    steps = Steps(output)
    somebody_asks(yes=yes, no_input=no_input)
    wanted = Changing(_checked(company_id, "com"), change, reason.strip())
    place = places_for((), target, overwrite=overwrite).bundle
    with Service(url, sleep=steps.sleep) as service:
        with steps.step("Signing in…"):
            service.token = access_token(service, identity_token, output, no_browser=no_browser)
        with steps.step("Asking for the statement…"):
            draft, document = open_change(service, wanted)
        _show_draft(draft, document, output)
        agree(draft.statement.consent.button, yes=yes)
        done = sign_draft(service, draft, steps.step)
        with steps.step("Checking the proof…"):
            text = confirm_proof(done, None, service, draft)
        store(text, done, place)
        store(document, done, _beside(place))
    _report(done, place, output)


def _beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.change.json")


def _show_draft(draft: "Draft[CompanyChange]", document: bytes, output: Output) -> None:
    agreement = draft.statement.agreement
    rows = [
        ("Signer", f"{draft.signer_name} ({draft.signer_account})"),
        ("Agreement", f"{agreement.slug} {agreement.version}"),
        ("Change", document.decode()),
    ]
    output.say("\n" + click.style("You are about to sign for a company", bold=True))
    for label, text in rows:
        output.say(f"  {label:<12} {plain(text, keep='')}")
    output.say("\n" + plain(draft.consent) + "\n")


def _show_company(told: Mapping[str, Any], output: Output) -> None:
    output.data(plain(f"{told['name']} ({told['registration']}, {told['jurisdiction']})", keep=""))
    for each in told["managers"]:
        output.data(plain(f"  manager  {each['invitation']}  {each['name']} <{each['email']}>", keep=""))
    for each in told["entries"]:
        output.data(plain(f"  list     {each['entry']}  {_rule(each['rule'])}: {', '.join(each['kinds'])}", keep=""))
    for each in told["mine"]:
        state = "confirmed" if each["confirmed"] else each["why_not"] or "not confirmed yet"
        output.data(plain(f"  means you  {each['entry']}  {_rule(each['rule'])}: {state}", keep=""))


def _rule(rule: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in rule.values())


def _report(done: Mapping[str, Any], place: Path, output: Output) -> None:
    facts = {name: done.get(name) for name in ("id", "url", "bundle_url", "log_index")}
    if output.json:
        output.document({"signed": True, **facts, "bundle": str(place), "document": str(_beside(place))})
        return
    output.data(click.style("Signed", fg="green", bold=True) + f" and verified here: {place}")
    for label, text in (("Change", _beside(place)), ("Page", facts["url"]), ("Log index", facts["log_index"])):
        output.data(f"  {label:<10} {plain(str(text), keep='')}")


def _checked(identifier: str, prefix: str) -> str:
    start, _, rest = identifier.partition("_")
    if start != prefix or not rest.isalnum() or not rest.isascii():
        raise WrongUsage(
            f"{identifier[:60]!r} is no such id.",
            why=f"expected one that begins with {prefix}_",
            hint="mcla company show --service URL lists them.",
        )
    return identifier


def _numbered(text: str, name: str) -> dict[str, str]:
    provider, _, number = text.partition(":")
    if not provider or not number:
        raise WrongUsage(
            f"{text[:60]!r} names no number.",
            why="expected PROVIDER:NUMBER such as github:583231",
            hint="Names change hands, so the number counts; each person finds it under Your account.",
        )
    return {"provider": provider, name: number}


def _ascii(text: str) -> str:
    if not text.isascii():
        raise WrongUsage(
            f"{text[:60]!r} has letters beyond ASCII.",
            why="expected the form that is compared",
            hint="Write the domain in its ASCII form, which begins with xn--.",
        )
    return text.strip().lower()
