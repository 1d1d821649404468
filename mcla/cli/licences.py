# SPDX-License-Identifier: Apache-2.0
"""`mcla licences`: what is known of a licence, and whether something made under it may go out as declared.

Screening from facts that this release carries, without network. Exit codes of `check`: 0 allowed, 1 denied or duties
missing, 3 a person decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.finding import Refused, found_licence
from mcla.cli.harbour import certify, harbour
from mcla.cli.identify import identify
from mcla.cli.notice import data, notice
from mcla.cli.output import current, plain, speaks
from mcla.cli.signs import signs
from mcla.cli.stance import stance_in
from mcla.cli.target import read_file
from mcla.cli.uses import command as evaluate_command

if TYPE_CHECKING:
    from mcla.licences.comparing import SideBySide
    from mcla.licences.question import Question
    from mcla.licences.records import Licence
    from mcla.licences.verdict import Answer

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
EXITS = {"allowed": Exit.YES, "needs-notice": Exit.NO, "needs-review": Exit.UNKNOWN, "denied": Exit.NO}
HAND_WRITTEN = (
    "Write the case as plain JSON: each name once, numbers whole. `mcla licences check --help` names the members."
)
COLOURS = {"allowed": "green", "needs-notice": "yellow", "needs-review": "yellow", "denied": "red"}


@click.group("licences")
def command() -> None:
    """Look up licences of models and data, and ask whether a combination may go out.

    Screening, not legal advice. What is not known is never answered with yes.
    """


command.add_command(evaluate_command)


@command.command()
@click.argument("case", metavar="CASE.json|CARD.md", type=FILE)
@click.option("--card", "cards", metavar="NAME FILE", type=(str, FILE), multiple=True,
              help="The model card of a base or data set that CARD.md names: what it goes out under.")  # fmt: skip
@click.option("--policy", type=FILE, help="What this project's .mcla.toml says to debated points ([licences.stance]).")
@click.option("--service", "url", metavar="URL", help="With --decision: the service that is to sign the answer.")
@click.option("--decision", "place", type=click.Path(dir_okay=False, path_type=Path),
              help="Keep the service's signed answer, good for a day, in this file, for mcla verify.")  # fmt: skip
@speaks
@click.pass_context
def check(
    context: click.Context,
    case: Path,
    cards: tuple[tuple[str, Path], ...],
    policy: Path | None,
    url: str | None,
    place: Path | None,
) -> None:
    """Answer whether an artifact may go out under the terms declared for it.

    CASE.json has bases (each with licence and relation), kind, and declared or declared_terms; and, as far as known,
    artifact_name, evidence, context and policy. Exit code 0: allowed. 1: denied, or allowed only once the duties listed
    are met. 2: the case means nothing. 3: a person has to decide.

    CARD.md is a model card with YAML on top. It names its bases, and not their licences: give their cards with --card.
    """
    answer = _answer(case, cards, policy)
    output = current()
    if url is not None or place is not None:
        from mcla.cli.signed_licence import decided

        context.exit(decided(url, read_file(case, "case"), place, answer.to_dict(), output))
    if output.json:
        output.document(answer.to_dict())
    else:
        for line in _told(answer):
            output.data(line)
    context.exit(EXITS[answer.verdict.word])


def _answer(case: Path, cards: Sequence[tuple[str, Path]], policy: Path | None) -> "Answer":
    from mcla.cli.cards import is_card, of_card
    from mcla.licences.asking import QuestionInvalid
    from mcla.licences.deciding import evaluate
    from mcla.licences.registry import registry

    data, stance = read_file(case, "case"), stance_in(policy) if policy else None
    if is_card(data):
        asked = of_card(data, cards)
    elif cards:
        raise WrongUsage("--card goes with a model card.", why="expected CARD.md with YAML on top, got a case",
                         hint="Write the licence of each base into the case.")  # fmt: skip
    else:
        asked = _of_case(data, alone=stance is None)
    try:
        return evaluate(asked if stance is None else replace(asked, policy=stance), registry())
    except QuestionInvalid as error:
        raise Refused(error, Exit.USAGE) from None


def _of_case(data: bytes, *, alone: bool) -> "Question":
    """The question in a case; not `alone`, a policy in a file of its own settles debated points."""
    from mcla.artifacts.jsontext import JsonInvalid, parse_json
    from mcla.licences.asking import QuestionInvalid, read_question

    try:
        value = parse_json(data)
        if not alone and isinstance(value, dict) and value.get("policy") is not None:
            raise QuestionInvalid("expected the stance in the case or in --policy, got both", "/policy")
        return read_question(value)
    except JsonInvalid as error:
        raise Refused(JsonInvalid(error.message, hint=HAND_WRITTEN), Exit.USAGE) from None
    except QuestionInvalid as error:
        raise Refused(error, Exit.USAGE) from None


def _told(answer: "Answer") -> list[str]:
    from mcla.licences.registry import registry

    word = answer.verdict.word
    lines = [click.style(word, fg=COLOURS[word], bold=True) + f": {registry().rulebook.verdicts[word]}"]
    said: dict[tuple[str, str, str], list[int]] = {}
    for finding in answer.findings:
        bases = said.setdefault((finding.rule, finding.verdict.word, plain(finding.sentence, keep="")), [])
        bases += [] if finding.base is None else [finding.base + 1]
    lines += [f"  {rule:<10} {each:<13}{sentence}{_of(bases)}" for (rule, each, sentence), bases in said.items()]
    if answer.missing:
        lines += ["Missing:", *(f"  {plain(duty, keep='')}" for duty in answer.missing)]
    return [*lines, f"{notice()} Data of {answer.as_of}, sha256:{answer.digest}."]


def _of(bases: list[int]) -> str:
    """Which bases a sentence is about, the first few by their number."""
    if len(bases) < 2:
        return f" (base {bases[0]})" if bases else ""
    first, more = ", ".join(map(str, bases[:5])), len(bases) - 5
    return f" (bases {first} and {more:,} more)" if more > 0 else f" (bases {first})"


@command.command()
@click.argument("licence", metavar="ID")
@speaks
def show(licence: str) -> None:
    """Show what is known of one licence, by id, SPDX id, alias or hub tag."""
    from mcla.licences.comparing import facts
    from mcla.licences.identify import wordless
    from mcla.licences.registry import registry

    found, output = found_licence(licence), current()
    why = wordless().get(found.id)
    if output.json:
        output.document({"licence": facts(found), "unknown": list(found.unknown), "not_known_by_words": why} | data())
        return
    output.data(click.style(f"{found.id}: {found.name}", bold=True))
    for name, value in facts(found).items():
        if name not in ("id", "name", "unknown", "notes", "restrictions"):
            output.data(f"  {name:<38} {_shown(value, unknown=not found.knows(name))}")
    for key in found.restrictions:
        output.data(f"  may not: {key:<30} {registry().restrictions[key]}")
    if why:
        output.data(f"  not known by its words: {why}")
    if found.notes:
        output.data(found.notes)
    output.data(notice())


@command.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--family", help="Only this family, such as rail or copyleft.")
@click.option("--covers", help="Only licences written for this: code, weights, data, docs, tokenizer or output.")
@speaks
def list_(words: tuple[str, ...], family: str | None, covers: str | None) -> None:
    """List the known licences; with WORD, those that have each word in id, name, publisher or tag."""
    from mcla.licences.registry import registry

    rows = [each for each in registry() if _fits(each, words, family, covers)]
    output = current()
    if output.json:
        output.document({"licences": [_row(each) for each in rows]} | data())
        return
    if not rows:
        output.say("No known licence fits that.")
    width = max((len(each.id) for each in rows), default=0)
    for each in rows:
        output.data(f"{each.id:<{width}}  {each.family:<23}  {_limits(each)}")


def _fits(licence: "Licence", words: tuple[str, ...], family: str | None, covers: str | None) -> bool:
    if (family and licence.family != family) or (covers and covers not in licence.covers):
        return False
    text = " ".join(filter(None, (licence.id, licence.name, licence.publisher, licence.hf_tag))).casefold()
    return all(word.casefold() in text for word in words)


def _row(licence: "Licence") -> dict[str, Any]:
    from mcla.licences.identify import wordless

    return {
        "id": licence.id,
        "name": licence.name,
        "family": licence.family,
        "covers": list(licence.covers),
        "commercial_use": licence.commercial_use if licence.knows("commercial_use") else None,
        "thresholds": len(licence.thresholds),
        "restrictions": len(licence.restrictions),
        "confidence": licence.confidence,
        "known_by_words": licence.id not in wordless(),
    }


def _limits(licence: "Licence") -> str:
    """What stands in the way at a glance."""
    from mcla.licences.identify import wordless

    use = licence.commercial_use if licence.knows("commercial_use") else "unknown"
    parts = [f"business: {use}"]
    parts += [f"{len(licence.thresholds)} thresholds"] if licence.thresholds else []
    parts += [f"{len(licence.restrictions)} use restrictions"] if licence.restrictions else []
    parts += [f"copyleft: {licence.share_alike}"] if licence.share_alike != "none" else []
    parts += ["not known by its words"] if licence.id in wordless() else []
    parts += ["not read in full"] if licence.confidence == "low" or licence.unknown else []
    return ", ".join(parts)


@command.command()
@click.argument("one", metavar="ID")
@click.argument("other", metavar="OTHER")
@speaks
def compare(one: str, other: str) -> None:
    """Show two licences side by side: the facts that differ, and the use restrictions that only one has."""
    from mcla.licences.comparing import side_by_side

    found, output = side_by_side(found_licence(one), found_licence(other)), current()
    if output.json:
        output.document(found.to_dict() | data())
        return
    for line in _compared(found):
        output.data(line)


def _compared(found: "SideBySide") -> list[str]:
    lines = [click.style(f"{found.one.id} and {found.other.id}", bold=True)]
    for each in found.differences:
        lines.append(f"  {each.field}")
        for licence, value in ((found.one, each.one), (found.other, each.other)):
            lines.append(f"    {_shown(value, unknown=not licence.knows(each.field))}")
    for keys, words in (
        (found.only_in_one, f"only in {found.one.id}"),
        (found.only_in_other, f"only in {found.other.id}"),
        (found.in_both, "in both"),
    ):
        lines.append(f"  restrictions {words}: {', '.join(keys) or '(none)'}")
    return [*lines, notice()]


def _shown(value: Any, *, unknown: bool) -> str:
    if unknown:
        return "(unknown)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values() if each is not None)
    if isinstance(value, list):
        return "; ".join(_shown(each, unknown=False) for each in value) or "(none)"
    return "(none)" if value is None else plain(str(value), keep="")


command.add_command(harbour)
command.add_command(certify)
command.add_command(signs)
command.add_command(identify)
