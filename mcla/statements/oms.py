# SPDX-License-Identifier: Apache-2.0
"""The statement of OpenSSF Model Signing (OMS, specification v1.0): a list of files and their digests, nothing else.

`oms_statement` writes it for a manifest. `parse_oms` reads what others wrote, and more strictly than the reference
implementation: the root digest binds no names, so it names nothing here; shards, whose names are ambiguous and which
lose empty files, are not read; members that the schema does not know are refused.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from mcla.artifacts.digest import DigestInvalid, check_sha256
from mcla.artifacts.manifest import MAX_BYTES, MAX_FILES, MAX_VALUES, Manifest
from mcla.artifacts.paths import PathInvalid, check_path
from mcla.errors import MclaError
from mcla.statements.canonical import canonical_json
from mcla.statements.strict import parse_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
OMS_TYPE = "https://model_signing/signature/v1.0"
MAX_NAME = 1024
MAX_IGNORED = 1000


class OmsInvalid(MclaError):
    """A statement is no OMS statement, or one that can be read in two ways."""

    code = "oms-invalid"
    hint = "Ask whoever signed the files to sign them again with an up-to-date tool; do not rely on this list of files."


class OmsUnsupported(OmsInvalid):
    """An OMS statement of a form that is not read here: shards, or digests other than SHA-256."""

    code: ClassVar[str] = "oms-unsupported"
    hint = "Ask for a signature over whole files with SHA-256, which is what `model_signing sign` makes by default."


@dataclass(frozen=True, slots=True)
class OmsFile:
    """One signed file: `path` (see `mcla.artifacts.paths`) and `sha256` (64 hex). OMS signs no sizes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OmsStatement:
    """What was signed: `name` is for people, `files` each stand once, `ignored` are paths that the signer left out."""

    name: str
    root: str
    files: tuple[OmsFile, ...]
    ignored: tuple[str, ...]

    def having(self, sha256: str) -> tuple[str, ...]:
        """The paths of the files with this content."""
        return tuple(file.path for file in self.files if file.sha256 == sha256)


def oms_statement(manifest: Manifest, name: str) -> bytes:
    """The OMS statement over every file of `manifest`, in RFC 8785 bytes; the same manifest gives the same bytes.

    Files stand in the order of the specification (section 6), which is that of the manifest. Nothing is ignored.
    """
    resources = [{"name": file.path, "algorithm": "sha256", "digest": file.sha256} for file in manifest.files]
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []}
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": oms_root(file.sha256 for file in manifest.files)}}],
            "predicateType": OMS_TYPE,
            "predicate": {"serialization": serialization, "resources": resources},
        }
    )


def oms_root(digests: Iterable[str]) -> str:
    """SHA-256 over the raw digests (64 hex each) in their order. It binds neither names nor their number."""
    return hashlib.sha256(b"".join(bytes.fromhex(digest) for digest in digests)).hexdigest()


def parse_oms(data: bytes) -> OmsStatement:
    """Read an OMS statement; raises `OmsInvalid`, `OmsUnsupported` or `JsonInvalid`."""
    value = _exact(
        parse_json(data, max_bytes=MAX_BYTES, max_values=MAX_VALUES),
        {"_type", "subject", "predicateType", "predicate"},
        "it",
    )
    if value["_type"] != STATEMENT_TYPE or value["predicateType"] != OMS_TYPE:
        raise OmsInvalid(f"expected an in-toto statement with predicateType {OMS_TYPE}")
    predicate = _exact(value["predicate"], {"serialization", "resources"}, "the predicate")
    ignored = _read_serialization(predicate["serialization"])
    name, root = _read_subject(value["subject"])
    files = _read_files(predicate["resources"], name)
    if root != oms_root(file.sha256 for file in files):
        raise OmsInvalid("expected the subject's digest to be the one over all files, got another")
    return OmsStatement(name, root, files, ignored)


def _read_subject(value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 1:
        raise OmsInvalid("expected exactly one subject, the model")
    subject = _exact(value[0], {"name", "digest"}, "the subject")
    digest = _exact(subject["digest"], {"sha256"}, "the subject's digest")
    return _text(subject["name"], "the model's name"), _sha256(digest["sha256"])


def _read_serialization(value: object) -> tuple[str, ...]:
    """How the files were hashed must be: whole, with SHA-256. Returns the ignored paths."""
    if isinstance(value, dict) and value.get("method") == "shards":
        raise OmsUnsupported("expected a signature over whole files, got one over shards")
    names = {"method", "hash_type", "allow_symlinks"}
    given = value if isinstance(value, dict) else {}
    told = _exact(value, names | ({"ignore_paths"} & set(given)), "serialization")
    if told["method"] != "files" or not isinstance(told["allow_symlinks"], bool):
        raise OmsInvalid("expected the method 'files', and true or false for allow_symlinks")
    if told["hash_type"] != "sha256":
        raise OmsUnsupported(f"expected digests in SHA-256, got {str(told['hash_type'])[:40]!a}")
    ignored = told.get("ignore_paths", [])
    if not isinstance(ignored, list) or len(ignored) > MAX_IGNORED:
        raise OmsInvalid(f"expected ignore_paths as a list of at most {MAX_IGNORED}")
    return tuple(_text(path, "an ignored path") for path in ignored)


def _read_files(value: object, model: str) -> tuple[OmsFile, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_FILES:
        raise OmsInvalid(f"expected a list of 1 to {MAX_FILES} files")
    # A model that is a single file is written as "." and named by the subject.
    alone = model if len(value) == 1 else None
    files = tuple(_read_file(item, alone) for item in value)
    paths = [file.path for file in files]
    if len(set(paths)) != len(paths):
        raise OmsInvalid("expected each file once, got one twice")
    # The specification orders whole names; version 1.1.1 of the reference orders their parts. Nothing else is known.
    if paths not in (sorted(paths), sorted(paths, key=_by_parts)):
        raise OmsInvalid("expected the files in the order of their names, got another")
    return files


def _read_file(item: object, alone: str | None) -> OmsFile:
    told = _exact(item, {"name", "algorithm", "digest"}, "a file")
    if told["algorithm"] != "sha256":
        raise OmsUnsupported(f"expected digests in SHA-256, got {str(told['algorithm'])[:40]!a}")
    name = alone if told["name"] == "." and alone is not None else told["name"]
    try:
        return OmsFile(check_path(name), _sha256(told["digest"]))
    except PathInvalid as error:
        raise OmsInvalid(f"a file's name: {error.message}") from error


def _by_parts(path: str) -> list[str]:
    return path.split("/")


def _sha256(value: object) -> str:
    try:
        return check_sha256(value)
    except DigestInvalid as error:
        raise OmsInvalid(error.message) from error


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME or not value.isprintable():
        raise OmsInvalid(f"expected {what} as a printable text of at most {MAX_NAME} characters")
    return value


def _exact(value: object, names: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise OmsInvalid(f"expected {what} as an object")
    missing, extra = sorted(names - set(value)), sorted(set(value) - names)
    if missing or extra:
        got = f"{', '.join(missing)} missing" if missing else f"also {', '.join(extra)[:100]!a}"
        raise OmsInvalid(f"expected in {what} exactly {', '.join(sorted(names))}, got {got}")
    return value
