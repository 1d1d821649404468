# SPDX-License-Identifier: Apache-2.0
"""A record in the hands of tools that others wrote: Poppler, qpdf, pyHanko's own validator, and our command line."""

import hashlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from needs import needs
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from signin import person
from signing_walk import accept, file, give

from app.demo.seed import seed
from app.platform.clock import FixedClock
from app.platform.db import Database
from app.platform.settings import Settings
from app.wiring import build_services
from mcla.records import loop
from mcla.records.seal import to_asn1

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
CONTENTS = {f"src/part {n}.py": b"print(%d)\n" % n for n in range(25)}


@dataclass(frozen=True)
class Sealed:
    """A record on disk, with the service that made it and the folder of files it is about."""

    path: Path
    services: Any
    bundle: dict[str, Any]

    @property
    def pdf(self) -> bytes:
        return self.path.read_bytes()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes, key_folder: Path) -> Sealed:
    """The record of a real contribution of 25 files, made by the job as in a running service."""
    home = tmp_path_factory.mktemp("service")
    (home / "keys").symlink_to(key_folder)
    (home / "mcla.sqlite").write_bytes(sqlite_template)
    settings = Settings(home=home, demo=True)
    services = build_services(settings, Database(settings.database), FixedClock(NOW))
    services.log.recover()
    seed(services.projects, services.agreements)
    ada = person(services.identity)
    accept(services, ada)
    done = give(services, ada, *(file(path, content) for path, content in CONTENTS.items()))
    services.worker.run_due()
    path = home / "record.pdf"
    path.write_bytes(services.records.pdf(ada, Path(done.record_url).stem))
    return Sealed(path, services, dict(done.bundle))


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def test_pdfsig_says_that_the_signature_is_valid_and_covers_the_total_document(record: Sealed) -> None:
    answer = run(needs("pdfsig"), "-nocert", record.path).stdout
    assert "Signature is Valid." in answer
    assert "Total document signed" in answer
    assert "FoundationSeal" in answer
    assert "ETSI.CAdES.detached" in answer
    assert "Signature #2" not in answer


def test_qpdf_finds_no_fault_in_the_structure(record: Sealed) -> None:
    answer = run(needs("qpdf"), "--check", record.path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "WARNING" not in answer.stdout + answer.stderr


def test_pdfdetach_gives_back_the_bundle_and_it_verifies_every_file(record: Sealed, tmp_path: Path) -> None:
    tool = needs("pdfdetach")
    run(tool, "-saveall", "-o", tmp_path, record.path)
    assert json.loads((tmp_path / "bundle.sigstore.json").read_bytes()) == record.bundle
    (tmp_path / "trusted_root.json").write_bytes(_json(record.services.trust.to_json()))
    for path, content in list(CONTENTS.items())[:2]:
        target = tmp_path / Path(path).name
        target.write_bytes(content)
        assert _verify(target, tmp_path) == (0, "verified")
        target.write_bytes(content[:-1] + b"!")
        assert _verify(target, tmp_path)[0] == 1


def test_what_is_attached_is_what_the_certificate_page_lists(record: Sealed, tmp_path: Path) -> None:
    run(needs("pdfdetach"), "-saveall", "-o", tmp_path, record.path)
    text = run(needs("pdftotext"), "-layout", record.path, "-").stdout
    names = {path.name for path in tmp_path.iterdir()}
    assert {"agreement.md", "bundle.sigstore.json", "manifest.json", "record.json"} <= names
    for path in tmp_path.iterdir():
        if path.name != "record.json":
            assert hashlib.sha256(path.read_bytes()).hexdigest() in text, path.name


def test_pdftotext_reads_the_whole_agreement_in_order(record: Sealed, tmp_path: Path) -> None:
    text = " ".join(run(needs("pdftotext"), record.path, "-").stdout.split())
    lines = record.services.agreements.version("mcla-individual").text.splitlines()
    clauses = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    places = [text.find(clause) for clause in clauses]
    assert len(clauses) == 25
    assert -1 not in places
    assert places == sorted(places)


def test_pdftotext_reads_twenty_files_and_how_many_are_left(record: Sealed) -> None:
    text = run(needs("pdftotext"), "-layout", record.path, "-").stdout
    assert sum(path in text for path in CONTENTS) == 20
    assert "5 more in the attached manifest.json" in text


def test_no_font_is_left_out_of_the_file(record: Sealed) -> None:
    needs("pdfsig")
    rows = run("pdffonts", record.path).stdout.splitlines()[2:]
    assert rows
    for *_, encoding, embedded, subset, unicode, _, _ in map(str.split, rows):
        # A code of WinAnsi names its letter by itself (ISO 19005-3, 6.2.11.7.2); all others need a map to Unicode.
        assert (embedded, subset, unicode == "yes" or encoding == "WinAnsi") == ("yes", "yes", True), rows


def test_pyhanko_calls_the_seal_intact_trusted_and_untouched_without_network(record: Sealed) -> None:
    roots = [to_asn1(one.chain[-1]) for one in (record.services.keys.document, record.services.keys.tsa)]
    context = ValidationContext(trust_roots=roots, moment=NOW)
    status = loop.run(async_validate_pdf_signature(_signature(record.pdf), context))
    assert status.bottom_line
    assert status.summary().endswith("INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>,UNTOUCHED")


def test_pyhanko_does_not_trust_the_seal_under_another_root(record: Sealed) -> None:
    other = to_asn1(record.services.keys.tsa.chain[-1])
    context = ValidationContext(trust_roots=[other], moment=NOW)
    status = loop.run(async_validate_pdf_signature(_signature(record.pdf), context))
    assert status.intact
    assert not status.trusted


def _signature(pdf: bytes) -> Any:
    return PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]


def _verify(target: Path, folder: Path) -> tuple[int, str]:
    """What `mcla verify` says, with no network and no service."""
    bundle, trust = folder / "bundle.sigstore.json", folder / "trusted_root.json"
    answer = run(
        sys.executable, "-m", "mcla.cli", "verify", target, "--bundle", bundle, "--trust", trust, "--json",
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    return answer.returncode, json.loads(answer.stdout)["verdict"] if answer.stdout else answer.stderr


def _json(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
