# SPDX-License-Identifier: Apache-2.0
"""`mcla lineage`: what rests on what, as files and bundles claim it, with everything that does not fit together.

A bundle's claims are told as its signer's; only where withdrawals are asked about is it verified. Exit code 1 where
claims contradict each other or go round, something was withdrawn, or the rules deny a licence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.cards import claims
from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.finding import Refused
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.cli.lineage_ends import Ends
    from mcla.licences.lineage import Edge, Label, Lineage
    from mcla.licences.lineage_judging import Ruled


HAND_WRITTEN = (
    "Write the claims as plain JSON, each name once in an object; a bundle is used exactly as the service gave it. "
    "Give very many claims in several files."
)
FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    files: tuple[Path, ...]
    cards: tuple[tuple[str, Path], ...]
    base: str | None
    artifact: str | None
    policy: Path | None
    withdrawals: Path | None
    max_age: int
    url: str | None
    trust: Path | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The graph, and what was asked about it beside: what the rules say, and what was taken back."""

    graph: "Lineage"
    ruled: "Sequence[Ruled] | None"
    ends: "Ends | None"

    @property
    def exit(self) -> Exit:
        from mcla.licences.verdict import Verdict

        verdicts = [each.verdict for each in self.ruled or ()]
        wrong = self.graph.cycles or self.graph.contradictions or Verdict.DENIED in verdicts
        if wrong or (self.ends and self.ends.withdrawn):
            return Exit.NO
        open_ = Verdict.NEEDS_REVIEW in verdicts or (self.ends and self.ends.unclear)
        return Exit.UNKNOWN if open_ else Exit.YES


@click.command("lineage")
@click.argument("files", metavar="[FILE.json|BUNDLE]...", nargs=-1, type=FILE)
@click.option("--card", "cards", metavar="NAME FILE", type=(str, FILE), multiple=True,
              help="A model card, under the name of what it describes (org/name@rev).")  # fmt: skip
@click.option("--from", "base", metavar="NODE", help="Only what came from this artifact (sha256:HEX or org/name@rev).")
@click.option("--of", "artifact", metavar="NODE", help="Only what this artifact rests on.")
@click.option("--policy", type=FILE, help="Hold each licence against its bases, debated points by this .mcla.toml.")
@click.option("--withdrawals", type=FILE, help="The service's list of withdrawals: what rests on what was taken back.")
@click.option("--max-age", type=click.IntRange(min=0), default=7, metavar="DAYS", show_default=True,
              help="How old the list of withdrawals may be.")  # fmt: skip
