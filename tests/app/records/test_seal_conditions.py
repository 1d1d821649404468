# SPDX-License-Identifier: Apache-2.0
"""What a seal by the right key must be besides: of its time, forbidding every change, one spelling of itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from asn1crypto.cms import CMSAttribute, ContentInfo
from asn1crypto.core import Integer
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from app.platform.keys import ServiceKeys
from app.records.data import attached_files, fingerprint
from app.records.render import render
from app.records.seal import FIELD, DocumentSigner, seal
from app.records.selftest import self_test
from mcla.records.check import check_sealed
from mcla.records.errors import SealInvalid
from mcla.records.seal import check_bytes, check_seal, to_asn1
from mcla.verify.trust import TrustedRoot


@pytest.fixture(scope="module")
def data(make_acceptance: Callable[..., Any], document_keys: ServiceKeys) -> Any:
    return replace(make_acceptance(), seal_fingerprint=fingerprint(document_keys.document.certificate))


@pytest.fixture(scope="module")
def unsealed(data: Any) -> bytes:
    return render(data)


@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_seal_that_forbids_less_than_every_change_is_refused(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, level: MDPPerm
) -> None:
    options: Any = {"subfilter": SigSeedSubFilter.PADES, "certify": True, "docmdp_permissions": level}
    meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", **options)
    signer = PdfSigner(meta, signer=DocumentSigner(document_keys.document))
    loose = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(unsealed)), bytes_reserved=6144).getvalue()
    with pytest.raises(SealInvalid, match="does not forbid changes"):
        check_sealed(loose, trust, now)


def test_a_seal_that_says_it_was_made_in_the_future_is_refused(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    pdf = seal(unsealed, document_keys.document, now + timedelta(minutes=1))
    assert check_sealed(pdf, trust, now + timedelta(minutes=2)).seal.level == "B-B"
    with pytest.raises(SealInvalid, match="made in the future"):
        check_sealed(pdf, trust, now)


def test_a_second_signature_field_is_refused_though_the_bytes_show_one_seal(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_another(writer: Any) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        value = fields[0].raw_get("/V")
        other = {pdf_name("/FT"): pdf_name("/Sig"), pdf_name("/T"): pdf_string("Other"), pdf_name("/V"): value}
        if len(fields) == 1:  # it is written more than once
            fields.append(writer.add_object(DictionaryObject(other)))

    monkeypatch.setattr("app.records.seal._AddingWriter._update_meta", add_another)
    with pytest.raises(SealInvalid, match="expected exactly one seal, found 2"):
        check_sealed(seal(unsealed, document_keys.document, now), trust, now)


def test_what_the_reader_reads_beyond_the_seal_is_refused(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    pdf = seal(unsealed, document_keys.document, now)
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    longer = PdfFileReader(BytesIO(out.getvalue()))
    with pytest.raises(SealInvalid, match="added to or saved again") as caught:
        check_seal(longer, check_bytes(pdf, trust), trust, now)
    assert caught.value.check == "coverage"


@pytest.mark.parametrize("end", [b"\0\0\0\0\0\0", b"%%EOG\n"])
def test_a_damaged_end_is_told_apart_from_other_changes(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, end: bytes
) -> None:
    pdf = seal(unsealed, document_keys.document, now)
    with pytest.raises(SealInvalid, match="cut short, or its end was damaged"):
        check_sealed(pdf[: -len(end)] + end, trust, now)


def with_an_attribute(signed: Any, _keys: ServiceKeys) -> None:
    signed["signer_infos"][0]["unsigned_attrs"] = [
        CMSAttribute({"type": "1.3.6.1.4.1.55555.1", "values": [Integer(1)]})
    ]


def with_the_root(signed: Any, keys: ServiceKeys) -> None:
    signed["certificates"].append(to_asn1(keys.document.chain[-1]))


@pytest.mark.parametrize(
    ("change", "words"), [(with_an_attribute, "stands beside the seal"), (with_the_root, "other certificates")]
)
def test_what_no_signature_covers_of_a_seal_cannot_be_added_to(
    unsealed: bytes,
    document_keys: ServiceKeys,
    trust: TrustedRoot,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Any, ServiceKeys], None],
    words: str,
) -> None:
    monkeypatch.setattr("app.records.seal.SPARE", 1024)
    pdf = seal(unsealed, document_keys.document, now)
    assert check_sealed(pdf, trust, now).seal.level == "B-B"
    start = pdf.index(b"/Contents <") + 11
    end = pdf.index(b">", start)
    found = ContentInfo.load(bytes.fromhex(pdf[start:end].decode()))
    change(found["content"], document_keys)
    changed = found.dump(force=True).hex().upper().ljust(end - start, "0").encode()
    assert len(changed) == end - start
    with pytest.raises(SealInvalid, match=words):
        check_sealed(pdf[:start] + changed + pdf[end:], trust, now)


def test_two_attached_files_of_one_name_are_refused_though_sealed(
    data: Any, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = attached_files(data)
    monkeypatch.setattr("app.records.render.attached_files", lambda _data: (*files, files[0]))
    with pytest.raises(SealInvalid, match="two attached files have the same name"):
        check_sealed(seal(render(data), document_keys.document, now), trust, now)


def test_the_start_up_probe_fails_where_the_check_finds_nothing_wrong(
    document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.records.selftest._check", lambda *_: None)
    with pytest.raises(SealInvalid, match="a changed probe document passed"):
        self_test(document_keys, trust, now)
