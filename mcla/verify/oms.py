# SPDX-License-Identifier: Apache-2.0
"""What a verdict says of an OpenSSF Model Signing (OMS) list: whose it is and which files, and what it does not say.

Stricter than the reference implementation: no file is passed over because the list says so, `.git` included, and
nothing is looked up by the list's root digest, which binds no names.
"""

from typing import Any, ClassVar

from mcla.artifacts.digest import PREFIX, check_sha256
from mcla.artifacts.jsontext import parse_json
from mcla.artifacts.manifest import MAX_BYTES, MAX_VALUES, Manifest
from mcla.errors import MclaError
from mcla.statements.oms import OMS_TYPE, OmsStatement, parse_oms
from mcla.verify.artifact import ArtifactMismatch, told_differences
from mcla.verify.verdict import Reason

_SHOWN = 5
NO_CONTRIBUTION = Reason(
    "oms-is-no-contribution",
    "A list of files in the form of OpenSSF Model Signing names no agreement, project or declaration: it proves who "
    "signed these files and when, not that they were given under an agreement.",
)


class FilesNotSigned(ArtifactMismatch):
    """A folder holds files that the list does not name."""

    code: ClassVar[str] = "oms-files-not-signed"
    hint = "Check a copy of the folder without these files; what was not signed is never passed over."


def is_oms(payload: bytes) -> bool:
    """Whether the payload says of itself that it is an OMS statement; costs a search for every other one."""
    if OMS_TYPE.encode() not in payload:
        return False
    try:
        value = parse_json(payload, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    except MclaError:
        return False
    return isinstance(value, dict) and value.get("predicateType") == OMS_TYPE


def read_oms(payload: bytes) -> OmsStatement | None:
    """The OMS statement in a payload, None for any other kind; raises `OmsInvalid`."""
    return parse_oms(payload) if is_oms(payload) else None


def check_oms(target: str | Manifest, statement: OmsStatement, bundle_sha256: str | None) -> str:
    """Return where `target` (64 hex digits, `sha256:` and them, or a manifest) stands in the list.

    A folder must hold exactly the signed files, and perhaps the bundle itself. Raises `ArtifactMismatch`.
    """
    if isinstance(target, Manifest):
        return _check_folder(target, statement, bundle_sha256)
    digest = check_sha256(target.removeprefix(PREFIX))
    if found := statement.having(digest):
        return ", ".join(found[:_SHOWN])
    if digest == statement.root:
        raise ArtifactMismatch(
            "expected a file or a folder, got the root digest of an OMS list, which binds no names",
            hint="Check the folder itself, or the digest of one of its files.",
        )
    raise ArtifactMismatch(f"expected one of the {len(statement.files)} files of this list, got sha256:{digest}")


def said_of(statement: OmsStatement) -> dict[str, Any]:
    """The list in a verdict, without its files."""
    return {
        "type": "oms",
        "predicate_type": OMS_TYPE,
        "name": statement.name,
        "root": statement.root,
        "files": len(statement.files),
        "ignored": list(statement.ignored),
    }


def reasons_of(statement: OmsStatement, signer: str, at: str) -> tuple[Reason, ...]:
    """Why the proof of a list holds, and what it leaves open."""
    count = f"{len(statement.files)} {'file' if len(statement.files) == 1 else 'files'}"
    first = Reason("signed-oms", f"{signer} signed a list of {count} on {at}; every step of the proof holds.")
    if not statement.ignored:
        return (first, NO_CONTRIBUTION)
    left = ", ".join(statement.ignored[:_SHOWN]) + (", …" if len(statement.ignored) > _SHOWN else "")
    ignored = Reason("oms-ignores-paths", f"The signer left out {left}: what lies there was not signed.")
    return (first, NO_CONTRIBUTION, ignored)


def _check_folder(target: Manifest, statement: OmsStatement, bundle_sha256: str | None) -> str:
    if len(target.files) == 1 and (found := statement.having(target.files[0].sha256)):
        return ", ".join(found[:_SHOWN])  # one file, whatever it is called here
    signed = {file.path: file.sha256 for file in statement.files}
    given = {entry.path: entry.sha256 for entry in target.files}
    given = {path: digest for path, digest in given.items() if path in signed or digest != bundle_sha256}
    if given != signed:
        what = FilesNotSigned if signed.items() <= given.items() else ArtifactMismatch
        raise what(f"expected exactly the signed files, got others{told_differences(signed, given)}")
    return f"all {len(signed)} files of the list"
