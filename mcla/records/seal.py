# SPDX-License-Identifier: Apache-2.0
"""The seal of a record: by a key of the trust file, over the whole file, forbidding every change, at a known time.

Stock viewers are laxer: several call a file valid to which pages or attachments were added afterwards, or whose sealer
merely has the same name. Here the sealing certificate itself stands in the trust file. The signature is checked over
the bytes first; only a file that a sealer of the trust file made is given to a PDF parser.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from mcla.envelope.chain import shown
from mcla.envelope.encoding import der_of
from mcla.errors import MclaError
from mcla.records.errors import RecordUndecided, SealInvalid, refused_by
from mcla.records.frame import SAVED_AGAIN, Frame, find_frame
from mcla.records.loop import run
from mcla.verify.checks import stamped
from mcla.verify.trust import TrustedAuthority, TrustedRoot

Level = Literal["B-B", "B-T", "B-LT"]
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_SHA256_SET = bytes.fromhex("310f") + _SHA256
_SIGNED_BY = {"ec": bytes.fromhex("300a06082a8648ce3d040302"), "rsa": bytes.fromhex("300d06092a864886f70d01010b0500")}
"""DER of the algorithms as our seals name them: SHA-256, and ECDSA or PKCS#1 v1.5 with it (RFC 5754)."""
_TOKEN = "signature_time_stamp_token"  # noqa: S105 - the name of an attribute
OLD_TRUST = "Get the trust file again (/.well-known/mcla/trusted_root.json): the foundation may have a newer key."


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that holds: its certificate (SHA-256, 64 hex), PAdES level (ETSI EN 319 142-1) and time.

    `time` is the timestamp's, or for B-B what the sealer says; `stamped_by` is the timestamper's address in the trust
    file, None for B-B.
    """

    certificate_sha256: str
    level: Level
    time: datetime
    stamped_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        told = {"certificate": self.certificate_sha256, "level": self.level, "time": shown(self.time)}
        return told | {"stamped_by": self.stamped_by}

    def __str__(self) -> str:
        by = f"timestamp by {self.stamped_by}" if self.stamped_by else "by the sealer's own clock: no timestamp"
        return f"{self.level}, {shown(self.time)}, {by}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A file whose bytes are what a sealer of the trust file signed; only now is it worth reading."""

    pdf: bytes
    data: Any
    sealer: TrustedAuthority


def check_bytes(pdf: bytes, trust: TrustedRoot) -> Signed:
    """The signature over the bytes; raises `SealInvalid`: `frame`, `intact`, `root`, or what `find_frame` finds."""
    frame = find_frame(pdf)
    with refused_by("intact", "the seal cannot be read"):
        data, signer, certificate = _opened(frame)
        intact, valid = validate_sig_integrity(signer, certificate, "data", frame.digest)
    if not (intact and valid):
        raise SealInvalid("intact", "the bytes are not those that were sealed")
    sealer = next((one for one in trust.sealers if der_of(one.chain[0]) == certificate.dump()), None)
    if sealer is None:
        raise SealInvalid("root", "the seal does not lead to a sealer in the trust file", hint=OLD_TRUST)
    with refused_by("frame", "the seal cannot be read"):
        _check_one_spelling(frame, data, signer, sealer)
    return Signed(pdf, data, sealer)


def read_sealed(signed: Signed) -> Any:
    """The parsed file; raises `SealInvalid` (`malformed`) if a strict reader refuses it."""
    with refused_by("malformed", "the file is not a well-formed PDF"):
        # Strict: a lenient reader repairs files in ways that differ from what a viewer shows.
        return PdfFileReader(io.BytesIO(signed.pdf), strict=True)


