# SPDX-License-Identifier: Apache-2.0
"""Does a statement speak of this file, folder or digest?

The manifest root is always a subject. Single files are subjects up to 512; beyond that a file is found through the
manifest kept beside the statement, which counts only if its root is the signed one. Without it the answer is unknown.
"""

from collections.abc import Mapping
from typing import ClassVar

from mcla.artifacts.digest import PREFIX, check_sha256
from mcla.artifacts.manifest import Manifest
from mcla.statements.parts import ManifestRef
from mcla.statements.statement import AnyStatement, Contribution, OfferAnswer, Withdrawal, manifest_subjects
from mcla.verify.checks import Refused

Target = str | Manifest
_SHOWN = 5


class ArtifactMismatch(Refused):
    """The statement speaks of other bytes."""

    code = "artifact-not-in-bundle"
    hint = "Check that file and bundle belong together and that the file is unchanged: `mcla hash` prints its digest."


class OnlyEnded(Refused):
    """The statement ends an acceptance or contribution; it gives nothing."""

    code = "withdrawal-covers-nothing"
    hint = "Verify the bundle of the contribution itself, and give the list of withdrawals with --withdrawals."


class OnlyAnswer(Refused):
    """The statement answers an offer; the files stand in the offer."""

    code = "offer-answer-covers-nothing"
    hint = "Verify the bundle of the offer itself, and give this one with --counter-signature."


class ManifestMismatch(Refused):
    """The manifest is not the one the statement was made for."""

    code = "manifest-mismatch"
    hint = "Download the manifest of this very contribution from the service."


class ManifestNeeded(Refused):
    """Only the manifest can tell; a verdict of unknown."""

    code: ClassVar[str] = "manifest-needed"
    hint = "Download the manifest of the contribution from the service and give it beside the bundle."


def check_manifest(statement: AnyStatement, manifest: Manifest) -> str:
    """The manifest beside the statement is the signed one; raises `ManifestMismatch`, `OnlyEnded`, `OnlyAnswer`."""
    _refuse_giving_nothing(statement)
    if manifest.root != statement.root:
        raise ManifestMismatch(f"expected a manifest with the root {statement.root}, got {manifest.root}")
    if statement.subjects != manifest_subjects(manifest):
        raise ManifestMismatch("expected the files of the manifest as subjects of the statement, got others")
    if isinstance(statement, Contribution) and statement.manifest != ManifestRef.of(manifest):
        raise ManifestMismatch("expected the number of files and bytes of the manifest in the statement, got others")
    return f"root {manifest.root}, {len(manifest.files)} files"


def check_artifact(target: Target, statement: AnyStatement, manifest: Manifest | None) -> str:
    """Return where `target` (64 hex digits, `sha256:` and them, or a manifest) stands in the statement.

    Raises `ArtifactMismatch`, `ManifestMismatch`, `ManifestNeeded`, `OnlyEnded` or `OnlyAnswer`.
    """
    _refuse_giving_nothing(statement)
    if isinstance(target, Manifest):
        return _check_files(target, statement, manifest)
    digest = check_sha256(target.removeprefix(PREFIX))
    found = [subject.name for subject in statement.subjects if subject.sha256 == digest]
    if not found and manifest is not None:
        check_manifest(statement, manifest)
        found = [entry.path for entry in manifest.having(digest)]
    if found:
        return ", ".join(found[:_SHOWN])
    if manifest is None and _lists_no_files(statement):
        raise ManifestNeeded(
            f"the statement holds {_count(statement)} files by their manifest only, which was not given"
        )
    raise ArtifactMismatch(f"expected an artifact of this statement ({_named(statement)}), got sha256:{digest}")


def _refuse_giving_nothing(statement: AnyStatement) -> None:
    # Both name the root of what they are about, which must not be taken for giving it.
    if isinstance(statement, Withdrawal):
        raise OnlyEnded("expected the statement of a contribution, got one that ends it")
    if isinstance(statement, OfferAnswer):
        raise OnlyAnswer("expected the statement of an offer, got one that answers it")


def _check_files(target: Manifest, statement: AnyStatement, manifest: Manifest | None) -> str:
    if target.root == statement.root:
        return check_manifest(statement, target)
    if len(target.files) == 1:  # one file, whatever it is called here
        return check_artifact(target.files[0].sha256, statement, manifest)
    raise ArtifactMismatch(
        f"expected the manifest root {statement.root}, got {target.root}{_differences(target, statement)}"
    )


def _differences(target: Manifest, statement: AnyStatement) -> str:
    if _lists_no_files(statement):
        return ""
    signed = {subject.name: subject.sha256 for subject in statement.subjects[1:]}
    return told_differences(signed, {entry.path: entry.sha256 for entry in target.files})


def told_differences(signed: Mapping[str, str], given: Mapping[str, str]) -> str:
    """What differs between digests by path, for the end of a sentence; empty if nothing does."""
    parts = {
        "changed": sorted(path for path in signed.keys() & given.keys() if signed[path] != given[path]),
        "missing": sorted(signed.keys() - given.keys()),
        "not signed": sorted(given.keys() - signed.keys()),
    }
    told = [f"{what}: {', '.join(paths[:_SHOWN])}{_more(len(paths))}" for what, paths in parts.items() if paths]
    return f" ({'; '.join(told)})" if told else ""


def _more(count: int) -> str:
    return f" and {count - _SHOWN} more" if count > _SHOWN else ""


def _lists_no_files(statement: AnyStatement) -> bool:
    return len(statement.subjects) == 1


def _count(statement: AnyStatement) -> str:
    return str(statement.manifest.files) if isinstance(statement, Contribution) else "its"


def _named(statement: AnyStatement) -> str:
    names = [f"{subject.name} sha256:{subject.sha256}" for subject in statement.subjects[1:][:2]]
    return ", ".join(names) + (", ..." if len(statement.subjects) > 3 else "") or f"root sha256:{statement.root}"
