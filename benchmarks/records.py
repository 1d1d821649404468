# SPDX-License-Identifier: Apache-2.0
"""A sealed record, laid out or filled, against the naive way to the same file: how much CPU, and how large it is.

The naive way is what the libraries' own examples show: WeasyPrint with tables that size themselves and a style sheet
read for each document, then pyHanko's `SimpleSigner` with an RSA-3072 key. Pages, attachments and data are the same
on both sides: the published agreement with a contribution of eight files. The first document of a process, which loads
both libraries, is on no side, and neither is the template. The seals are B-B on all sides, whose cost is the machine's
own; the size is told with B-LT, by authorities on loopback.

A service does more than the naive way: it stamps each seal, and reads each sealed file back by the whole rule. What
that comes to is measured over a record of a real service and told by a line of its own, whose budget is lower: half
of it is the rule, and no naive way checks anything. So are a foundation's copies, filled against laid out.
"""

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from cryptography.x509.oid import NameOID
from outside_authorities import outside_authorities, real_now
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend
from record_samples import acceptance, contribution
from signin import person
from signing_walk import accept, file, give
from sqlalchemy import select
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from app.agreements.folder import read_folder
from app.platform.keys import Authority, create_keys, load_keys
from app.platform.storage import DirectoryStorage
from app.records.data import RecordData, attached_files
from app.records.fetch import PackagedFetcher
from app.records.filling import FillingRenderer
from app.records.glyphs import FONTS
from app.records.kept import KeptFiles
from app.records.models import Record
from app.records.pages import HERE, html_of
from app.records.render import render
from app.records.seal import seal
from app.wiring import Services
from benchmarks.others import service
from benchmarks.ratio import Report, best_in_turns, quick
from mcla.records.seal import to_asn1
from mcla.signer import P256Key

AGREEMENT = Path(__file__).resolve().parents[1] / "agreements" / "mcla-individual" / "1.0.0"
NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
FILES, MANY = 8, 100_000
STORED = {"laid_out": 0.52, "filled": 0.45}


def main() -> None:
    report, data = Report(), sample()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_keys(folder, "mcla.example.org", NOW)
        document = load_keys(folder).document
        naive = naive_way(folder, data)

        def ours() -> bytes:
            return seal(render(data), document, NOW, foundation=data.foundation_name)

        filling, other = FillingRenderer(), replace(data, record_id="rec_0a1b2c3d4e5f6g7h8j9k0m1n2p")
        filling.render(data)

        def filled() -> bytes:
            return seal(filling.render(other), document, NOW, foundation=data.foundation_name)

        ours_cost, naive_cost = best_in_turns(15 if quick() else 60, ours, naive)
        filled_cost, _ = best_in_turns(4 if quick() else 15, filled, filled)
        print(f"# CPU ms each: ours {ours_cost.cpu * 1000:.0f}, naive {naive_cost.cpu * 1000:.0f}")
        report.at_least("record_full_path_vs_naive_per_core", naive_cost.cpu / ours_cost.cpu, 2)
        report.at_least("record_fill_path_vs_naive_per_core", naive_cost.cpu / filled_cost.cpu, 40)
        print(f"# {filling.counts}; CPU ms each, filled and sealed: {filled_cost.cpu * 1000:.1f}")
        in_service(report, folder, len(filled()))
        for way, pages in (("laid_out", render), ("filled", filling.render)):
            sealed = [(each, with_revocation(folder, pages(each))) for each in (other, accepted(data))]
            report.count_at_most(f"record_kilobytes_{way}_sealed_b_lt", len(sealed[0][1]) / 1000, 100)
            # Of a laid-out record more than half is its own since its pages, which dictionaries share, got smaller.
            report.at_most(f"record_stored_vs_sealed_bytes_{way}", stored_share(folder, way, sealed), STORED[way])
        print(f"# {filling.counts}")
        print(f"# the naive way's file has {len(naive()) / 1000:.0f} KB")
    report.end()


def in_service(report: Report, folder: Path, size: int) -> None:
    """What a record and a copy of it cost a service, and from that a run of `MANY`, whose files have `size` bytes."""
    services = service(folder / "home")
    record = given(services)
    maker, filling = services.records.maker, FillingRenderer()
    filler, copies = maker.with_renderer(filling), services.record_copies
    data, filled_copies = maker.load(record.id), copies.with_renderer(filling)
    naive = naive_way(folder, data)
    made, naive_cost = best_in_turns(
        4 if quick() else 20,
        lambda: filler.seal(filler.render(data), data),
        naive,
    )
    print(f"# CPU ms each, filled, sealed with a timestamp and read back by the whole rule: {made.cpu * 1000:.1f}")
    report.at_least("record_fill_path_with_self_check_vs_naive_per_core", naive_cost.cpu / made.cpu, 25)
    copied, filled_copy = best_in_turns(
        2 if quick() else 10, lambda: copies.for_foundation(record), lambda: filled_copies.for_foundation(record)
    )
    print(f"# CPU ms each copy, laid out {copied.cpu * 1000:.0f}, filled {filled_copy.cpu * 1000:.1f}")
    report.at_least("record_copy_filled_vs_laid_out_per_core", copied.cpu / filled_copy.cpu, 4)
    laid_out = copied.cpu - filled_copy.cpu + made.cpu
    for way, each in (("filled", made.cpu), ("laid out", laid_out), ("copied", filled_copy.cpu)):
        print(f"# {MANY:,} records {way}, sealed and read back: {each * MANY / 3600:.2f} core hours")
    print(f"# {MANY:,} records of {size / 1000:.0f} KB: {size * MANY / 1e9:.1f} GB")


