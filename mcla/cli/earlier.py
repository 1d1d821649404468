# SPDX-License-Identifier: Apache-2.0
"""Signatures that the signer made here before with a Sigstore tool: the contribution names them, so their time is kept.

Only what the tool wrote is read. Whose entries they are is the service's to say; that they are over these very files is
found out here, before anything is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.manifest import Manifest
from mcla.cli.failure import Failure
from mcla.cli.target import read_file
from mcla.envelope.bundle import Bundle, MessageSignature, parse_bundle
from mcla.envelope.encoding import encode_base64
from mcla.statements.oms import parse_oms
from mcla.statements.parts import EarlierRef
from mcla.verify.oms import is_oms


class EarlierDiffers(Failure):
    """A signature by another tool is over other files than those that are given."""

    code = "earlier-signature-differs"
    hint = "Name the very files that were signed, unchanged; or sign without --from-bundle."


@dataclass(frozen=True, slots=True)
class Earlier:
    """The entry of an earlier signature, and the list of files that it signs; none for a signature over one file."""

    ref: EarlierRef
    statement: bytes | None

    def to_dict(self) -> dict[str, Any]:
        statement = encode_base64(self.statement) if self.statement is not None else None
        return {"log_index": self.ref.log_index, "statement": statement}


def read_earlier(paths: Sequence[Path], manifest: Manifest) -> tuple[Earlier, ...]:
    """What these bundles hold, in the order of the log, each over files of `manifest`.

    Raises `InputUnreadable`, `EarlierDiffers`, or what `parse_bundle` and `parse_oms` raise.
    """
    found = {}
    for path in paths:
        bundle = parse_bundle(read_file(path, "bundle"))
        _refuse_others(path, bundle, {entry.sha256 for entry in manifest.files})
        entry = bundle.entry
        content = None if isinstance(bundle.content, MessageSignature) else bundle.envelope.payload
        found[entry.log_index] = Earlier(EarlierRef(sha256_hex(entry.body), entry.log_index), content)
    return tuple(one for _, one in sorted(found.items()))


def _refuse_others(path: Path, bundle: Bundle, given: set[str]) -> None:
    if isinstance(bundle.content, MessageSignature):
        lacking = [] if bundle.content.sha256 in given else [f"sha256:{bundle.content.sha256}"]
    elif not is_oms(bundle.envelope.payload):
        why = "expected a signature over a file or over a list of files (OMS), got another statement"
        raise EarlierDiffers(f"The signature in {path} is over no files.", why=why)
    else:
        lacking = [file.path for file in parse_oms(bundle.envelope.payload).files if file.sha256 not in given]
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        why = f"expected files with the digests that were signed, found none for {', '.join(lacking[:3])}{more}"
        raise EarlierDiffers(f"The signature in {path} is over other files.", why=why)
