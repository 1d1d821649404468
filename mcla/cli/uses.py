# SPDX-License-Identifier: Apache-2.0
"""`mcla licences evaluate`: what terms say about a use, today, on another day, or as a signed decision said it then.

Pure and offline: the same facts, terms, feed and day give the same answer for ever, so a decision can be had again.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.finding import Refused
from mcla.cli.output import current, plain, speaks
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcla.feed.document import Feed
    from mcla.tiers.evaluating import Outcome
    from mcla.tiers.terms import Terms

HAND_WRITTEN = "Write the facts as plain JSON: each name once, numbers whole. docs/foundation.md has an example."
FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


class DecisionDiffers(MclaError):
    """A decision comes out otherwise than it was signed."""

    code = "decision-differs"
    hint = "Give the terms, the feed and the facts that it names by digest, and the release that made it."


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    use: Path
    terms: Path | None
    licence: str | None
    feed: Path | None
    day: str | None
    decision: Path | None
    trust: Path | None


@click.command("evaluate")
@click.option("--use", type=FILE, required=True, help="Facts about the intended use (mcla.use/1, JSON).")
@click.option("--terms", type=FILE, help="The terms, as tiers (mcla.tiers/1, TOML).")
@click.option("--licence", metavar="ID", help="The terms, as a known licence: mcla licences list.")
@click.option("--feed", type=FILE, help="A compliance feed; its signature is for `mcla feed verify`.")
@click.option("--as-of", "day", metavar="DAY", help="Ask about this day (2026-08-02) instead of the one in the facts.")
@click.option("--decision", type=FILE, help="Have this signed decision again, and say whether it comes out the same.")
@click.option("--trust", type=FILE, help="The service's trusted_root.json, for --decision.")
@speaks
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Say what a licence, or terms in tiers, mean for a use.

    Exit code 0: permitted for certain, perhaps with duties. 1: not permitted. 3: unknown facts would settle it. With
    --decision 0: it comes out as it was signed. 1: it does not, or its signature does not hold.
    """
    asked, output = Asked(**options), current()
    if (asked.terms is None) is (asked.licence is None):
        raise WrongUsage("Nothing says under which terms.", why="expected either --terms FILE or --licence ID")
    signed, outcome = _answered(asked)
    if signed is not None:
        _check_same(signed, outcome)
    if output.json:
        output.document(outcome.to_dict() | ({"same_as_signed": True} if signed is not None else {}))
    else:
        for line in _told(outcome, again=signed is not None):
            output.data(plain(line))
    context.exit(Exit.YES if signed is not None else _exit(outcome))


def _answered(asked: Asked) -> "tuple[Mapping[str, Any] | None, Outcome]":
    """The decision, if there is one, and what comes out now; facts and terms that mean nothing are wrong usage."""
    from mcla.artifacts.jsontext import JsonInvalid
    from mcla.licences.registry import LicenceAmbiguous, LicenceUnknown
    from mcla.tiers.errors import FactsContradict, FactsInvalid, MoneyWithoutUnit, TiersInvalid

    try:
        signed = _signed(asked)
        return signed, _outcome(asked, signed)
    except (LicenceUnknown, LicenceAmbiguous) as error:
        raise Refused(error, Exit.UNKNOWN) from None
    except (FactsInvalid, MoneyWithoutUnit, FactsContradict, TiersInvalid, JsonInvalid) as error:
        raise Refused(error, Exit.USAGE) from None


def asked_terms(terms: Path | None, licence: str | None) -> "Terms":
    """The terms in a file, or of a known licence."""
    from mcla.licences.registry import registry
    from mcla.tiers.known import terms_of
    from mcla.tiers.reading import read_terms

    if terms is not None:
        return read_terms(read_file(terms, "terms"))
    return terms_of(registry().get(licence or ""), registry())


def _signed(asked: Asked) -> "Mapping[str, Any] | None":
    """The decision's document, if its signature holds. That it is over by now is no matter here."""
    from mcla.cli.check_offline import read_trust
    from mcla.tiers.decision import use_digest, verify_decision
    from mcla.tiers.facts import read_use

    if asked.decision is None:
        return None
    read_use(facts := _facts(asked))
    document = verify_decision(read_file(asked.decision, "decision"), read_trust(asked.trust)).document
    if document["use"] != use_digest(facts):
        raise DecisionDiffers("expected the facts that the decision was made on, got others")
    return document