def check_seal(reader: Any, signed: Signed, trust: TrustedRoot, now: datetime) -> Seal:
    """The seal's chain, conditions and time; raises `SealInvalid` (`seal`, `coverage`, `policy`, `root`, `time`)."""
    with refused_by("root", "the seal's chain cannot be checked"):
        signature = _only_signature(reader)
        if signature.docmdp_level != MDPPerm.NO_CHANGES:
            raise SealInvalid("policy", "the seal does not forbid changes")
        at, stamper = _time_of(signed, signature, trust, now)
        context, kept = _context(reader, signed.sealer, at if stamper else now)
        stampers = _stampers(reader, trust, at)
        status = run(async_validate_pdf_signature(signature, context, stampers, key_usage_settings=_usage()))
        _check_status(status)
    _check_stamp_held(status, stamper)
    level: Level = "B-B" if stamper is None else "B-LT" if kept else "B-T"
    fingerprint = hashlib.sha256(der_of(signed.sealer.chain[0])).hexdigest()
    return Seal(fingerprint, level, at, stamper.uri if stamper else None)


def to_asn1(certificate: x509.Certificate) -> Any:
    """The certificate as the type that pyHanko reads."""
    return asn1.Certificate.load(der_of(certificate))


def _opened(frame: Frame) -> tuple[Any, Any, Any]:
    """The signed data, its one signer and that one's certificate."""
    data = cms.ContentInfo.load(frame.cms)["content"]
    signer = extract_signer_info(data)
    named = signer["sid"].chosen
    wanted = named["issuer"], named["serial_number"].native
    found = (one.chosen for one in data["certificates"])
    return data, signer, next(one for one in found if (one.issuer, one.serial_number) == wanted)


def _usage() -> Any:
    return KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=True)


def _check_one_spelling(frame: Frame, data: Any, signer: Any, sealer: TrustedAuthority) -> None:
    """The bytes that no signature covers are as we write them, so that one seal is one sequence of bytes.

    They are the filling after the CMS and the parts of the CMS outside its signed attributes (RFC 5652, 5.1).
    """
    der = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    if frame.cms != der.ljust(len(frame.cms), b"\0"):
        raise SealInvalid("frame", "the space that is kept for the seal holds something else")
    named = [data["digest_algorithms"], signer["digest_algorithm"], signer["signature_algorithm"]]
    usual = [_SHA256_SET, _SHA256, _SIGNED_BY.get(to_asn1(sealer.chain[0]).public_key.algorithm)]
    versions = (data["version"].native, signer["version"].native)
    if [one.dump() for one in named] != usual or versions != ("v1", "v1"):
        raise SealInvalid("frame", "the head of the seal was changed")
    certificates = sorted(one.chosen.dump() for one in data["certificates"])
    if certificates != sorted(map(der_of, _shipped(sealer))):
        raise SealInvalid("frame", "the seal carries other certificates than the trust file names")
    tokens = [(one["type"].native, len(one["values"])) for one in _unsigned(signer)]
    if tokens not in ([], [(_TOKEN, 1)]):
        raise SealInvalid("frame", "something stands beside the seal that no signature covers")


def _shipped(sealer: TrustedAuthority) -> tuple[x509.Certificate, ...]:
    """What a seal carries of its chain: all but the root, which a reader must have anyway."""
    return sealer.chain[:-1] or sealer.chain


def _unsigned(signer: Any) -> list[Any]:
    attributes = signer["unsigned_attrs"]
    # Not by its `native` value: for that a timestamp token is decoded and encoded anew many times over, for 0.3 s.
    return [] if isinstance(attributes, core.Void) else list(attributes)


def _only_signature(reader: Any) -> Any:
    found = list(reader.embedded_signatures)
    if len(found) != 1:
        raise SealInvalid("seal", f"expected exactly one seal, found {len(found)}")
    return found[0]


def _time_of(
    signed: Signed, signature: Any, trust: TrustedRoot, now: datetime
) -> tuple[datetime, TrustedAuthority | None]:
    """When it was sealed, and the authority of the trust file that says so; None where only the sealer does."""
    tokens = _unsigned(signature.signer_info)
    if not tokens:
        return _own_time(signed, signature, now), None
    token = tokens[0]["values"][0]
    response = _granted(token.dump())
    try:
        stamp = stamped(response, signature.signer_info["signature"].native, trust)
    except MclaError:
        # Not one of the kind that this protocol issues: pyHanko judges it, against the roots of the trust file.
        stamp = None
    at = stamp.time if stamp else _stated_time(token)
    authority = stamp.authority if stamp else _stamper_of(token, trust, at)
    if not signed.sealer.validity.covers(at):
        raise SealInvalid("time", f"the trust file does not believe this sealing key at {shown(at)}", hint=OLD_TRUST)
    return at, authority


