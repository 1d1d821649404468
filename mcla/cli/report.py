# SPDX-License-Identifier: Apache-2.0
"""A verdict for people: one sentence, the checks as rows, and who had to be believed; under a screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from mcla.cli.failure import Exit
from mcla.cli.output import Output, plain
from mcla.cli.target import Target
from mcla.verify.verdict import Step, Verdict

EXITS = {"verified": Exit.YES, "not-verified": Exit.NO, "unknown": Exit.UNKNOWN}
COLOURS = {"verified": "green", "not-verified": "red", "unknown": "yellow"}
WORDS = {"verified": "Verified", "not-verified": "Not verified", "unknown": "Unknown"}
NO_LIST = {"withdrawals-not-looked-at": " Add --service URL or --withdrawals FILE."}
OUTCOMES = {"yes": ("yes", "green"), "no": ("no", "red"), "not-checked": ("not checked", "yellow")}


@dataclass(frozen=True, slots=True)
class RecordTold:
    """What is told of a record beside the verdict: for programs, and as sentences."""

    said: Mapping[str, Any] | None
    lines: tuple[str, ...] = ()


def report(verdict: Verdict, target: Target, output: Output, *, then: bool, record: RecordTold | None = None) -> Exit:
    """Print the verdict, and what is told of a `record` beside it, and return the exit code that goes with it.

    What is known to be ended is a no, unless what counts is how it was `then`, when it was signed (ADR 0016).
    """
    if output.json:
        told = {"record": record.said} if record else {}
        output.document({"target": target.name} | verdict.to_dict() | told)
    else:
        _sentences(verdict, target, output)
        for line in record.lines if record else ():
            output.data(f"  {plain(line)}")
        _rows(verdict, output)
    return Exit.NO if _is_ended(verdict) and not then else EXITS[verdict.verdict]


def _is_ended(verdict: Verdict) -> bool:
    return verdict.verified and verdict.withdrawal.state == "ended"


def _sentences(verdict: Verdict, target: Target, output: Output) -> None:
    first, *rest = verdict.reasons
    word = click.style(WORDS[verdict.verdict], fg=COLOURS[verdict.verdict], bold=True)
    if _is_ended(verdict):
        *rest, first = verdict.reasons  # the end on top, where nobody can miss it
        word = click.style("ENDED", fg="red", bold=True)
    output.data(f"{word}: {plain(target.name, keep='')}: {plain(first.message)}")
    for reason in rest:
        output.data(f"  {plain(reason.message)}")
    if verdict.verified and verdict.withdrawal.state != "ended":
        output.data(f"  {plain(verdict.withdrawal.sentence)}{NO_LIST.get(verdict.withdrawal.code, '')}")
    if verdict.verified and target.is_bundle:
        output.data("  The bundle alone was checked: no file was compared with it.")
    for hint in dict.fromkeys(reason.hint for reason in verdict.reasons if reason.hint):
        output.data(f"Next: {plain(hint)}")


def _rows(verdict: Verdict, output: Output) -> None:
    if not verdict.steps:
        return
    output.data("")
    for step in verdict.steps:
        output.data(_row(step))
    if verdict.verdict != "not-verified":  # whom a proof rests on is nothing to say of one that does not hold
        output.data(f"Independent of the service: {verdict.independent.sentence}")


def _row(step: Step) -> str:
    word, colour = OUTCOMES[step.outcome]
    # Why a step failed stands in the sentence on top; here one line each keeps the answer under a screen.
    detail = plain(step.detail, keep="")
    short = detail if len(detail) <= 88 else f"{detail[:85]}…"
    return f"  {click.style(f'{word:<12}', fg=colour)} {step.name:<24} {short}"
