# SPDX-License-Identifier: Apache-2.0
"""`mcla withdraw`: end an own acceptance or contribution, with the same ceremony as signing and a proof to keep.

What is ended is read from its own public bundle, and the service's statement is signed only if it ends exactly that.
What was made from a contribution is listed first, as the service's page does: an end concerns whoever built on it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.artifacts.digest import format_digest
from mcla.cli.failure import ServiceRefused, WrongUsage
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.person import TOKEN_VARIABLE, access_token, agree, somebody_asks
from mcla.statements.parts import END_REASONS, STAGES, EndedRef

if TYPE_CHECKING:
    from mcla.cli.ceremony import Draft
    from mcla.cli.service import Service
    from mcla.statements.statement import Withdrawal

NOUNS = {"sig": "signatures", "ctr": "contributions"}
MOST_SHOWN = 20
STAGE_HELP = (
    "How far a contribution has come: S0 handed in, S1 merged, S2 data released, S3 trained, S4 model released."
)


@click.command("withdraw")
@click.argument("ended_id", metavar="ID")
@click.option("--service", "url", required=True, metavar="URL", help="The service that recorded it.")
@click.option("--reason", type=click.Choice(END_REASONS), default="none-given", help="Why, as a code; it is public.")
@click.option("--stage", type=click.Choice(STAGES), help=STAGE_HELP)
@click.option("--identity-token", metavar="JWT|FILE", help=f"As for mcla sign; also read from {TOKEN_VARIABLE}.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the proof goes. Default: withdrawal-ID.sigstore.json here.",
)
@click.option("--overwrite", is_flag=True, help="Replace a proof that is already there.")
@click.option("--yes", is_flag=True, help="I know what it means and agree; do not ask.")
@click.option("--no-input", is_flag=True, help="Never ask anything.")
@click.option("--no-browser", is_flag=True, help="Print the sign-in address only.")
@speaks
def command(
    ended_id: str,
    url: str,
    reason: str,
    stage: str | None,
    identity_token: str | None,
    target: Path | None,
    overwrite: bool,
    yes: bool,
    no_input: bool,
    no_browser: bool,
) -> None:
    """End your own acceptance or contribution, from now on.

    ID is sig_… or ctr_…, as the page My signatures lists them. The end counts from its own entry in the public log on,
    never backwards, and cannot be undone; you can sign anew. What was released before stays licensed.
    """
    from mcla.cli.ceremony import Ending, open_draft, sign_draft
    from mcla.cli.proof import confirm, places_for, store
    from mcla.cli.service import Service
    from mcla.cli.steps import Steps

    noun = _noun(ended_id)
    output = current()
    steps = Steps(output)
    somebody_asks(yes=yes, no_input=no_input)
    place = places_for((), target or Path(f"withdrawal-{ended_id}.sigstore.json"), overwrite=overwrite).bundle
    with Service(url, sleep=steps.sleep) as service:
        at = f"/api/v1/{noun}/{ended_id}/bundle"
        bundle = _public(service, at)
        ended = _read_ended(bundle) if bundle is not None else None
        with steps.step("Signing in…"):
            service.token = access_token(service, identity_token, output, no_browser=no_browser)
        ends, capacity = ended or _read_ended(service.get_bytes(at))
        try:
            with steps.step("Asking for the statement…"):
                draft = open_draft(service, Ending(ended_id, ends, capacity, reason, stage))
        except ServiceRefused as refusal:
            if refusal.problem_code != "already-ended":
                raise
            _already(ended_id, refusal, output)
            return
        rest = _resting(service, ends)
        _show(draft, ended_id, output)
        _show_rest(rest, output)
        agree(draft.statement.consent.button, yes=yes)
        done = sign_draft(service, draft, steps.step)
        with steps.step("Checking the proof…"):
            text = confirm(done, None, service, draft)
        store(text, done, place)
    _report(ended_id, done, rest, place, output)


def _noun(ended_id: str) -> str:
    prefix, _, rest = ended_id.partition("_")
    if prefix not in NOUNS or not rest.isalnum() or not rest.isascii():
        raise WrongUsage(
            f"{ended_id[:60]!r} is nothing that can be ended.",
            why="expected the id of your own acceptance (sig_…) or contribution (ctr_…)",
            hint="The ids are listed on the service's page My signatures.",
        )
    return NOUNS[prefix]


def _public(service: "Service", at: str) -> bytes | None:
    """The bundle, or None while an embargo or a hazard class shows it to its giver alone, who has to sign in first."""
    try:
        return service.get_bytes(at)
    except ServiceRefused as refusal:
        if refusal.problem_code != "contribution-hidden":
            raise
        return None


def _read_ended(bundle: bytes) -> tuple[EndedRef, str]:
    """What a withdrawal of the statement in `bundle` has to name, and its capacity; raises what the parsers raise."""
    from mcla.artifacts.digest import sha256_hex
    from mcla.envelope.bundle import parse_bundle
    from mcla.statements.statement import parse_statement

    parsed = parse_bundle(bundle)
    statement = parse_statement(parsed.envelope.payload)
    kind = type(statement).__name__.lower()
    ends = EndedRef(kind, sha256_hex(parsed.envelope.payload), statement.root, parsed.entry.log_index)
    return ends, statement.capacity


def _resting(service: "Service", ends: EndedRef) -> dict[str, Any] | None:
    """What public claims say was made from the contribution, nearest first; None where an acceptance is ended."""
    if ends.type != "contribution":
        return None
    told = service.get(f"/api/v1/artifacts/{format_digest(ends.root)}/lineage")
    below = sorted((each["steps"], each["node"]) for each in told["nodes"] if (each["steps"] or 0) > 0)
    return {"artifacts": [{"id": node, "steps": steps} for steps, node in below], "whole": told["whole"]}


def _show(draft: "Draft[Withdrawal]", ended_id: str, output: Output) -> None:
    stated, agreement = draft.statement, draft.statement.agreement
    rows = [
        ("Signer", f"{draft.signer_name} ({draft.signer_account})"),
        ("Ended for", "the company that it was made for" if stated.capacity == "company" else "yourself"),
        ("Ends", f"{stated.ends.type} {ended_id}, log entry {stated.ends.log_index}"),
        ("Statement", stated.ends.statement),
        ("Agreement", f"{agreement.slug} {agreement.version}"),
        ("Reason", stated.reason),
        ("Stage", stated.stage or "not known"),
    ]
    output.say("\n" + click.style("You are about to end", bold=True))
    for label, text in rows:
        output.say(f"  {label:<12} {plain(text, keep='')}")
    output.say("\n" + plain(draft.consent) + "\n")


def _show_rest(rest: dict[str, Any] | None, output: Output) -> None:
    if rest is None:
        return
    several = rest["artifacts"]
    if not several:
        output.say("No public claim says that anything was made from it.\n")
        return
    output.say(f"Made from it, as public claims say ({len(several)}):")
    for each in several[:MOST_SHOWN]:
        output.say(f"  {plain(each['id'], keep='')}  {each['steps']} step{'s' * (each['steps'] > 1)} away")
    if len(several) > MOST_SHOWN or not rest["whole"]:
        output.say("  … and more: they are on the contribution's page.")
    output.say("")


def _already(ended_id: str, refusal: ServiceRefused, output: Output) -> None:
    since = refusal.problem.get("since")
    if output.json:
        output.document({"ended": True, "new": False, "ends": ended_id, "since": since})
        return
    output.data(f"{ended_id} was ended before: {plain(refusal.message)} Nothing new was signed.")


def _report(ended_id: str, done: dict[str, Any], rest: dict[str, Any] | None, place: Path, output: Output) -> None:
    facts = {name: done.get(name) for name in ("id", "url", "bundle_url", "log_index")}
    facts |= {"downstream": rest} if rest is not None else {}
    if output.json:
        output.document({"ended": True, "new": True, "ends": ended_id, **facts, "bundle": str(place)})
        return
    output.data(click.style("Ended", fg="green", bold=True) + f" and verified here: {place}")
    for label, text in (("Page", facts["url"]), ("Log index", facts["log_index"])):
        output.data(f"  {label:<10} {plain(str(text), keep='')}")
