# SPDX-License-Identifier: Apache-2.0
"""`mcla-server agreements`: what a new version would do, publishing it, and what the operator says of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.progress import progress
from app.platform.settings import load_settings

if TYPE_CHECKING:
    from app.succession.counting import Standing
    from app.succession.service import Preview

FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
FOUNDATION = click.option("--foundation", metavar="SLUG", required=True, help="The foundation that publishes it.")
ALTHOUGH = click.option(
    "--although",
    type=click.Choice(["material", "scoped"]),
    help="Declare it although the rules ask for new signatures: name the class they give.",
)


@click.group()
def agreements() -> None:
    """Preview, publish and withdraw agreement versions, and say which are compatible."""


@agreements.command()
@FOLDER
@FOUNDATION
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def preview(folder: Path, foundation: str, as_json: bool) -> None:
    """Show what publishing FOLDER would do: the words that change, the class of each change, who signs again."""
    from app.agreements.folder import read_folder
    from app.succession.schemas import preview_out

    services = _services()
    found = services.succession.preview(read_folder(folder), services.projects.foundation(foundation))
    if as_json:
        click.echo(json.dumps(preview_out(found), indent=2))
        return
    for line in _preview_lines(found):
        click.echo(line)


@agreements.command()
@FOLDER
@FOUNDATION
@click.option("--grace-days", type=click.IntRange(0, 365), default=0, show_default=True,
              help="So long signatures of earlier versions still carry what is new.")  # fmt: skip
@click.option("--reason", default="", help="Also declare it compatible with the version it replaces, for this reason.")
@ALTHOUGH
def publish(folder: Path, foundation: str, grace_days: int, reason: str, although: str | None) -> None:
    """Publish the version in FOLDER (agreements/<slug>/<version>); it can never be changed afterwards."""
    from app.agreements.folder import read_folder

    services = _services()
    with progress("Publishing", "documents") as tick:
        read = read_folder(folder, tick)
    given = {"grace_days": grace_days, "reason": reason, "although": although}
    version = services.succession.publish(read, services.projects.foundation(foundation), **given)
    click.echo(f"{version.slug} {version.version} sha256:{version.digest}")


@agreements.command()
@click.argument("slug")
@click.argument("old")
@click.argument("new")
@click.option("--reason", required=True, help="Why a signature of OLD is as good; public, so it names no person.")
@ALTHOUGH
def compatible(slug: str, old: str, new: str, reason: str, although: str | None) -> None:
    """Declare that a signature of version OLD carries on to NEW: signed, logged, and never taken back."""
    made = _services().succession.declare(slug, old, new, reason, although)
    click.echo(f"{slug} {old} carries on to {new}: {made}")


@agreements.command()
@FOLDER
@click.argument("slug")
@click.argument("version")
def translate(folder: Path, slug: str, version: str) -> None:
    """Add the translation in FOLDER (…/translations/<language>) to VERSION: it explains, the text itself prevails."""
    service = _services().agreements
    added = service.translations.add(folder, service.version(slug, version))
    click.echo(f"{slug} {version} {added.language} sha256:{added.sha256}")


@agreements.command()
@click.argument("slug")
@click.argument("version")
def withdraw(slug: str, version: str) -> None:
    """Close a version to new signatures; given signatures stand."""
    _services().agreements.withdraw(slug, version)
    click.echo(f"{slug} {version} takes no new signatures", err=True)


def _preview_lines(found: "Preview") -> list[str]:
    name = f"{found.read.slug} {found.read.version}"
    if found.replaces is None or found.comparison is None or found.standing is None or found.declared is None:
        return [f"{name} is the first version: nobody has signed before."]
    changes = [
        f"  {each.verdict.name:<10} {each.key}: {_shown(each.old)} -> {_shown(each.new)}"
        for each in found.comparison.changes
    ]
    lines = [
        f"{name} replaces {found.replaces.version}: {found.comparison.name}",
        *changes,
        "",
        *_text_lines(found),
        "",
    ]
    lines += _count_lines("By the rules", found.standing, found.counted)
    if found.needs_word:
        lines += _count_lines("If you declare it compatible", found.declared, found.counted)
    return lines


def _text_lines(found: "Preview") -> list[str]:
    lines = []
    for part in found.text:
        lines.append(f"  {part.title}")
        for paragraph in part.paragraphs:
            marks = {"same": ("", ""), "out": ("[-", "-]"), "in": ("{+", "+}")}
            runs = (f"{marks[run.kind][0]}{run.text.strip()}{marks[run.kind][1]}" for run in paragraph)
            lines.append("    " + " ".join(runs))
    return lines or ["  No word of text or schedules changes."]


def _count_lines(when: str, standing: "Standing", counted: str) -> list[str]:
    one, many = ("company", "companies, each counted once") if counted == "companies" else ("person", "people")
    lines = [
        f"{when}, of {standing.signers:,} {one if standing.signers == 1 else many}:",
        f"  {standing.covered:>9,} stay covered for what they give",
        f"  {standing.again:>9,} sign again",
        *(f"  {count:>9,}   of them gave {kind} before" for kind, count in standing.by_kind.items()),
    ]
    if standing.of_kinds:
        lines.append(
            f"  {standing.of_kinds:>9,} of those covered are asked if they give one of these kinds for the first time"
        )
    return [*lines, f"  {standing.uncovered:>9,} had to sign again before this version already"]


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "(not there)" if value is None else text[:100]


def _services() -> Any:
    from app.wiring import services_of_command  # imported late: --help must be quick

    return services_of_command(load_settings())
