# SPDX-License-Identifier: Apache-2.0
"""The proof that a signing leaves behind: verified on this computer before anybody says "signed", then stored whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mcla.artifacts.manifest import Manifest
from mcla.cli.ceremony import Draft
from mcla.cli.failure import Failure, Undecided, WrongUsage
from mcla.cli.output import Output, plain
from mcla.cli.service import Service
from mcla.cli.target import TRUST_PATH, bundle_place, manifest_place
from mcla.cli.writing import write_whole
from mcla.statements.statement import MAX_FILE_SUBJECTS


class NotWritten(Undecided):
    """The signature is recorded, but its bundle could not be stored here."""

    code = "bundle-not-written"


class ProofUnsound(Failure):
    """The service recorded something that does not verify against its own trusted root."""

    code = "proof-unsound"
    hint = "Do not rely on this signature. Tell the operator of the service, with the id above."


@dataclass(frozen=True, slots=True)
class Places:
    """Where the proof goes."""

    bundle: Path
    manifest: Path


def places_for(paths: Sequence[Path], target: Path | None, *, overwrite: bool) -> Places:
    """The places of bundle and manifest; raises `WrongUsage` before any work if they cannot be used."""
    if target is None:
        target = bundle_place(paths[0]) if len(paths) == 1 else Path("contribution.sigstore.json")
    places = Places(target, manifest_place(target))
    for place in (places.bundle, places.manifest):
        if place.exists() and not overwrite:
            raise WrongUsage(
                f"{place} is already there.",
                why="expected a free name for the proof",
                hint="Choose another with -o, or add --overwrite.",
            )
    if not target.resolve().parent.is_dir():
        raise WrongUsage(
            f"{target.parent} is not a folder.",
            why="expected a folder for the bundle",
            hint=f"mkdir -p {target.parent}",
        )
    return places


def confirm(done: dict[str, Any], manifest: Manifest | None, service: Service, draft: Draft[Any]) -> bytes:
    """Verify the bundle (over `manifest`) as `mcla verify` would and return its text; raises `ProofUnsound`."""
    from mcla.envelope.bundle import parse_bundle
    from mcla.verify.trust import TrustedRoot
    from mcla.verify.verifier import verify_artifact, verify_bundle

    text = json.dumps(done["bundle"], separators=(",", ":"), sort_keys=True).encode() + b"\n"
    trust = TrustedRoot.from_json(service.get_bytes(TRUST_PATH))
    bundle, expected = parse_bundle(text), {"identity": draft.statement.signer, "issuer": service.origin}
    verdict = (
        verify_artifact(manifest, bundle, trust, **expected) if manifest else verify_bundle(bundle, trust, **expected)
    )
    if not verdict.sound:
        why = "; ".join(reason.message for reason in verdict.reasons)
        raise ProofUnsound(f"The proof of {plain(str(done.get('id')))} does not verify.", why=why)
    return text


def keep(text: bytes, done: dict[str, Any], manifest: Manifest, places: Places, output: Output) -> None:
    """Store and report a completed signing whose bundle `confirm` gave as `text`; raises `NotWritten`."""
    many = len(manifest.files) > MAX_FILE_SUBJECTS
    store(text, done, places.bundle)
    if many:
        store(manifest.to_bytes(), done, places.manifest)
    kept = {"bundle": str(places.bundle), "manifest": str(places.manifest) if many else None}
    _report(done, manifest, kept, output)


def store(data: bytes, done: dict[str, Any], place: Path) -> None:
    """Write a file of a recorded proof whole; raises `NotWritten` with the address to fetch it from."""
    try:
        write_whole(place, data)
    except OSError as error:
        hint = f"It is recorded: fetch it with  curl -o {place.name} {done.get('bundle_url', '')}"
        raise NotWritten(
            "The proof could not be written.", why=f"expected to write {place}, got: {error}", hint=hint
        ) from error


def _report(done: dict[str, Any], manifest: Manifest, kept: dict[str, str | None], output: Output) -> None:
    facts = {name: done.get(name) for name in ("id", "url", "bundle_url", "record_url", "log_index")}
    if output.json:
        output.document({"signed": True, "root": manifest.root, **facts, **kept})
        return
    output.data(click.style("Signed", fg="green", bold=True) + f" and verified here: {kept['bundle']}")
    for label, text in (
        ("Manifest", kept["manifest"]),
        ("Page", facts["url"]),
        ("Record", facts["record_url"]),
        ("Log index", facts["log_index"]),
    ):
        if text is not None:
            output.data(f"  {label:<10} {plain(str(text), keep='')}")
