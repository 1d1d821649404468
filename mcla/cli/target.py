# SPDX-License-Identifier: Apache-2.0
"""What `mcla verify` was pointed at, and the files that belong to it: bundle, trust file, manifest."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from mcla.artifacts.digest import DigestInvalid, parse_digest, sha256_hex, shown_path
from mcla.artifacts.lfs import MAX_POINTER_BYTES, is_near_pointer, parse_pointer
from mcla.artifacts.manifest import Manifest
from mcla.artifacts.reading import hash_file
from mcla.artifacts.safetensors import is_safetensors
from mcla.cli.failure import InputUnreadable, Undecided, WrongUsage
from mcla.cli.output import Output
from mcla.cli.progress import shown

MAX_BUNDLE = 64 * 1024 * 1024
TRUST_NAME = "trusted_root.json"
TRUST_PATH = f"/.well-known/mcla/{TRUST_NAME}"
BUNDLE_TYPE = b"application/vnd.dev.sigstore.bundle"


class BundleMissing(Undecided):
    """There is nothing that could prove anything about the target."""

    code = "bundle-missing"


class TrustMissing(Undecided):
    """There is nothing to measure the bundle against."""

    code = "trust-missing"
    hint = f"curl -fo {TRUST_NAME} https://SERVICE{TRUST_PATH}  and then: mcla verify … --trust {TRUST_NAME}"


@dataclass(frozen=True, slots=True)
class Target:
    """What was named: a digest (64 hex), or the `path` of a file, a folder, or a bundle to be judged by itself."""

    name: str
    digest: str | None = None
    path: Path | None = None
    is_bundle: bool = False


def look(text: str, *, bundle_given: bool) -> Target:
    """Say what `text` names without hashing it; raises `WrongUsage` for what is not there."""
    if text.startswith("sha256:"):
        try:
            return Target(text, digest=parse_digest(text))
        except DigestInvalid as error:
            raise WrongUsage("The target is not a digest.", why=error.message, hint=error.hint) from error
    path, name = Path(text), shown_path(text)
    try:
        path.stat()
        # A file that has its own bundle beside it is an artifact, whatever it holds.
        alone = path.is_file() and not bundle_given and not bundle_place(path).exists()
        return Target(name, path=path, is_bundle=alone and _looks_like_bundle(path))
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        why = "expected a file, a folder or sha256: and 64 hexadecimal digits"
        raise WrongUsage(
            f"{name} does not exist.", why=why, hint="Check the path, or give the digest itself."
        ) from error
    except OSError as error:
        raise InputUnreadable(f"{name} cannot be read.", why=f"expected to read it, got: {error.strerror}") from error


def measure(target: Target, output: Output, *, git: bool, bundle: bytes | None = None) -> str | Manifest | None:
    """The digest of a file (64 hex), the manifest of a folder, or None for a bundle by itself.

    A file whose stamp names `bundle`, or with none at hand any, is measured as it was before its stamp.
    """
    if target.path is None or target.is_bundle:
        return target.digest
    bundles = None if bundle is None else {sha256_hex(bundle)}
    if target.path.is_dir():
        from mcla.artifacts.scan import manifest_of
        from mcla.cli.hashing import found_files, measured
        from mcla.cli.stamps import without_stamps

        found = found_files([target.path], output, git=git)
        return without_stamps(manifest_of(measured(found, output, cache=False)), found, bundles, output)
    if is_safetensors(target.path.name):
        from mcla.cli.stamps import stamped_file, tell

        if (stamped := stamped_file(target.path, bundles)) is not None:
            tell([target.path.name], output)
            return stamped.digest(output)
    return _digest_of(target.path, output)


def beside(target: Target) -> Path | None:
    """The bundle where `mcla sign` puts it: TARGET.sigstore.json."""
    if target.path is None:
        return None
    if target.is_bundle:
        return target.path
    place = bundle_place(target.path)
    return place if place.is_file() else None


def is_pdf(target: Target) -> bool:
    """Whether the target is a PDF, as a record is."""
    if target.path is None or not target.path.is_file():
        return False
    with target.path.open("rb") as file:
        return file.read(5) == b"%PDF-"


def bundle_place(path: Path) -> Path:
    """Where the bundle of a file or folder lies by default; `.` has a name only once resolved."""
    named = path if path.name not in ("", "..") else path.resolve()
    return named.with_name(f"{named.name}.sigstore.json")


def manifest_beside(bundle: Path | None) -> Path | None:
    """The manifest where `mcla sign` puts it: NAME.manifest.json beside NAME.sigstore.json."""
    if bundle is None:
        return None
    place = manifest_place(bundle)
    return place if place.is_file() else None


def manifest_place(bundle: Path) -> Path:
    """Where the manifest of a bundle lies by default."""
    return bundle.with_name(bundle.name.removesuffix(".json").removesuffix(".sigstore") + ".manifest.json")


def trust_place(given: Path | None) -> Path:
    """The trust file named by --trust, or the one kept in the user's configuration; raises `TrustMissing`.

    Never one that merely lies in the current folder: a checkout must not bring its own trust.
    """
    if given is not None:
        return given
    kept = default_trust()
    if kept.is_file():
        return kept
    raise TrustMissing("There is no trust file.", why=f"expected --trust FILE or {kept}, got neither")


def default_trust() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "mcla" / TRUST_NAME


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a small file; raises `InputUnreadable` when they cannot be had or are too many."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BUNDLE + 1)
    except OSError as error:
        why = f"expected to read it, got: {error.strerror or error}"
        raise InputUnreadable(f"The {what} {shown_path(path)} cannot be read.", why=why) from error
    if len(data) > MAX_BUNDLE:
        raise InputUnreadable(
            f"The {what} {shown_path(path)} is too large.", why=f"expected at most {MAX_BUNDLE} bytes"
        )
    return data


def _digest_of(path: Path, output: Output) -> str:
    size = path.stat().st_size
    small = read_file(path, "file") if size <= MAX_POINTER_BYTES else b""
    if pointer := parse_pointer(small):
        output.say(
            f"{shown_path(path)} is a Git LFS pointer and counts as the file it stands for; those bytes were not read."
        )
        return pointer.sha256
    if is_near_pointer(small):
        from mcla.cli.hashing import tell_near_pointers

        tell_near_pointers([shown_path(path)], output)
    with shown("Hashing", size, output) as advance:
        return hash_file(path, advance)[0]


def _looks_like_bundle(path: Path) -> bool:
    """Whether the file says of itself that it is a Sigstore bundle; large files are never read for this."""
    if not 0 < path.stat().st_size <= MAX_BUNDLE:
        return False
    with path.open("rb") as file:
        if file.read(1) != b"{":
            return False
        text = b"{" + file.read(MAX_BUNDLE)
    if BUNDLE_TYPE not in text:
        return False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Cut or broken, but meant as a bundle: the verifier then says what is wrong with it.
        return True
    return isinstance(value, dict) and str(value.get("mediaType", "")).encode().startswith(BUNDLE_TYPE)
