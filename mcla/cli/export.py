# SPDX-License-Identifier: Apache-2.0
"""`mcla export`: what proven contributions say, in the forms that compliance asks for. Nothing unproven is exported."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcla.artifacts.digest import shown_path
from mcla.cli.failure import Exit, Undecided, WrongUsage
from mcla.cli.finding import Refused
from mcla.cli.harbour import vouched as vouched_for
from mcla.cli.output import current, plain, speaks

if TYPE_CHECKING:
    from mcla.checks.offline import Proof
    from mcla.exports.card_of_release import CardOfRelease
    from mcla.exports.release import Release
    from mcla.exports.safe_harbour_duties import Vouched

FILE = click.Path(exists=True, readable=False, dir_okay=False, path_type=Path)
FOR_MACHINES = ("cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1", "ai-act")
FOR_PEOPLE = ("safe-harbour", "eu-training-content", "model-card")


class NotExported(Undecided):
    """A bundle is no contribution, or its proof does not hold: what it says must not be passed on as known."""

    code = "not-exported"


@click.command("export")
@click.argument("bundles", metavar="BUNDLE...", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice([*FOR_MACHINES, *FOR_PEOPLE]), required=True, help="What to write.")
@click.option("--name", required=True, help="The release's name.")
@click.option("--release", "version", required=True, help="The release's version.")
@click.option("--trust", type=FILE, help="The service's trusted_root.json, fetched once.")
@click.option("--withdrawals", type=FILE, help="The service's list of withdrawals: what was ended is not exported.")
@click.option("--max-age", metavar="DAYS", type=click.IntRange(0, 3650), default=7, show_default=True,
              help="How old the list of withdrawals may be.")  # fmt: skip
@click.option("--certification", type=FILE, help="With safe-harbour: what somebody vouches for.")
@click.option("--key", type=FILE, help="Its issuer's public key (PEM, or base64 of it), got on another way.")
@speaks
def command(
    bundles: tuple[Path, ...],
    form: str,
    name: str,
    version: str,
    trust: Path | None,
    withdrawals: Path | None,
    max_age: int,
    certification: Path | None,
    key: Path | None,
) -> None:
    """Write what proven contributions say of a release, in a form that others ask for.

    cyclonedx and spdx are bills of materials; ai-act lists the duties for general-purpose models. Those are JSON.
    safe-harbour lists the evidence for the AI Act's open-source exemption, eu-training-content the fields of the
    Commission's template, both as Markdown; model-card is the YAML on top of a model card. With --json, they are JSON.

    Each BUNDLE is checked as `mcla verify` would; the list of its files is taken from beside it.
    """
    from mcla.exports.release import Given, Release

    vouched = _vouched(form, certification, key)
    proofs = [_proof(each, trust, withdrawals, max_age) for each in bundles]
    given = tuple(Given(each.statement, each.manifest, each.verdict.withdrawal.sentence) for each in proofs)
    release = Release(name, version, given)
    output = current()
    if form in FOR_PEOPLE and not output.json:
        _tell(form, release, vouched)
    else:
        output.data(json.dumps(_document(form, release, vouched), ensure_ascii=True, indent=2))


def _tell(form: str, release: "Release", vouched: "Sequence[Vouched]") -> None:
    """The file for people, and beside it what is missing."""
    from mcla.exports import text

    if form != "model-card":
        written = text.harbour_text(release, vouched) if form == "safe-harbour" else text.content_text(release)
        current().data(plain(written))
        return
    made = _card(release)
    current().data(made.card.to_text().rstrip("\n"))
    for key, why in made.missing:
        current().say(plain(f"Not in the card: {key}: {why}", keep=""))


def _document(form: str, release: "Release", vouched: "Sequence[Vouched]") -> dict[str, Any]:
    from mcla.exports import ai_act, safe_harbour, spdx, training_content
    from mcla.exports.cyclonedx import ml_bom

    match form:
        case "ai-act":
            return ai_act.told(ai_act.of_release(release))
        case "safe-harbour":
            return safe_harbour.told(release, vouched)
        case "eu-training-content":
            return training_content.told(release)
        case "model-card":
            return _card(release).to_dict()
        case "spdx-3.0.1":
            return spdx.document(release, datetime.now(UTC))
        case _:
            return ml_bom(release, datetime.now(UTC), "1.7" if form.endswith("1.7") else "1.6")


def _vouched(form: str, certification: Path | None, key: Path | None) -> "Sequence[Vouched]":
    if certification is None and key is None:
        return ()
    if certification is None or key is None or form != "safe-harbour":
        raise WrongUsage("A certification goes into the file of evidence, checked by its issuer's key.",
                         why="expected --certification and --key, with --format safe-harbour")  # fmt: skip
    return (vouched_for(certification, key),)


def _card(release: "Release") -> "CardOfRelease":
    from mcla.exports.card_of_release import NoModel, card_of

    try:
        return card_of(release)
    except NoModel as error:
        raise Refused(error, Exit.USAGE) from None


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