def _outcome(asked: Asked, signed: "Mapping[str, Any] | None") -> "Outcome":
    from mcla.feed.document import read_feed
    from mcla.tiers.bases import grounds_of
    from mcla.tiers.evaluating import evaluate
    from mcla.tiers.facts import read_use

    use, terms = read_use(_facts(asked)), asked_terms(asked.terms, asked.licence)
    feed = read_feed(read_file(asked.feed, "feed")) if asked.feed else None
    if signed is not None:
        terms, feed = _as_signed(signed["outcome"], terms, feed)
        then, beside = (
            date.fromisoformat(signed["outcome"]["as_of"]),
            grounds_of(signed.get("bases") or {"hurdles": ()}),
        )
        return evaluate(terms, replace(use, date=None), then, feed, beside)
    day = _day(asked.day) if asked.day else None
    return evaluate(terms, replace(use, date=None) if day else use, day or datetime.now(UTC).date(), feed)


def _as_signed(outcome: "Mapping[str, Any]", terms: "Terms", feed: "Feed | None") -> "tuple[Terms, Feed | None]":
    """The terms from when they were in force; raises `DecisionDiffers` for other terms or another feed."""
    named = outcome["terms"]
    if terms.digest != named["digest"]:
        what = f"{named['id']} {named['version']} sha256:{named['digest']}"
        raise DecisionDiffers(f"expected the terms {what}, got sha256:{terms.digest}")
    digest = outcome["feed"]["digest"]
    if digest is not None and (feed is None or feed.digest != digest):
        got = f"sha256:{feed.digest}" if feed else "none"
        raise DecisionDiffers(f"expected the feed sha256:{digest}, got {got}")
    return replace(terms, effective=named.get("effective")), feed if digest is not None else None


def _check_same(signed: "Mapping[str, Any]", outcome: "Outcome") -> None:
    was, now = signed["outcome"], outcome.to_dict()
    if differing := [name for name in now if was.get(name) != now[name]]:
        name = differing[0]
        raise DecisionDiffers(f"expected {name} to be {str(was.get(name))[:200]!a}, got {str(now[name])[:200]!a}")


def _facts(asked: Asked) -> "dict[str, Any]":
    from mcla.artifacts.jsontext import JsonInvalid
    from mcla.statements.strict import parse_json
    from mcla.tiers.facts import MAX_BYTES

    try:
        facts: dict[str, Any] = parse_json(read_file(asked.use, "facts"), max_bytes=MAX_BYTES)
    except JsonInvalid as error:
        raise JsonInvalid(error.message, hint=HAND_WRITTEN) from None
    return facts


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"{text[:40]!a} is no day.", why="expected one like 2026-08-02") from None


def _exit(outcome: "Outcome") -> Exit:
    from mcla.tiers.gate import PERMITS

    if outcome.effect in PERMITS:
        return Exit.YES
    return Exit.UNKNOWN if outcome.at_best in PERMITS else Exit.NO


def _told(outcome: "Outcome", *, again: bool) -> list[str]:
    from mcla.tiers.evaluating import DISCLAIMER

    ground, feed = outcome.decided_by, outcome.terms.feed
    best = "" if outcome.certain else f", at best {outcome.at_best}"
    lines = ["The decision comes out as it was signed."] if again else []
    lines += [f"{outcome.effect}{best}: {outcome.terms.id} {outcome.terms.version} on {outcome.as_of}"]
    lines += [f"  because  {ground.rests_on}; {', '.join(ground.conditions) or 'always'}"]
    lines += [f"  unknown  {each.sentence}" for each in outcome.unknown]
    lines += [f"  duty     {each}" for each in outcome.duties]
    lines += [f"  ask      {ground.contact}"] if ground.contact else []
    lines += [f"  feed     {each.rests_on}: {', '.join(each.conditions)}" for each in outcome.told]
    used = f"sha256:{outcome.feed}" if outcome.feed else "none was looked at"
    return [*lines, f"Feed ({feed}): {used}. {DISCLAIMER}"]
