# SPDX-License-Identifier: Apache-2.0
"""A seal says yes to exactly the bytes that were sealed under the foundation's root, and no to everything else."""

import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pypdf
import pytest
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from app.platform.keys import Authority, ServiceKeys, create_keys, load_keys
from app.records.data import RecordData, attached_files, fingerprint
from app.records.errors import SealFailed
from app.records.render import render
from app.records.seal import FIELD, MUCH_SPARE, SPARE, DocumentSigner, seal
from app.records.selftest import self_test
from mcla.records.check import check_sealed
from mcla.records.errors import SealInvalid
from mcla.verify.trust import TrustedRoot

Make = Callable[..., RecordData]


@pytest.fixture(scope="module")
def data(make_contribution: Make, document_keys: ServiceKeys) -> RecordData:
    return replace(make_contribution(3), seal_fingerprint=fingerprint(document_keys.document.certificate))


@pytest.fixture(scope="module")
def unsealed(data: RecordData) -> bytes:
    return render(data)


@pytest.fixture(scope="module")
def sealed(unsealed: bytes, document_keys: ServiceKeys, now: datetime) -> bytes:
    return seal(unsealed, document_keys.document, now, foundation="Example Model Foundation")


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Authority:
    """Another service's document key, under the very same names."""
    home = tmp_path_factory.mktemp("impostor")
    create_keys(home, "mcla.example.org", now)
    return load_keys(home).document


def refused(pdf: bytes, trust: TrustedRoot, now: datetime) -> str:
    """The name of the check that refuses `pdf`."""
    with pytest.raises(SealInvalid) as caught:
        check_sealed(pdf, trust, now)
    return caught.value.check


def test_a_sealed_record_passes_and_gives_back_what_was_put_in(
    sealed: bytes, data: RecordData, trust: TrustedRoot, now: datetime
) -> None:
    found = check_sealed(sealed, trust, now)
    assert found.attachments == {file.name: file.content for file in attached_files(data)}
    assert found.record["recordId"] == data.record_id
    assert found.certificate_sha256 == data.seal_fingerprint


def test_sealing_adds_one_revision_and_keeps_the_pages_byte_for_byte(sealed: bytes, unsealed: bytes) -> None:
    assert sealed.startswith(unsealed)
    assert sealed.count(b"%%EOF") == 2
    assert b"/SubFilter /ETSI.CAdES.detached" in sealed


def test_the_root_certificate_stays_out_of_the_file(sealed: bytes, document_keys: ServiceKeys) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    leaf, root = (certificate.public_bytes(Encoding.DER).hex() for certificate in document_keys.document.chain)
    assert leaf in sealed.decode("latin-1").lower()
    assert root not in sealed.decode("latin-1").lower()


def test_a_seal_is_followed_by_few_zeros(sealed: bytes) -> None:
    """A signature by P-256 is two bytes shorter than it may be, seldom three or more."""
    assert 2 * SPARE <= len(_filling(sealed)) <= 2 * (SPARE + 8)