def _own_time(signed: Signed, signature: Any, now: datetime) -> datetime:
    """The time that the sealer wrote; it counts while the key is current, and says nothing once it is replaced."""
    said = signature.self_reported_timestamp
    if not isinstance(said, datetime) or said > now:
        raise SealInvalid("time", "the seal says that it was made in the future, or nothing at all")
    if not signed.sealer.validity.covers(said):
        raise SealInvalid("time", f"the trust file does not believe this sealing key at {shown(said)}", hint=OLD_TRUST)
    if not signed.sealer.validity.covers(now):
        raise RecordUndecided(
            "time",
            "the seal has no timestamp and its key has been replaced: whether it was sealed before cannot be told",
            hint="Download the record again: the service adds the timestamp once it can.",
        )
    return said.astimezone(UTC)


def _granted(token: bytes) -> bytes:
    """The token as the answer of a timestamp authority (RFC 3161, 2.4.2), which is the form that bundles keep."""
    answer = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
    return bytes(tsp.TimeStampResp(answer).dump())


def _stated_time(token: Any) -> datetime:
    stated: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return stated


def _stamper_of(token: Any, trust: TrustedRoot, at: datetime) -> TrustedAuthority:
    """The authority whose root leads to the token's certificates, by name; pyHanko checks that it does."""
    issuers = {one.chosen.issuer.dump() for one in token["content"]["certificates"]}
    for one in trust.timestampers:
        names = {certificate.subject.public_bytes() for certificate in one.chain}
        if one.validity.covers(at) and issuers & names:
            return one
    raise SealInvalid("time", "the seal's timestamp is not by an authority in the trust file", hint=OLD_TRUST)


def _context(reader: Any, sealer: TrustedAuthority, at: datetime) -> tuple[Any, bool]:
    """What the sealing certificate is measured against; with the file's own revocation data where it carries some."""
    options: dict[str, Any] = {
        "trust_roots": [to_asn1(sealer.chain[-1])],
        "allow_fetching": False,
        "moment": at,
        "retroactive_revinfo": True,
    }
    options["other_certs"] = [to_asn1(one) for one in sealer.chain[1:-1]]
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return ValidationContext(**options), False
    return store.as_validation_context(options | {"revocation_mode": "hard-fail"}), True


def _stampers(reader: Any, trust: TrustedRoot, at: datetime) -> Any:
    roots = [to_asn1(one.chain[-1]) for one in trust.timestampers]
    others = [to_asn1(certificate) for one in trust.timestampers for certificate in one.chain[:-1]]
    options: dict[str, Any] = {"trust_roots": roots, "other_certs": others, "allow_fetching": False, "moment": at}
    options["retroactive_revinfo"] = True
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(options)
    except NoDSSFoundError:
        return ValidationContext(**options)


def _check_status(status: Any) -> None:
    if not (status.intact and status.valid):
        raise SealInvalid("intact", "the bytes are not those that were sealed")
    if not status.trusted:
        raise SealInvalid("root", "the seal's certificate was not valid when it sealed, or was revoked")
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise SealInvalid("coverage", "the file was added to or saved again after it was sealed", hint=SAVED_AGAIN)


def _check_stamp_held(status: Any, stamper: TrustedAuthority | None) -> None:
    if stamper is None:
        return
    held = status.timestamp_validity
    if held is None or not (held.intact and held.valid and held.trusted):
        raise SealInvalid("time", "the seal's timestamp does not hold under the trust file", hint=OLD_TRUST)
    if not status.bottom_line:
        raise SealInvalid("policy", "the seal breaks its own conditions")
