# SPDX-License-Identifier: Apache-2.0
"""`mcla-server withdrawals`: what was taken back, how far each had come, and the foundation's answer."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click

from app.platform.settings import load_settings
from mcla.statements.parts import STAGES
from mcla.terms.taking_back import STEPS

CASE = click.argument("withdrawal", metavar="WDR_ID")


@click.group()
def withdrawals() -> None:
    """List contributions that were taken back, record how far one has come, and answer."""


@withdrawals.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that were answered too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_cases(everything: bool, as_json: bool) -> None:
    """Print what waits for an answer, the most urgent first; exit code 1 if one is overdue."""
    services = _services()
    now = services.clock.now()
    found = [each for each in services.cases.every() if everything or each.state == "waiting"]
    if as_json:
        click.echo(json.dumps({"cases": [_told(services, each) for each in found]}, indent=2))
    else:
        for each in sorted(found, key=lambda one: one.due_at):
            when = each.decided.decided_at if each.decided else each.due_at
            state = "OVERDUE" if each.overdue(now) else each.state
            stage = each.stage or "?"
            click.echo(f"{state:<11} {when:%Y-%m-%d %H:%M}  {each.id}  {stage:<2}  {each.reason:<17} {each.project}")
        if not found:
            click.echo("Nothing waits for an answer.", err=True)
    if any(each.overdue(now) for each in found):
        click.get_current_context().exit(1)


@withdrawals.command()
@CASE
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(withdrawal: str, as_json: bool) -> None:
    """Print one case: what the terms say, what they ask for, and what cannot be undone."""
    services = _services()
    case = services.cases.case(withdrawal)
    if as_json:
        click.echo(json.dumps(_told(services, case), indent=2))
        return
    click.echo(f"{case.id}: {case.contribution_id}, {case.kind} for {case.project}")
    click.echo(f"  files      sha256:{case.root}")
    click.echo(f"  taken back {case.signed_at:%Y-%m-%d %H:%M}, log entry {case.log_index}, reason {case.reason}")
    click.echo(f"  stage      {case.recorded_stage or '-'} recorded, {case.claimed_stage or '-'} as was said then")
    click.echo(f"  terms      {case.said.answer}: {case.said.sentence}")
    for step in case.said.steps:
        click.echo(f"  then       {step}: {STEPS[step]}")
    for limit in case.said.limits:
        click.echo(f"  for good   {limit}")
    answer = f"due {case.due_at:%Y-%m-%d}" if case.state == "waiting" else case.state
    if case.decided:
        answer += f", {case.decided.decided_at:%Y-%m-%d %H:%M}"
    click.echo(f"  answer     {answer}")


@withdrawals.command()
@click.argument("contribution", metavar="CTR_ID")
@click.argument("stage", type=click.Choice(STAGES[1:]))
@click.option("--evidence", default="", help="What shows it, such as a release; kept for the foundation alone.")
def reach(contribution: str, stage: str, evidence: str) -> None:
    """Record that a contribution has come as far as STAGE; a stage is never left again."""
    _services().cases.reach(contribution, stage, evidence)
    click.echo(f"{contribution} has reached {stage}", err=True)


@withdrawals.command()
@CASE
@click.argument("answer", type=click.Choice(["allowed", "refused"]))
@click.option("--stage", type=click.Choice(STAGES), help="How far it had come, if not as recorded or told.")
@click.option(
    "--step", "steps", multiple=True, type=click.Choice(list(STEPS)), help="What is done, if more than asked."
)
@click.option("--replacement", metavar="SHA256", help="What to use instead (64 hex digits).")
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its SHA-256 is kept, not the file.",
)
@click.option("--note", default="", help="Reasons, for the foundation's files; never shown.")
def decide(
    withdrawal: str,
    answer: Any,
    stage: Any,
    steps: tuple[str, ...],
    replacement: str | None,
    evidence: Path | None,
    note: str,
) -> None:
    """Answer a withdrawal; the notice is public at once. Answering again corrects it."""
    from app.withdrawals.cases import NewDecision

    digest = hashlib.sha256(evidence.read_bytes()).hexdigest() if evidence else None
    services = _services()
    new = NewDecision(answer, stage, steps or None, replacement, digest, note)
    case = services.cases.decide(withdrawal, new)
    click.echo(f"{case.state}: {services.settings.origin}/withdrawals/{case.id}")


def _told(services: Any, case: Any) -> dict[str, Any]:
    from app.withdrawals.schemas import notice_out

    told = notice_out(case, services.settings.origin)
    return told | {"recorded_stage": case.recorded_stage, "claimed_stage": case.claimed_stage}


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