def test_a_seal_that_outgrows_its_room_is_made_again_with_more(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.records.seal.SPARE", -SPARE)
    pdf = seal(unsealed, document_keys.document, now)
    check_sealed(pdf, trust, now)
    assert len(_filling(pdf)) >= 2 * MUCH_SPARE
    monkeypatch.setattr("app.records.seal.MUCH_SPARE", -SPARE)
    with pytest.raises(SealFailed, match="larger than expected"):
        seal(unsealed, document_keys.document, now)


def test_the_seal_time_is_the_time_handed_in(sealed: bytes) -> None:
    assert b"/M (D\\07220261122140509Z)" in sealed


def test_a_record_without_seal_is_refused(unsealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    assert refused(unsealed, trust, now) == "unsealed"


@pytest.mark.parametrize("part", ["first page", "xmp", "byte range end", "signed attributes", "attachment"])
def test_a_flipped_bit_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime, part: str) -> None:
    places = {
        "first page": sealed.index(b"stream") + 30,
        "xmp": sealed.index(b"/Metadata") + 3,
        "byte range end": len(sealed) - 12,
        "signed attributes": sealed.index(b"/Contents <") + 900,
        "attachment": sealed.index(b"/EmbeddedFile") + 120,
    }
    place = places[part]
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    assert refused(changed, trust, now) in ("intact", "cut-short", "coverage", "root")


def test_no_changed_byte_anywhere_in_the_seal_passes(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    start = sealed.index(b"/Contents <")
    end = sealed.index(b">", start)
    for place in [*range(start, start + 2000, 19), *range(start + 2000, end + 2, 499)]:
        refused(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], trust, now)


def test_no_changed_byte_in_fifty_across_the_file_passes(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    for place in range(17, len(sealed), len(sealed) // 50):
        refused(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], trust, now)


def test_something_hidden_in_the_filling_after_the_seal_is_refused(
    sealed: bytes, trust: TrustedRoot, now: datetime
) -> None:
    end = sealed.index(b">", sealed.index(b"/Contents <"))
    assert refused(sealed[: end - 4] + b"beef" + sealed[end:], trust, now) == "frame"


def test_the_same_seal_in_other_letters_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    start = sealed.index(b"/Contents <") + 11
    end = sealed.index(b">", start)
    assert refused(sealed[:start] + sealed[start:end].lower() + sealed[end:], trust, now) == "frame"


def test_text_added_by_an_incremental_update_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = _number(90)
    writer.update_container(page)
    assert refused(_written(writer), trust, now) == "coverage"


def test_an_attachment_replaced_by_an_incremental_update_is_refused(
    sealed: bytes, trust: TrustedRoot, now: datetime
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = names[1]["/EF"]["/F"]
    stream._data, stream._encoded_data = b"forged", zlib.compress(b"forged")
    writer.update_container(stream)
    assert refused(_written(writer), trust, now) == "coverage"


def test_bytes_after_the_end_are_refused(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    assert refused(sealed + b"% more\n", trust, now) == "coverage"


def test_two_seals_are_refused_even_by_the_same_key(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    once = _loosely_sealed(unsealed, FIELD, document_keys.document)
    assert refused(_loosely_sealed(once, "Second", document_keys.document), trust, now) == "seal"


def test_our_own_seal_cannot_be_put_on_a_sealed_record_again(
    sealed: bytes, document_keys: ServiceKeys, now: datetime
) -> None:
    with pytest.raises(SealFailed, match="could not be made"):
        seal(sealed, document_keys.document, now)


def test_an_impostor_of_the_same_name_is_refused(
    unsealed: bytes, impostor: Authority, trust: TrustedRoot, now: datetime
) -> None:
    forged = seal(unsealed, impostor, now, foundation="Example Model Foundation")
    assert refused(forged, trust, now) == "root"


def test_a_whole_file_saved_again_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(sealed)))
    out = io.BytesIO()
    writer.write(out)
    assert refused(out.getvalue(), trust, now) == "coverage"


def test_a_seal_that_allows_form_filling_is_refused(
    unsealed: bytes, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    loose = _loosely_sealed(unsealed, FIELD, document_keys.document)
    assert refused(loose, trust, now) == "policy"


def test_attachments_that_differ_from_record_json_are_refused_though_the_seal_is_good(
    data: RecordData, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = attached_files(data)
    forged = tuple(replace(file, content=b"{}") if file.name == "manifest.json" else file for file in files)
    monkeypatch.setattr("app.records.render.attached_files", lambda _data: forged)
    pdf = seal(render(data), document_keys.document, now)
    assert refused(pdf, trust, now) == "attachments"


def test_a_record_that_names_another_sealing_certificate_is_refused(
    data: RecordData, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    pdf = seal(render(replace(data, seal_fingerprint="ab" * 32)), document_keys.document, now)
    assert refused(pdf, trust, now) == "certificate"


@pytest.mark.parametrize(
    "junk",
    [b"", b"%PDF-1.7\n", b"not a pdf", b"%PDF-1.7\n%%EOF\n", b"\x00" * 5000, b"%PDF-1.7\nxref\n0 99999999999\n%%EOF"],
)
def test_what_is_no_pdf_is_refused_as_such(junk: bytes, trust: TrustedRoot, now: datetime) -> None:
    assert refused(junk, trust, now) == ("cut-short" if junk.startswith(b"%PDF-") else "file")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime, share: float) -> None:
    assert refused(sealed[: int(len(sealed) * share)], trust, now) in ("cut-short", "unsealed")


def test_an_encrypted_file_is_refused(sealed: bytes, trust: TrustedRoot, now: datetime) -> None:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(sealed)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert refused(out.getvalue(), trust, now) == "encrypted"


def test_a_file_beyond_the_limit_is_not_even_parsed(trust: TrustedRoot, now: datetime) -> None:
    assert refused(bytes(64 * 1024 * 1024 + 1), trust, now) == "size"


@pytest.mark.parametrize("years", [-1, 11])
def test_a_certificate_outside_its_time_seals_nothing(
    unsealed: bytes, document_keys: ServiceKeys, now: datetime, years: int
) -> None:
    with pytest.raises(SealFailed, match="not valid at"):
        seal(unsealed, document_keys.document, now + timedelta(days=365 * years))


def test_a_key_that_the_certificate_does_not_certify_seals_nothing_that_passes(
    unsealed: bytes, impostor: Authority, document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    mixed = replace(document_keys.document, key=impostor.key)
    assert refused(seal(unsealed, mixed, now), trust, now) == "intact"


def test_sealing_something_that_is_no_pdf_says_so(document_keys: ServiceKeys, now: datetime) -> None:
    with pytest.raises(SealFailed, match="could not be made"):
        seal(b"not a pdf", document_keys.document, now)


def test_the_start_up_probe_passes_with_good_keys(
    document_keys: ServiceKeys, trust: TrustedRoot, now: datetime
) -> None:
    self_test(document_keys, trust, now)


def test_the_start_up_probe_names_a_key_that_does_not_fit(
    document_keys: ServiceKeys, trust: TrustedRoot, impostor: Authority, now: datetime
) -> None:
    broken = replace(document_keys, document=replace(document_keys.document, key=impostor.key))
    with pytest.raises(SealInvalid, match="not those that were sealed"):
        self_test(broken, trust, now)


def _filling(pdf: bytes) -> bytes:
    """What stands behind the seal in the room that was reserved for it."""
    contents = pdf[pdf.index(b"/Contents <") + 11 :].partition(b">")[0]
    return contents[2 * len(ContentInfo.load(bytes.fromhex(contents.decode())).dump()) :]


def _loosely_sealed(pdf: bytes, field: str, authority: Authority) -> bytes:
    """An approval signature that permits changes, where a record needs one that forbids them."""
    meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    done = PdfSigner(meta, signer=DocumentSigner(authority)).sign_pdf(writer, bytes_reserved=6144)
    return bytes(done.getvalue())


def _number(value: int) -> object:
    from pyhanko.pdf_utils.generic import NumberObject

    return NumberObject(value)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
