# SPDX-License-Identifier: Apache-2.0
"""Records sealed by keys in SoftHSM2 and in AWS KMS (moto), of P-256 and of RSA, with and without revocation data.

Each passes our rule, pyHanko's own validator, Poppler and MuPDF. P-256 in a file is what every other test seals with;
RSA in a file under outside authorities also meets veraPDF (`test_pdf_standards`).
"""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from needs import needs
from outside_authorities import real_now
from postgres import Fill
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from sealing_keys import Sealing, sealing_keys, stored
from signin import person
from signing_walk import accept
from sqlalchemy import select
from tokens import SoftToken
from version_folders import brief_texts

from app.platform.clock import FixedClock
from app.platform.db import Database
from app.records.models import Record
from app.wiring import Services, build_services
from mcla.records import loop
from mcla.records.check import verify_record
from mcla.records.seal import to_asn1

SEALINGS = (
    Sealing("file", "RSA-3072", outside=False),
    Sealing("token", "P-256", outside=False),
    Sealing("token", "RSA-3072", outside=True),
    Sealing("kms", "P-256", outside=True),
    Sealing("kms", "RSA-3072", outside=False),
)


@pytest.fixture(scope="module")
def seeding(tmp_path_factory: pytest.TempPathFactory) -> Fill:
    from conftest import seed_database

    texts = brief_texts(tmp_path_factory.mktemp("texts"))
    return lambda db: seed_database(db, texts)


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory,
    filled_sqlite: Callable[[Fill | None], bytes],
    seeding: Fill,
    key_folder: Path,
    token: SoftToken,
) -> Iterator[tuple[Services, dict[str, bytes]]]:
    """One record, issued anew under each key in turn by a service that is not restarted; the first by its own key."""
    home = tmp_path_factory.mktemp("service")
    shutil.copytree(key_folder.resolve(), home / "keys")
    (home / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    with sealing_keys(home, tmp_path_factory.mktemp("authorities"), token, *SEALINGS) as keys:
        settings = keys.settings(home)
        services = build_services(settings, Database(settings.database), FixedClock(real_now()))
        services.log.recover()
        accept(services, person(services.identity))
        services.worker.run_due()
        with services.db.read() as session:
            last = session.scalars(select(Record.id)).one()
        files = {"file-p-256": stored(services, last)}
        for sealing in SEALINGS:
            last, files[sealing.name] = keys.reseal(services, last, sealing)
        keys.outside.away = True  # nothing below asks anybody
        yield services, files


@pytest.mark.timeout(120)
def test_a_record_sealed_by_each_key_holds_by_our_rule_and_by_the_tools_of_others(
    sealed: tuple[Services, dict[str, bytes]], tmp_path: Path
) -> None:
    services, files = sealed
    for sealing in SEALINGS:
        pdf = files[sealing.name]
        answer = verify_record(pdf, services.trust, services.clock.now())
        assert answer.verdict.verified, (sealing, answer.verdict.reasons)
        assert answer.found is not None
        assert answer.found.seal.level == sealing.level, sealing
        assert _pyhanko(pdf, services, services.clock.now()).endswith(
            "INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>,UNTOUCHED"
        ), sealing
        assert len(pdf) < 100_000
        assert pdf.count(b"%%EOF") == 2
        path = tmp_path / f"{sealing.name}.pdf"
        path.write_bytes(pdf)
        said = _run(needs("pdfsig"), "-nocert", path)
        assert "Signature is Valid." in said, (sealing, said)
        assert "Total document signed" in said, (sealing, said)
        assert "The document is unchanged since signing." in _run(needs("mutool"), "sign", "-v", path), sealing


def test_what_was_sealed_before_a_key_was_replaced_still_holds(sealed: tuple[Services, dict[str, bytes]]) -> None:
    services, files = sealed
    assert verify_record(files["file-p-256"], services.trust, services.clock.now()).verdict.verified
    assert len(services.trust.sealers) == len(SEALINGS) + 1


@pytest.mark.parametrize("place", [0.02, 0.5, 0.93])
def test_one_changed_byte_under_a_seal_of_rsa_is_refused(
    sealed: tuple[Services, dict[str, bytes]], place: float
) -> None:
    services, files = sealed
    pdf = bytearray(files["file-rsa-3072"])
    pdf[int(len(pdf) * place)] ^= 1
    answer = verify_record(bytes(pdf), services.trust, services.clock.now()).verdict
    assert answer.verdict == "not-verified"
    assert answer.reasons[0].code in ("record-intact", "record-file", "record-coverage", "record-frame")


def test_a_seal_of_rsa_that_names_its_algorithm_otherwise_is_refused(
    sealed: tuple[Services, dict[str, bytes]],
) -> None:
    """rsaEncryption with SHA-256 is the same mathematics (RFC 8017, A.2.4) in other bytes that no signature covers."""
    services, files = sealed
    usual, other = (b"300D06092A864886F70D0101%s0500" % one for one in (b"0B", b"01"))
    pdf = files["file-rsa-3072"]
    start, end = pdf.index(b"/Contents <"), pdf.index(b">", pdf.index(b"/Contents <"))
    changed = pdf[:start] + other.join(pdf[start:end].rsplit(usual, 1)) + pdf[end:]
    assert changed != pdf
    answer = verify_record(changed, services.trust, services.clock.now()).verdict
    assert (answer.verdict, answer.reasons[0].code) == ("not-verified", "record-frame")


def _pyhanko(pdf: bytes, services: Services, now: datetime) -> str:
    """The validator's own summary, without network; from the file's own revocation data where it carries some."""
    authorities = (*services.trust.sealers, *services.trust.timestampers)
    roots = [to_asn1(one.chain[-1]) for one in authorities]
    others = [to_asn1(certificate) for one in authorities for certificate in one.chain[:-1]]
    reader = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_signatures
    options = {"trust_roots": roots, "other_certs": others, "allow_fetching": False, "moment": now}
    context = ValidationContext(**options)
    if "/DSS" in reader.root:
        strict = options | {"revocation_mode": "hard-fail", "retroactive_revinfo": True}
        context = DocumentSecurityStore.read_dss(reader).as_validation_context(strict)
    return str(loop.run(async_validate_pdf_signature(signature, context, context)).summary())


def _run(*command: str | Path) -> str:
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