@click.option("--service", "url", metavar="URL", help="Fetch the list of withdrawals now; nothing else is asked for.")
@click.option("--trust", type=FILE, help="With a list: the service's trusted_root.json, fetched once.")
@speaks
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Draw what an artifact rests on, from claims in files and bundles.

    FILE.json has edges, each with artifact, base, relation and as far as known licence, licence_sha256, retrieved and
    by; and labels, each with artifact, licence, by and also (other names of the same bytes). A bundle's declarations
    are read as its signer's claims, which mcla verify checks. Exit code 0: the claims fit together. 1: some contradict
    each other or go round, something was withdrawn, or the rules deny. 3: a person has to look, or an end is not known.
    """
    asked, output = Asked(**options), current()
    drawn = _drawn(asked)
    if asked.base or asked.artifact:
        _tell_walk(drawn, output, asked.base, asked.artifact)
    elif output.json:
        output.document(_document(drawn))
    else:
        _tell(drawn, output)
    context.exit(drawn.exit)


def _drawn(asked: Asked) -> Drawn:
    from mcla.licences.lineage_judging import ruled

    graph = _graph(asked.files, asked.cards)
    told = None
    if asked.policy is not None:
        from mcla.cli.stance import stance_in

        told = list(ruled(graph, stance_in(asked.policy)))
    if asked.withdrawals is None and asked.url is None:
        return Drawn(graph, told, None)
    from mcla.cli.ends import Wanted
    from mcla.cli.lineage_ends import ends_of

    wanted = Wanted(asked.withdrawals, asked.max_age, in_force=False)
    return Drawn(graph, told, ends_of(graph, asked.files, wanted, asked.url, asked.trust))


def _document(drawn: Drawn) -> dict[str, Any]:
    from mcla.licences.lineage_telling import to_dict
    from mcla.licences.verdict import NOTICE

    document = to_dict(drawn.graph)
    if drawn.ruled is not None:
        document |= {"verdicts": [each.to_dict() for each in drawn.ruled], "notice": NOTICE}
    return document | ({"withdrawals": drawn.ends.to_dict(drawn.graph)} if drawn.ends else {})


def _graph(files: tuple[Path, ...], cards: tuple[tuple[str, Path], ...]) -> "Lineage":
    from mcla.artifacts.jsontext import JsonInvalid, parse_json
    from mcla.licences.lineage_file import LineageInvalid, lineage, read_lineage

    if not files and not cards:
        raise WrongUsage("Nothing to draw was given.", why="expected files of claims, bundles or cards, got none",
                         hint="mcla lineage CLAIMS.json  or  mcla lineage --card NAME README.md")  # fmt: skip
    edges, labels = claims(cards)
    try:
        for path in files:
            data = read_file(path, "file of claims")
            value = parse_json(data)
            more = _of_bundle(data) if isinstance(value, dict) and "mediaType" in value else read_lineage(value)
            edges += more[0]
            labels += more[1]
        return lineage(edges, labels)
    except JsonInvalid as error:
        raise Refused(JsonInvalid(error.message, hint=HAND_WRITTEN), Exit.USAGE) from None
    except LineageInvalid as error:
        raise Refused(error, Exit.USAGE) from None


def _of_bundle(data: bytes) -> "tuple[list[Edge], list[Label]]":
    """The claims of a contribution; any other statement claims nothing about lineage."""
    from mcla.envelope.bundle import parse_bundle
    from mcla.licences.lineage import Label
    from mcla.licences.lineage_file import claims_of_declarations
    from mcla.statements.contribution import Contribution
    from mcla.statements.statement import parse_statement

    statement = parse_statement(parse_bundle(data).envelope.payload)
    if not isinstance(statement, Contribution):
        return [], []
    root, said = f"sha256:{statement.root}", statement.declarations
    edges, labels = claims_of_declarations(root, said, statement.signer)
    files = tuple(f"sha256:{subject.sha256}" for subject in statement.subjects[1:])
    outbound, title = (said.get(name) if isinstance(said.get(name), str) else None for name in ("outbound", "title"))
    return edges, [*labels, Label(root, outbound or None, statement.signer, files, title=title or "")]


def _tell(drawn: Drawn, output: Output) -> None:
    from mcla.licences.lineage_telling import concerned, faults_in_few_words, few, tree

    for line in tree(drawn.graph):
        output.data(plain(line, keep=""))
    for sentence in (*faults_in_few_words(drawn.graph), *few(concerned(drawn.graph)), *_beside(drawn)):
        output.data(click.style("Note: ", bold=True) + plain(sentence, keep=""))
    if drawn.ruled is not None:
        from mcla.licences.verdict import NOTICE

        output.data(NOTICE)


def _beside(drawn: Drawn) -> Iterator[str]:
    """What the rules say, and what was taken back with everything that rests on it."""
    from mcla.licences.lineage_telling import few, short

    yield from few([*map(_ruling, sorted(drawn.ruled or (), key=lambda each: -each.verdict))])
    if drawn.ends is None:
        return
    from mcla.cli.lineage_ends import why as unclear

    for node, proof in drawn.ends.withdrawn.items():
        yield f"Withdrawn: {short(node)}. {proof.verdict.withdrawal.sentence}"
    walk = drawn.ends.below(drawn.graph)
    for node, steps in walk.nodes:
        yield f"Rests on what was withdrawn, {steps} step{'' if steps == 1 else 's'} away: {short(node)}"
    if not walk.whole:
        yield "More rests on it than is walked."
    for proof in drawn.ends.unclear:
        yield f"Not known whether {proof.name} is in force: {unclear(proof)}"


def _ruling(each: "Ruled") -> str:
    from mcla.licences.lineage_telling import short

    why = f": {' '.join(each.sentences)}" if each.sentences else ""
    return f"{each.verdict.word}: {short(each.artifact)} under {each.licence}{why}"


def _tell_walk(drawn: Drawn, output: Output, base: str | None, artifact: str | None) -> None:
    graph, withdrawn = drawn.graph, drawn.ends.withdrawn if drawn.ends else {}
    walk = graph.downstream(base) if base else graph.upstream(artifact or "")
    if output.json:
        nodes = [{"id": node, "steps": steps, "licences": _licences(graph, node)} for node, steps in walk.nodes]
        nodes = [each | ({"withdrawn": each["id"] in withdrawn} if drawn.ends else {}) for each in nodes]
        output.document({"nodes": nodes, "whole": walk.whole})
        return
    for node, steps in walk.nodes:
        licences = ", ".join(_licences(graph, node)) or "no licence told"
        output.data(plain(f"{steps:>3}  {node}: {licences}{' (withdrawn)' if node in withdrawn else ''}", keep=""))
    if not walk.nodes:
        output.data("Nothing is known to come from it." if base else "It is not known to rest on anything.")
    if not walk.whole:
        output.say("There is more than is walked.")


def _licences(graph: "Lineage", node: str) -> list[str]:
    return list(dict.fromkeys(licence for licence, _ in graph.licences_of(node)))
