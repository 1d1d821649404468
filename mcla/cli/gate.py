# SPDX-License-Identifier: Apache-2.0
"""`mcla gate`: may this model be loaded for this use? A deployment hook, offline, that opens only for a whole yes.

Looked at: every file is covered by a proof that holds; a licence that is asked under is one that givers declare, and
that the rules let them give by the bases they declare; the terms permit the use for certain, under the feed that counts
now; and, where one is demanded, a signed decision holds for these files, facts and terms. Signs of a licence lost on
the way are told, those too that the service told in its decision. Exit codes as everywhere.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, WrongUsage, exit_code_of
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mcla.artifacts.manifest import Manifest
    from mcla.checks.policy import Licences
    from mcla.feed.document import Feed
    from mcla.licences.question import Policy
    from mcla.tiers.bases import Giver
    from mcla.tiers.decision import SignedDecision
    from mcla.tiers.evaluating import Outcome
    from mcla.tiers.hurdle import Hurdle
    from mcla.tiers.terms import Terms

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
EXITS = {"yes": Exit.YES, "no": Exit.NO, "unknown": Exit.UNKNOWN}
WORDS = {"yes": ("Open", "green"), "no": ("Shut", "red"), "unknown": ("Unknown", "yellow")}


@dataclass(frozen=True, slots=True)
class Demands:
    """What was asked for on the command line."""

    model: Path
    use: Path
    terms: Path | None
    licence: str | None
    policy: Path | None
    bundles: tuple[Path, ...]
    trust: Path | None
    withdrawals: Path | None
    max_age: int
    feed: Path | None
    feed_key: Path | None
    feed_state: Path | None
    decision: Path | None
    duties_met: bool


@click.command("gate")
@click.argument("model", metavar="MODEL_DIR", type=click.Path(exists=True, readable=False, path_type=Path))
@click.option("--use", type=FILE, required=True, help="Facts about the intended use (mcla.use/1, JSON).")
@click.option("--terms", type=FILE, help="The terms, as tiers (mcla.tiers/1, TOML).")
@click.option("--licence", metavar="ID", help="The terms, as a known licence: mcla licences list.")
@click.option("--policy", type=FILE,
              help="What you say to debated points of licences and to signs (.mcla.toml).")  # fmt: skip
@click.option("--bundle", "bundles", type=FILE, multiple=True,
              help="A proof. Default: MODEL_DIR.sigstore.json and those in the folder. May be repeated.")  # fmt: skip
@click.option("--trust", type=FILE, help="The service's trusted_root.json, fetched once.")
@click.option("--withdrawals", type=FILE, help="The service's list of withdrawals: what was ended is a no then.")
@click.option("--max-age", metavar="DAYS", type=click.IntRange(0, 3650), default=7, show_default=True,
              help="How old the list of withdrawals may be.")  # fmt: skip
@click.option("--feed", type=FILE, help="The compliance feed; terms that bind to one permit nothing without it.")
@click.option("--feed-key", type=FILE, help="Its issuer's key, where no --feed-state knows it.")
@click.option("--feed-state", type=FILE, help="What `mcla feed verify --state` remembers; read, never written.")
@click.option("--decision", type=FILE, help="Demand this signed decision too: for these files, facts and terms.")
@click.option("--duties-met", is_flag=True, help="Say that the duties that come with a permission are met.")
@speaks
def command(**options: Any) -> None:
    """Say whether a model may be loaded for a use: exit code 0 yes, 1 no, 3 unknown. Never asks anybody.

    MODEL_DIR is a folder or a file. Proofs beside it or in it count as proofs and not as files of the model.
    """
    demands, output = Demands(**options), current()
    if (demands.terms is None) is (demands.licence is None):
        # Also with a decision: whoever asked for it chose the terms that it is about.
        raise WrongUsage("Nothing says under which terms.", why="expected either --terms FILE or --licence ID")
    if demands.policy is not None and demands.licence is None and demands.decision is None:
        raise WrongUsage("Rules about licences are not asked with terms of your own.",
                         why="expected --policy with --licence or --decision, got it with --terms")  # fmt: skip
    raise click.exceptions.Exit(_tell(demands, _looked_at(demands, output), output))


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking."""

    hurdles: "Sequence[Hurdle]"
    outcome: "Outcome"
    signs: "Sequence[Mapping[str, Any]]"


