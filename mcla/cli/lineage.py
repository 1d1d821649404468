# SPDX-License-Identifier: Apache-2.0
"""`mcla lineage`: what rests on what, as files and bundles claim it, with everything that does not fit together.

Nothing is verified here: a bundle's claims are told as its signer's. Exit code 1 where claims contradict each other or
go round.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcla.cli.cards import claims
from mcla.cli.failure import Exit, WrongUsage
from mcla.cli.finding import Refused
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import read_file

if TYPE_CHECKING:
    from mcla.licences.lineage import Edge, Label, Lineage


FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


@click.command("lineage")
@click.argument("files", metavar="[FILE.json|BUNDLE]...", nargs=-1, type=FILE)
@click.option("--card", "cards", metavar="NAME FILE", type=(str, FILE), multiple=True,
              help="A model card, under the name of what it describes (org/name@rev).")  # fmt: skip
@click.option("--from", "base", metavar="NODE", help="Only what came from this artifact (sha256:HEX or org/name@rev).")
@click.option("--of", "artifact", metavar="NODE", help="Only what this artifact rests on.")
@speaks
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    cards: tuple[tuple[str, Path], ...],
    base: str | None,
    artifact: str | None,
) -> None:
    """Draw what an artifact rests on, from claims in files and bundles.

    FILE.json has edges, each with artifact, base, relation and as far as known licence, licence_sha256, retrieved and
    by; and labels, each with artifact, licence, by and also (other names of the same bytes). A bundle's declarations
    are read as its signer's claims, which mcla verify checks. Exit code 0: the claims fit together. 1: some contradict
    each other or go round.
    """
    graph = _graph(files, cards)
    output = current()
    if base or artifact:
        _tell_walk(graph, output, base, artifact)
    elif output.json:
        from mcla.licences.lineage_telling import to_dict

        output.document(to_dict(graph))
    else:
        _tell(graph, output)
    context.exit(Exit.NO if graph.cycles or graph.contradictions else Exit.YES)


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
    except (JsonInvalid, LineageInvalid) as error:
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
    root = f"sha256:{statement.root}"
    edges, labels = claims_of_declarations(root, statement.declarations, statement.signer)
    files = tuple(f"sha256:{subject.sha256}" for subject in statement.subjects[1:])
    return edges, [*labels, Label(root, None, statement.signer, files)]


def _tell(graph: "Lineage", output: Output) -> None:
    from mcla.licences.lineage_telling import concerned, faults, tree

    for line in tree(graph):
        output.data(plain(line, keep=""))
    for sentence in (*faults(graph), *concerned(graph)):
        output.data(click.style("Note: ", bold=True) + plain(sentence, keep=""))


def _tell_walk(graph: "Lineage", output: Output, base: str | None, artifact: str | None) -> None:
    walk = graph.downstream(base) if base else graph.upstream(artifact or "")
    if output.json:
        nodes = [{"id": node, "steps": steps, "licences": _licences(graph, node)} for node, steps in walk.nodes]
        output.document({"nodes": nodes, "whole": walk.whole})
        return
    for node, steps in walk.nodes:
        licences = ", ".join(_licences(graph, node)) or "no licence told"
        output.data(plain(f"{steps:>3}  {node}: {licences}", keep=""))
    if not walk.nodes:
        output.data("Nothing is known to come from it." if base else "It is not known to rest on anything.")
    if not walk.whole:
        output.say("There is more than is walked.")


def _licences(graph: "Lineage", node: str) -> list[str]:
    return list(dict.fromkeys(licence for licence, _ in graph.licences_of(node)))
