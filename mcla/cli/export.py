# SPDX-License-Identifier: Apache-2.0
"""`mcla export`: what proven contributions say, in the forms that compliance asks for. Nothing unproven is exported."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Undecided
from mcla.cli.output import current, speaks

if TYPE_CHECKING:
    from mcla.checks.offline import Proof
    from mcla.exports.release import Release

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
FORMATS = ("cyclonedx-1.6", "cyclonedx-1.7", "ai-act")


class NotExported(Undecided):
    """A bundle is no contribution, or its proof does not hold: what it says must not be passed on as known."""

    code = "not-exported"


@click.command("export")
@click.argument("bundles", metavar="BUNDLE...", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("--name", required=True, help="The release's name.")
@click.option("--release", "version", required=True, help="The release's version.")
@click.option("--trust", type=FILE, help="The service's trusted_root.json, fetched once.")
@click.option("--withdrawals", type=FILE, help="The service's list of withdrawals: what was ended is not exported.")
@click.option("--max-age", metavar="DAYS", type=click.IntRange(0, 3650), default=7, show_default=True,
              help="How old the list of withdrawals may be.")  # fmt: skip
@speaks
def command(
    bundles: tuple[Path, ...],
    form: str,
    name: str,
    version: str,
    trust: Path | None,
    withdrawals: Path | None,
    max_age: int,
) -> None:
    """Write what proven contributions say as CycloneDX, or the AI Act's duties with what is there.

    Each BUNDLE is checked as `mcla verify` would; the list of its files is taken from beside it.
    """
    from mcla.exports.release import Given, Release

    proofs = [_proof(each, trust, withdrawals, max_age) for each in bundles]
    given = tuple(Given(each.statement, each.manifest, each.verdict.withdrawal.sentence) for each in proofs)
    document = _written(form, Release(name, version, given))
    current().data(json.dumps(document, ensure_ascii=True, indent=2))


def _written(form: str, release: "Release") -> dict[str, Any]:
    from mcla.exports import ai_act
    from mcla.exports.cyclonedx import ml_bom

    if form == "ai-act":
        return ai_act.told(ai_act.of_release(release))
    return ml_bom(release, datetime.now(UTC), "1.7" if form.endswith("1.7") else "1.6")


def _proof(place: Path, trust: Path | None, withdrawals: Path | None, max_age: int) -> "Proof":
    from mcla.cli.check_offline import proof_of, read_contribution, read_trust
    from mcla.cli.ends import Wanted, known_ends

    believed = read_trust(trust)
    found = read_contribution(place)
    if found is None:
        raise NotExported(f"{shown_path(place)} is no contribution.", why="expected a bundle that mcla sign made")
    known = known_ends(Wanted(withdrawals, max_age, in_force=withdrawals is not None), None, believed)
    proof = proof_of(found, believed, known)
    if not proof.verdict.verified:
        why = proof.verdict.reasons[0].message
        raise NotExported(f"{shown_path(place)} does not hold.", why=why, hint="mcla verify says which step failed.")
    return proof