def _looked_at(demands: Demands, output: Output) -> Found:
    from mcla.cli.uses import asked_terms
    from mcla.statements.strict import parse_json
    from mcla.tiers.bases import signs_hurdle
    from mcla.tiers.evaluating import evaluate
    from mcla.tiers.facts import read_use
    from mcla.tiers.gate import terms_hurdle

    now = datetime.now(UTC)
    facts = read_file(demands.use, "facts")
    use, terms = read_use(facts), asked_terms(demands.terms, demands.licence)
    files, proofs = _files(demands, output)
    proven, givers = _proven(demands, files, proofs)
    feed, followed = _feed(demands, now)
    # The gate opens now or not at all: a day in the facts would ask about another law.
    outcome = evaluate(terms, replace(use, date=None), now.date(), feed)
    signed, decided = _decision(demands, files, parse_json(facts), terms, now)
    signs = _signs(demands, givers, signed)
    of_terms = terms_hurdle(outcome, duties_met=demands.duties_met)
    told = [*proven, *_licences(demands, givers), signs_hurdle(signs), followed, of_terms, decided]
    return Found([each for each in told if each is not None], outcome, signs)


def _files(demands: Demands, output: Output) -> "tuple[Manifest, Sequence[Path]]":
    """The files of the model, every byte read, and where the proofs are that are looked at."""
    from mcla.artifacts.digest import sha256_hex
    from mcla.artifacts.scan import manifest_of
    from mcla.cli.check_offline import SUFFIX
    from mcla.cli.hashing import found_files, measured
    from mcla.cli.stamps import without_stamps
    from mcla.cli.target import manifest_place

    found = found_files([demands.model], output)
    proofs = {each.source for each in found if each.path.endswith(SUFFIX) and _is_bundle(each.source)}
    lists = {manifest_place(each) for each in proofs}
    content = [each for each in found if each.source not in proofs | lists]
    if not content:
        raise WrongUsage(f"{plain(str(demands.model))} holds no files of a model.", why="expected some, got none")
    files = manifest_of(measured(content, output, cache=False))
    places = list(_places(demands, sorted(proofs)))
    bundles = {sha256_hex(read_file(each, "bundle")) for each in places}
    return without_stamps(files, content, bundles, output), places


def _is_bundle(path: Path) -> bool:
    """Whether a file can be nothing but a proof: what only has its name counts as a file of the model."""
    from mcla.envelope.bundle import parse_bundle

    try:
        parse_bundle(read_file(path, "bundle"))
    except MclaError:
        return False
    return True


def _policy(demands: Demands) -> "tuple[Policy, Licences]":
    """What is said to debated points, and what is asked of signs; a person reviews where nothing is said."""
    from mcla.checks.policy import Licences
    from mcla.cli.stance import policy_in
    from mcla.licences.claimed import REVIEW

    if demands.policy is None:
        return REVIEW, Licences()
    policy = policy_in(demands.policy)
    return policy.stance, policy.licences or Licences()


def _proven(demands: Demands, files: "Manifest", places: "Sequence[Path]") -> "tuple[list[Hurdle], list[Giver]]":
    """Whether every file is in a contribution whose proof holds, not known to have ended; and who gave them."""
    from mcla.cli.gate_proofs import covered_by
    from mcla.tiers.bases import Giver
    from mcla.tiers.hurdle import refused

    stance, asks = _policy(demands)
    try:
        covered = covered_by(places, demands.trust, demands.withdrawals, demands.max_age)
    except MclaError as error:
        return [refused("proof", error, "unknown" if exit_code_of(error) is Exit.UNKNOWN else "no")], []
    givers = [
        Giver(each.name, said.kind, said.manifest.root, said.declarations, stance, weighs=_weighs(asks, each.name))
        for each in covered.givers_of(files)
        for said in [each.statement]
    ]
    return [covered.hurdle(files, ends_known=demands.withdrawals is not None)], givers


def _weighs(asks: "Licences", contribution: str) -> bool:
    return asks.signals == "review" and contribution not in asks.accepted


def _licences(demands: Demands, givers: "Sequence[Giver]") -> "Iterator[Hurdle]":
    """Whether the files may be asked about under the licence, by what their givers declare."""
    from mcla.licences.registry import registry
    from mcla.tiers.bases import licence_hurdles

    if demands.licence is not None:
        yield from licence_hurdles(demands.licence, givers, registry())


