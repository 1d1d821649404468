# SPDX-License-Identifier: Apache-2.0
"""A sealed record against the naive way to the same file: how much CPU each takes, and how large a record is.

The naive way is what the libraries' own examples show: WeasyPrint with tables that size themselves and a style sheet
read for each document, then pyHanko's `SimpleSigner` with an RSA-3072 key. Pages, attachments and data are the same
on both sides: the published agreement with a contribution of eight files. The first document of a process, which loads
both libraries, is on no side.
"""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from record_samples import contribution
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from app.agreements.folder import read_folder
from app.platform.keys import create_keys, load_keys
from app.records.data import RecordData, attached_files
from app.records.fetch import PackagedFetcher
from app.records.glyphs import FONTS
from app.records.pages import HERE, html_of
from app.records.render import render
from app.records.seal import seal
from benchmarks.ratio import Report, best_in_turns, quick

AGREEMENT = Path(__file__).resolve().parents[1] / "agreements" / "mcla-individual" / "1.0.0"
NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
FILES = 8


def main() -> None:
    report, data = Report(), sample()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_keys(folder, "mcla.example.org", NOW)
        document = load_keys(folder).document
        naive = naive_way(folder, data)

        def ours() -> bytes:
            return seal(render(data), document, NOW, foundation=data.foundation_name)

        ours_cost, naive_cost = best_in_turns(20 if quick() else 60, ours, naive)
        print(f"# CPU ms each: ours {ours_cost.cpu * 1000:.0f}, naive {naive_cost.cpu * 1000:.0f}")
        report.at_least("record_full_path_vs_naive_per_core", naive_cost.cpu / ours_cost.cpu, 2)
        report.count_at_most("record_kilobytes_sealed", len(ours()) / 1000, 100)
        print(f"# the naive way's file has {len(naive()) / 1000:.0f} KB")
    report.end()


def sample() -> RecordData:
    """A contribution of eight files of weights under the published agreement."""
    read, data = read_folder(AGREEMENT), contribution(FILES)
    return replace(data, agreement=replace(data.agreement, title=read.title, documents=read.documents))


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
