# SPDX-License-Identifier: Apache-2.0
"""`mcla log`: watch a log from outside, and take proofs of single entries out of bundles and check them.

`verify` is a monitor: it remembers the last head, demands that the next extends it, and keeps both heads as evidence
if it does not. What cannot be reached is unknown (exit 3), never taken for good.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.cli.failure import Exit, Undecided, WrongUsage, code_of, exit_code_of
from mcla.cli.output import Output, current, plain, speaks
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.cli.watching import Watched
    from mcla.envelope.bundle import Bundle
    from mcla.log.proof import LogProof

NOT_ASKED = "It was not looked at whether the log's key had been retired by then. Add --trust FILE."
FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)


class ProofUnusable(Undecided):
    """A file that was given cannot be read as what it was given for."""

    code = "proof-unusable"


@click.group("log")
def command() -> None:
    """Watch a log from outside; take single proofs out of bundles and check them."""


@command.command()
@click.argument("url", metavar="URL")
@click.option("--state", "place", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="What is remembered between runs; made at the first.")  # fmt: skip
@click.option(
    "--key",
    "vkey",
    metavar="VKEY",
    help="The log's verifier key: for the first run, and when the log has changed its key.",
)
@click.option("--trust", type=FILE, help="Take the log's key from this trusted_root.json, if it counts now.")
@click.option("--all", "everything", is_flag=True, help="Read every entry and derive every tile again.")
@speaks
def verify(url: str, place: Path, vkey: str | None, trust: Path | None, everything: bool) -> None:
    """Show that a log still extends what it showed before.

    URL is a service's address or that of any log in C2SP tlog-tiles. Exit code 1 means that the log contradicts
    itself, is another one, or is damaged; the heads are then kept as evidence beside the state. Exit code 3 means that
    nothing is known: no answer, no history, or a head by a key that the trust file does not believe now.
    """
    from mcla.cli.watching import Question, watch

    output = current()
    try:
        watched = watch(Question(url, place, vkey, trust, everything), output)
    except MclaError as error:
        if exit_code_of(error) is Exit.USAGE or not output.json:
            raise
        output.document(_refusal(error))
        raise click.exceptions.Exit(exit_code_of(error)) from None
    _tell(watched, output)


@command.command()
@click.argument("bundle", type=FILE)
@click.option("-o", "--output", "place", type=click.Path(dir_okay=False, path_type=Path),
              help="Default: beside the bundle, ending in .tlog-proof.")  # fmt: skip
@speaks
def proof(bundle: Path, place: Path | None) -> None:
    """Write the log proof of a bundle as a C2SP tlog-proof, which needs nothing of Sigstore to be read."""
    from mcla.cli.writing import write_whole
    from mcla.log.proof import LogProof, format_proof

    entry = _bundle(bundle).entry
    place = place or bundle.with_name(bundle.name.removesuffix(".json").removesuffix(".sigstore") + ".tlog-proof")
    if place.exists():
        raise WrongUsage(f"{place} is already there.", why="expected a free name", hint="Choose another with -o.")
    try:
        write_whole(place, format_proof(LogProof(entry.log_index, entry.proof, entry.checkpoint)).encode())
    except OSError as error:
        raise ProofUnusable(f"{place} cannot be written.", why=error.strerror or str(error)) from error
    output = current()
    if output.json:
        output.document({"proof": str(place), "index": entry.log_index})
    else:
        output.data(str(place))


@command.command()
@click.argument("proof", type=FILE)
@click.option("--bundle", type=FILE, required=True, help="The bundle whose entry is to be found in the log.")
@click.option("--policy", type=FILE, required=True, help="Which log, and which witnesses: a C2SP tlog-policy.")
@click.option("--trust", type=FILE, help="Demand that this trusted_root.json believes the log's key for that time.")
@speaks
def check(proof: Path, bundle: Path, policy: Path, trust: Path | None) -> None:
    """Check a tlog-proof: the entry of BUNDLE is in a log of the policy, seen by its witnesses.

    A policy names a log's keys and not until when each counts; the trust file does.
    """
    from mcla.log.merkle import leaf_hash
    from mcla.log.policyfile import parse_policy
    from mcla.log.proof import parse_proof

    whole = _bundle(bundle)
    entry = whole.entry
    try:
        demanded, given = parse_policy(read_file(policy, "policy")), parse_proof(_text(proof))
    except MclaError as error:
        raise ProofUnusable("Policy or proof cannot be used.", why=error.message, hint=error.hint) from error
    accepted = given.check(leaf_hash(entry.body), demanded)
    at = _counted_then(given, whole, trust) if trust else None
    names = [one.witness.name for one in accepted.cosigned]
    said = f"entry {given.index} of {accepted.checkpoint.size} in {accepted.checkpoint.origin}, seen by "
    output = current()
    if output.json:
        told = {"index": given.index, "origin": accepted.checkpoint.origin, "size": accepted.checkpoint.size}
        output.document({"verdict": "verified", "reasons": [], **told, "seen_by": names, "key_counted": at})
    else:
        output.data(
            click.style("Verified", fg="green", bold=True) + f": {plain(said + (', '.join(names) or 'nobody'))}"
        )
        known = f"The log's key counted when this was signed, {at}." if at else NOT_ASKED
        output.data(f"  {known}")


def _counted_then(proof: "LogProof", bundle: "Bundle", place: Path) -> str:
    """When the bundle was stamped, if a key of the log that signed the proof's head counted then; raises a refusal."""
    from mcla.envelope.chain import shown
    from mcla.verify import checks
    from mcla.verify.trust import TrustedRoot

    try:
        trust = TrustedRoot.from_json(read_file(place, "trust file"))
    except MclaError as error:
        raise ProofUnusable("The trust file cannot be used.", why=error.message, hint=error.hint) from error
    at = checks.timestamp(bundle, trust).time
    checks.head_by_key_of(proof.checkpoint, trust, at)
    return shown(at)


def _bundle(path: Path) -> "Bundle":
    from mcla.envelope.bundle import parse_bundle

    try:
        return parse_bundle(read_file(path, "bundle"))
    except MclaError as error:
        raise ProofUnusable("The bundle cannot be used.", why=error.message, hint=error.hint) from error


def _text(path: Path) -> str:
    try:
        return read_file(path, "proof").decode()
    except UnicodeDecodeError as error:
        raise ProofUnusable("The proof cannot be used.", why="expected UTF-8 text, got bytes") from error


def _refusal(error: MclaError) -> dict[str, Any]:
    word = "unknown" if exit_code_of(error) is Exit.UNKNOWN else "inconsistent"
    why = f"{error.message} {getattr(error, 'why', '')}".strip()
    reason = {"code": code_of(error), "message": why, "hint": error.hint}
    evidence = getattr(error, "evidence", None)
    found = {"evidence": str(evidence) if evidence else None, "index": getattr(error, "damage", None)}
    return {"verdict": word, "reasons": [reason], **found}


def _tell(watched: "Watched", output: Output) -> None:
    if output.json:
        output.document(watched.to_dict())
        return
    word = click.style("Recorded" if watched.before is None else "Consistent", fg="green", bold=True)
    output.data(f"{word}: {plain(watched.sentence, keep='')}")
    for line in watched.remarks:
        output.data(f"  {plain(line, keep='')}")
