# SPDX-License-Identifier: Apache-2.0
"""The files inside a record: each once, exactly those that `record.json` names, and by their digests."""

import hashlib
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from mcla.artifacts.jsontext import parse_json
from mcla.errors import MclaError
from mcla.records.errors import SealInvalid, refused_by
from mcla.records.frame import MAX_PDF_BYTES
from mcla.records.names import NAMESPACE, RECORD_JSON, SCHEMA
from mcla.records.seal import Seal

MAX_ATTACHMENTS = 64


@dataclass(frozen=True, slots=True)
class Contents:
    """What `record.json` says, and the attached files by name, itself among them."""

    record: dict[str, Any]
    attachments: dict[str, bytes]


def read_contents(reader: Any, seal: Seal) -> Contents:
    """The attached files of a parsed record; raises `SealInvalid` (`attachments`, `certificate`, `metadata`)."""
    with refused_by("attachments", "the attached files cannot be read"):
        attachments = _attachments(reader)
    record = _record(attachments)
    told = {name: hashlib.sha256(content).hexdigest() for name, content in attachments.items() if name != RECORD_JSON}
    if record.get("attachments") != told:
        raise SealInvalid("attachments", "the attached files are not those that record.json names")
    if record.get("seal") != {"certificate": seal.certificate_sha256}:
        raise SealInvalid("certificate", "record.json names another sealing certificate")
    with refused_by("metadata", "the metadata cannot be read"):
        _check_metadata(bytes(reader.root["/Metadata"].data), record)
    return Contents(record, attachments)


def _attachments(reader: Any) -> dict[str, bytes]:
    """The embedded files by name; twice the same name is refused, as tools then disagree on which one counts."""
    found: dict[str, bytes] = {}
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"] if "/Names" in reader.root else []
    if len(names) > 2 * MAX_ATTACHMENTS:
        raise SealInvalid("attachments", f"a record has at most {MAX_ATTACHMENTS} attached files")
    for spec in (names[place] for place in range(1, len(names), 2)):
        name = str(spec["/UF"] if "/UF" in spec else spec["/F"])
        if name in found:
            raise SealInvalid("attachments", "two attached files have the same name")
        found[name] = bytes(spec["/EF"]["/F"].data)
    return found


def _check_metadata(packet: bytes, record: dict[str, Any]) -> None:
    """The XMP packet, by which archives find a record, names this one."""
    digest, index = record["agreement"]["digest"], record["log"]["index"]
    told = ElementTree.fromstring(packet)  # noqa: S314 - a sealer of the trust file wrote it
    for name, value in (("recordId", record["recordId"]), ("agreementDigest", digest), ("logIndex", index)):
        if _property(told, f"{{{NAMESPACE}}}{name}") != [str(value)]:
            raise SealInvalid("metadata", f"the metadata of the file name another {name} than record.json")


def _property(packet: ElementTree.Element, name: str) -> list[str | None]:
    """Every value of a property, which XMP writes as an element or as an attribute."""
    return [one.text for one in packet.iter(name)] + [one.attrib[name] for one in packet.iter() if name in one.attrib]


def _record(attachments: dict[str, bytes]) -> dict[str, Any]:
    if RECORD_JSON not in attachments:
        raise SealInvalid("attachments", "the file carries no record.json")
    try:
        record = parse_json(attachments[RECORD_JSON], max_depth=12, max_bytes=MAX_PDF_BYTES)
    except MclaError as error:
        raise SealInvalid("attachments", f"record.json cannot be read: {error.message}") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise SealInvalid("attachments", f"record.json is not of schema {SCHEMA}")
    return record
