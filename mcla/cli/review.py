# SPDX-License-Identifier: Apache-2.0
"""What is about to be signed, in plain words, taken from the statement itself and never from the request."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from mcla.artifacts.manifest import Manifest
from mcla.cli.ceremony import Draft
from mcla.cli.counts import count_files, count_tensors
from mcla.cli.output import Output, plain
from mcla.cli.progress import size_text
from mcla.statements.statement import Contribution
from mcla.terms.compute import held_against_base
from mcla.terms.words import plain_lines

SHOWN_FILES = 12


def show(draft: Draft[Contribution], manifest: Manifest, output: Output) -> None:
    """Show signer, agreement, files and declarations, then the words of consent; all on stderr."""
    stated, agreement = draft.statement, draft.statement.agreement
    rows = [
        ("Signer", f"{draft.signer_name} ({draft.signer_account})"),
        ("Agreement", f"{agreement.slug} {agreement.version}, digest {agreement.digest[:12]}…"),
        ("Given for", _whom(stated)),
        ("Project", stated.project),
        ("Kind", stated.kind),
        ("Files", f"{count_files(len(manifest.files))}, {size_text(manifest.total_bytes)}, root {manifest.root}"),
    ]
    rows += [
        ("", f"{entry.path}  {size_text(entry.size)}  {entry.sha256[:12]}…") for entry in manifest.files[:SHOWN_FILES]
    ]
    if len(manifest.files) > SHOWN_FILES:
        rows.append(("", f"and {count_files(len(manifest.files) - SHOWN_FILES)} more: mcla hash lists them all"))
    if stated.tensors is not None:
        what = f"{count_tensors(stated.tensors.count)}, {size_text(stated.tensors.bytes)}"
        rows.append(("Tensors", f"{what}, root {stated.tensors.root}"))
    rows += [("Signed before", f"log entry {each.log_index}, with another tool") for each in stated.earlier]
    rows += _declared(stated.declarations)
    output.say("\n" + click.style("You are about to sign", bold=True))
    for label, text in rows:
        output.say(f"  {label:<12} {plain(text, keep='')}")
    if draft.not_drawn:
        output.say(f"  The PDF record has no font for {', '.join(map(plain, draft.not_drawn))}: it shows the numbers.")
    output.say("  The same key also signs the plain list of these files (OpenSSF Model Signing).")
    output.say("\n" + plain(draft.consent) + "\n")


def _whom(stated: Contribution) -> str:
    if stated.grantor is not None:
        company = stated.grantor
        return f"{company.name}, {company.registration}, {company.jurisdiction}, which you bind {company.power}"
    return "the company, under its agreement" if stated.capacity == "company" else "yourself"


def _declared(declarations: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in declarations.items():
        lines = plain_lines(value)
        yield "You declare", f"{key}: {lines[0] if lines else ''}"
        yield from (("", f"{' ' * len(key)}  {line}") for line in lines[1:])
    if compared := held_against_base(declarations):
        yield "", f"computing: {compared}"