def given(services: Services) -> Record:
    """The finished record of a contribution of as many files as the sample has."""
    ada = person(services.identity)
    accept(services, ada)
    done = give(services, ada, *(file(f"part-{n}.py", b"print(%d)" % n) for n in range(FILES)))
    services.worker.run_due()
    with services.db.read() as session:
        return session.scalars(select(Record).where(Record.id == Path(done.record_url).stem)).one()


def stored_share(folder: Path, way: str, sealed: Sequence[tuple[RecordData, bytes]]) -> float:
    """Bytes in the storage for each byte sealed, over all of these together, their dictionaries left out."""
    storage = DirectoryStorage(folder / "storage")
    files, sizes = KeptFiles(storage), []
    for data, pdf in sealed:
        name = f"records/{way}-{data.type}.pdf"
        files.create(name, pdf, data)
        packing, unpacking = best_in_turns(0.2, lambda: files.create(name, pdf, data), lambda: files.read(name))  # noqa: B023  asked here
        assert files.read(name) == pdf
        sizes.append(len(storage.read(name) or b""))
        print(
            f"# {way} {data.type}: {sizes[-1] / 1000:.1f} KB in the storage of {len(pdf) / 1000:.1f} sealed; CPU ms to"
            f" compress {packing.cpu * 1000:.1f}, to read {unpacking.cpu * 1000:.1f};"
            f" {MANY:,}: {sizes[-1] * MANY / 1e9:.1f} GB"
        )
    return sum(sizes) / sum(len(pdf) for _, pdf in sealed)


def with_revocation(folder: Path, pdf: bytes) -> bytes:
    """`pdf` sealed at B-LT with a P-256 key that an authority on loopback certifies, which also stamps the seal."""
    place = Path(tempfile.mkdtemp(dir=folder))
    with outside_authorities(place) as outside:
        chains = [load_pem_x509_certificates(path.read_bytes()) for path in (outside.document_chain, outside.tsa_chain)]
        key = load_pem_private_key((place / "sealer.key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        context = ValidationContext(
            trust_roots=[to_asn1(chain[-1]) for chain in chains],
            other_certs=[to_asn1(one) for chain in chains for one in chain[:-1]],
            allow_fetching=True,
            revocation_mode="hard-fail",
            fetcher_backend=RequestsFetcherBackend(per_request_timeout=10),
        )
        authority, stamper = Authority(P256Key(key), tuple(chains[0])), HTTPTimeStamper(outside.tsa_url)
        return seal(pdf, authority, real_now(), stamper=stamper, revocation=context)


def sample() -> RecordData:
    """A contribution of eight files of weights under the published agreement."""
    read, data = read_folder(AGREEMENT), contribution(FILES)
    return replace(data, agreement=replace(data.agreement, title=read.title, documents=read.documents))


def accepted(data: RecordData) -> RecordData:
    """An acceptance of the agreement under which `data` was given."""
    return replace(acceptance(name="Ada Lovelace"), agreement=data.agreement)


def naive_way(folder: Path, data: RecordData) -> Callable[[], bytes]:
    """The same record by the libraries' own examples."""
    signer = rsa_signer(folder)
    css = (HERE / "record.css").read_text(encoding="utf-8").replace("table-layout: fixed", "table-layout: auto")

    def make() -> bytes:
        fonts, fetcher = FontConfiguration(), PackagedFetcher(FONTS)
        style = CSS(string=css, base_url="about:blank", url_fetcher=fetcher, font_config=fonts)
        page = HTML(string=html_of(data), base_url="about:blank", url_fetcher=fetcher)
        files = [Attachment(string=each.content, name=each.name, relationship=each.relationship)
                 for each in attached_files(data)]  # fmt: skip
        pdf = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a", attachments=files)
        meta = signers.PdfSignatureMetadata(field_name="Seal")
        return bytes(signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=signer).getvalue())

    return make


def rsa_signer(folder: Path) -> signers.SimpleSigner:
    """A self-signed RSA-3072 key, loaded from its files as the examples do."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Naive")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(365))
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    return signers.SimpleSigner.load(str(folder / "key.pem"), str(folder / "certificate.pem"))


if __name__ == "__main__":
    main()
