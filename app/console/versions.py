# SPDX-License-Identifier: Apache-2.0
"""A version on its way from files in a browser to a publication: read, carried from page to page, and checked again.

The pages carry the exact documents between them and nothing is kept in between; what is published is read anew, and
has to have the digest that the preview showed.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from app.agreements.errors import AgreementFolderInvalid
from app.agreements.folder import MAX_FILE, POSSIBLE, VersionFolder, check_documents
from mcla.errors import MclaError
from mcla.terms import parse_terms
from mcla.wording import Worded

BY_NAME = {PurePath(path).name: path for path in POSSIBLE}
"""File name -> its place in the folder: no two documents of a version share a name."""


class CarriedInvalid(MclaError):
    """The documents that came back from the preview are not those that it showed."""

    code = "preview-outdated"
    status = 409
    hint = "Nothing was published. Make the preview again and publish from there."


def read_files(slug: str, files: Iterable[tuple[str, bytes]]) -> VersionFolder:
    """The version that these files (name as the browser tells it, content) make; raises as `check_documents`."""
    documents: dict[str, bytes] = {}
    for name, content in files:
        path = BY_NAME.get(PurePath(name.replace("\\", "/")).name)
        if path is None:
            known = ", ".join(BY_NAME)
            raise AgreementFolderInvalid(
                Worded("%(name)s is no document of a version; there are: %(known)s.", name=repr(name[:80]), known=known)
            )
        if path in documents:
            raise AgreementFolderInvalid(Worded("%(path)s was given twice.", path=path))
        documents[path] = content
    return _checked(slug, documents)


def carry(read: VersionFolder) -> str:
    """The documents as one form field."""
    encoded = {path: base64.b64encode(content).decode() for path, content in read.documents.items()}
    return json.dumps(encoded, separators=(",", ":"))


def carried(slug: str, field: str, digest: str) -> VersionFolder:
    """The documents from that form field; raises `CarriedInvalid` unless they are those with this digest."""
    try:
        told = json.loads(field)
        documents = {path: base64.b64decode(content, validate=True) for path, content in told.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise CarriedInvalid("expected the documents of the preview, got something else") from None
    read = _checked(slug, documents)
    if read.digest != digest:
        raise CarriedInvalid("The documents are not those that the preview showed.")
    return read


def _checked(slug: str, documents: Mapping[str, bytes]) -> VersionFolder:
    if strange := sorted(set(documents) - set(POSSIBLE)):
        raise AgreementFolderInvalid(Worded("A version has no document %(strange)s.", strange=repr(strange[0][:80])))
    if "terms.toml" not in documents:
        raise AgreementFolderInvalid("The files lack terms.toml.")
    if any(len(content) > MAX_FILE for content in documents.values()):
        raise AgreementFolderInvalid(
            Worded("No document of a version is larger than %(max_file)s bytes.", max_file=f"{MAX_FILE:,}")
        )
    return check_documents(slug, parse_terms(documents["terms.toml"]).agreement.version, documents)
