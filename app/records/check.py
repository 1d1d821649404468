# SPDX-License-Identifier: Apache-2.0
"""The one rule for a sealed record, offline: exactly one seal, intact, from a given root, covering the whole file.

Stock viewers are laxer: several call a file valid to which pages or attachments were added afterwards. Here any byte
after the seal, any second signature and any attachment that differs from `record.json` refuses the file.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.records.data import RECORD_JSON, SCHEMA
from app.records.errors import SealInvalid
from app.records.loop import run
from app.records.seal import to_asn1
from mcla.errors import MclaError
from mcla.statements.strict import parse_json

MAX_PDF_BYTES = 64 * 1024 * 1024
MAX_ATTACHMENTS = 64


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record that passed: its seal's certificate (SHA-256, 64 hex), what it says and the files it carries."""

    certificate_sha256: str
    record: dict[str, Any]
    attachments: dict[str, bytes]


def check_sealed(pdf: bytes, roots: Sequence[Certificate], now: datetime) -> SealedRecord:
    """Check a record's seal, its attachments and what it says of them; raises `SealInvalid` naming the failed check."""
    fingerprint, attachments = check_seal(pdf, roots, now)
    record = _record(attachments)
    told = {name: hashlib.sha256(content).hexdigest() for name, content in attachments.items() if name != RECORD_JSON}
    if record.get("attachments") != told:
        raise SealInvalid("attachments", "the attached files are not those that record.json names")
    if record.get("seal") != {"certificate": fingerprint}:
        raise SealInvalid("certificate", "record.json names another sealing certificate")
    return SealedRecord(fingerprint, record, attachments)


def check_seal(pdf: bytes, roots: Sequence[Certificate], now: datetime) -> tuple[str, dict[str, bytes]]:
    """The seal alone: the sealing certificate's SHA-256 and the attached files; raises `SealInvalid`."""
    if len(pdf) > MAX_PDF_BYTES:
        raise SealInvalid("size", f"a record has at most {MAX_PDF_BYTES:,} bytes, this file has {len(pdf):,}")
    try:
        # Strict: a lenient reader repairs files in ways that differ from what a viewer shows.
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        if reader.encrypted:
            raise SealInvalid("structure", "the file is encrypted; records never are")
        signature = _only_signature(reader)
        _check_signature(signature, roots, now)
        _check_frame(pdf, signature)
        return hashlib.sha256(signature.signer_cert.dump()).hexdigest(), _attachments(reader)
    except SealInvalid:
        raise
    except Exception as error:  # a hostile file can break a PDF reader in many ways; each of them is a refusal
        raise SealInvalid("structure", f"the file is not a well-formed PDF: {type(error).__name__}") from error


def _only_signature(reader: PdfFileReader) -> Any:
    found = list(reader.embedded_signatures)
    if len(found) != 1:
        raise SealInvalid("seal", f"expected exactly one seal, found {len(found)}")
    return found[0]


def _check_signature(signature: Any, roots: Sequence[Certificate], now: datetime) -> None:
    context = ValidationContext(trust_roots=[to_asn1(root) for root in roots], allow_fetching=False, moment=now)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=True)
    status = run(async_validate_pdf_signature(signature, context, key_usage_settings=usage))
    if not (status.intact and status.valid):
        raise SealInvalid("intact", "the bytes are not those that were sealed")
    if not status.trusted:
        raise SealInvalid("root", "the seal does not lead to a given root certificate")
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise SealInvalid("coverage", "something was added to the file after it was sealed")
    if signature.docmdp_level != MDPPerm.NO_CHANGES or not status.bottom_line:
        raise SealInvalid("policy", "the seal does not forbid changes, or breaks its own conditions")


def _check_frame(pdf: bytes, signature: Any) -> None:
    """The few bytes that no signature covers are as we write them, so that one record is one sequence of bytes.

    They are the filling after the CMS and the parts of the CMS outside its signed attributes (RFC 5652, 5.1).
    """
    start, end = int(signature.byte_range[1]), int(signature.byte_range[2])
    filling = pdf[start:end]
    container = cms.ContentInfo.load(bytes.fromhex(filling[1:-1].decode("ascii")))
    der = container.dump().hex().upper().encode()
    if filling != b"<" + der.ljust(len(filling) - 2, b"0") + b">":
        raise SealInvalid("frame", "the space that is kept for the seal holds something else")
    data, signer = signature.signed_data, signature.signer_info
    algorithms = [data["digest_algorithms"].native, [signer["digest_algorithm"].native]]
    if algorithms != [[_SHA256], [_SHA256]] or (data["version"].native, signer["version"].native) != ("v1", "v1"):
        raise SealInvalid("frame", "the head of the seal was changed")


_SHA256 = {"algorithm": "sha256", "parameters": None}


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
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