def _signs(demands: Demands, givers: "Sequence[Giver]", signed: "SignedDecision | None") -> list[dict[str, Any]]:
    """The signs of a lost licence, each sentence once: in the proofs, and what the service knew when it decided.

    One that is accepted under either of its names does not weigh.
    """
    from mcla.tiers.bases import signs_of

    _stance, asks = _policy(demands)
    told = signs_of(demands.licence, givers) if demands.licence is not None else []
    more = signed.signs if signed is not None else []
    several: dict[tuple[str, str], dict[str, Any]] = {}
    for each in [*told, *({**sign, "weighs": _weighs(asks, str(sign["contribution"]))} for sign in more)]:
        first = several.setdefault((each["code"], each["sentence"]), each)
        first["weighs"] = first["weighs"] and each["weighs"]
    return list(several.values())


def _places(demands: Demands, inside: "Sequence[Path]") -> "Iterator[Path]":
    from mcla.cli.target import bundle_place

    if demands.bundles:
        yield from demands.bundles
        return
    beside = bundle_place(demands.model)
    yield from [beside] if beside.is_file() else []
    yield from inside


def _feed(demands: Demands, now: datetime) -> "tuple[Feed | None, Hurdle | None]":
    from mcla.cli.feed import followed_state
    from mcla.feed.document import read_feed
    from mcla.feed.following import accept
    from mcla.tiers.hurdle import Hurdle, refused

    if demands.feed is None:
        return None, None
    try:
        feed = read_feed(read_file(demands.feed, "feed"))
        accept(feed, followed_state(demands.feed_state, demands.feed_key), now)
    except MclaError as error:
        return None, refused("feed", error, "unknown" if exit_code_of(error) is Exit.UNKNOWN else "no")
    said = f"serial {feed.serial} by {feed.issuer} counts until {feed.expires:%Y-%m-%d}"
    return feed, Hurdle("feed", "yes", "followed", said)


def _decision(
    demands: Demands, files: "Manifest", use: Any, terms: "Terms", now: datetime
) -> "tuple[SignedDecision | None, Hurdle | None]":
    """The decision that was demanded, if it holds for these files, facts and terms, and what it says."""
    from mcla.cli.check_offline import read_trust
    from mcla.tiers.decision import verify_decision
    from mcla.tiers.gate import decision_hurdle
    from mcla.tiers.hurdle import refused

    if demands.decision is None:
        return None, None
    try:
        signed = verify_decision(read_file(demands.decision, "decision"), read_trust(demands.trust))
        signed.check_for(files, use, terms, now)
    except MclaError as error:
        return None, refused("decision", error, "unknown" if exit_code_of(error) is Exit.UNKNOWN else "no")
    return signed, decision_hurdle(signed.document, signed.origin, duties_met=demands.duties_met)


def _tell(demands: Demands, found: Found, output: Output) -> Exit:
    from mcla.tiers.evaluating import DISCLAIMER
    from mcla.tiers.hurdle import worst

    word = worst(found.hurdles)
    claimed = _claimed(demands)
    if output.json:
        told = {"verdict": word, "hurdles": [each.to_dict() for each in found.hurdles], "claimed": claimed}
        asked = {"rules_asked": demands.licence is not None, "signs": list(found.signs)}
        output.document(told | asked | {"outcome": found.outcome.to_dict(), "disclaimer": DISCLAIMER})
        return EXITS[word]
    shown, colour = WORDS[word]
    output.data(f"{click.style(shown, fg=colour, bold=True)}: {plain(str(demands.model), keep='')}")
    for each in found.hurdles:
        output.data(plain(f"  {each.word:<8} {each.name:<9} {each.sentence}", keep=""))
        if each.next and each.word != "yes":
            output.data(plain(f"           Next: {each.next}", keep=""))
    output.data(plain(f"  Claimed by whoever runs this, and looked at by nobody: {', '.join(claimed)}.", keep=""))
    output.data("  Looked at here: the bytes of the files, and the proofs, terms, lists and signatures named above.")
    if demands.licence is None:
        output.data("  Not looked at: the licences of what it rests on. The terms are what you were given apart.")
    output.data(f"  {DISCLAIMER}")
    return EXITS[word]


def _claimed(demands: Demands) -> list[str]:
    """What the answer rests on that nothing here shows: the facts about the use, and that duties are met."""
    from mcla.statements.strict import parse_json

    facts = parse_json(read_file(demands.use, "facts"))
    told = [f"use.{name}" for name, each in facts.items() if each is not None and name not in ("schema", "date")]
    return [*sorted(told), *(["duties-met"] if demands.duties_met else [])]
