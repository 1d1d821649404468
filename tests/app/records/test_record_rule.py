# SPDX-License-Identifier: Apache-2.0
"""The one rule for a sealed record: yes to the file that the foundation sealed, and to each other file its own no.

Where the seal is good, the service itself has lied: what it attached, what it printed and what was signed differ.
"""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from real_records import Real
from spoiled_records import TAMPERED, unsealed

from app.records import render
from app.records.data import RecordData, attached_files
from app.records.parts import Act, CompanyDetail
from app.records.seal import DocumentSigner, seal
from mcla.cli.main import cli
from mcla.cli.record import MARKS
from mcla.records.check import verify_record
from mcla.records.names import Step
from mcla.statements.parts import AcceptanceRef, EarlierRef

STEPS = ("sealed-bytes", "pdf", "seal", "attachments", "proof", "record", "pages")


def sealed_twice(real: Real) -> bytes:
    """Twice by the right key, each time permitting the other."""
    pdf = unsealed(real)
    for field in ("FoundationSeal", "Second"):
        meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        signer = PdfSigner(meta, signer=DocumentSigner(real.services.keys.document))
        pdf = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=6144).getvalue()
    return bytes(pdf)


def encrypted(real: Real) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(real.pdf)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def huge(_real: Real) -> bytes:
    return b"%PDF-1.7\n" + bytes(64 * 1024 * 1024)


def sealed_by_the_million(_real: Real) -> bytes:
    """As many seals as fit: kept one by one they would take half a gigabyte."""
    return b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3] " * 3_000_000 + b"startxref 1 %%EOF"


def malformed(real: Real) -> bytes:
    return real.pdf[: len(real.pdf) // 2]


# The seven that tools of others meet too (`tests/interop`), then files that keep a reader busy or confuse it.
SPOILED: dict[str, tuple[Callable[[Real], bytes], str, str]] = TAMPERED | {
    "two seals": (sealed_twice, "record-seal", "exactly one seal, found 2"),
    "many seals": (sealed_by_the_million, "record-seal", "exactly one seal, found more than 2"),
    "encrypted": (encrypted, "record-encrypted", "encrypted"),
    "huge": (huge, "record-size", "at most 67,108,864 bytes"),
    "malformed": (malformed, "record-cut-short", "cut short"),
}


def test_the_record_of_a_real_contribution_holds_by_every_step(real: Real) -> None:
    found = verify_record(real.pdf, real.trust, real.now)
    assert [(step.name, step.outcome) for step in found.verdict.steps] == [(name, "yes") for name in STEPS]
    assert found.verdict.verified
    assert found.verdict.statement is not None
    assert found.verdict.statement["type"] == "contribution"
    assert found.found is not None
    assert found.record() is not None


def test_every_fault_that_can_be_told_from_the_others_has_a_code_of_its_own() -> None:
    codes = {case: code for case, (_, code, _) in SPOILED.items()}
    saved = {"text added", "attachment replaced", "saved again", "garbage"}  # of which none was parsed
    assert {codes[case] for case in saved} == {"record-coverage"}
    alone = [code for case, code in codes.items() if case not in saved | {"many seals"}]
    assert len(set(alone)) == len(alone)


@pytest.mark.parametrize("case", SPOILED)
def test_each_spoiled_file_is_refused_by_the_check_that_is_meant_for_it(real: Real, case: str) -> None:
    spoil, code, words = SPOILED[case]
    found = verify_record(spoil(real), real.trust, real.now)
    assert found.verdict.verdict == "not-verified"
    assert [reason.code for reason in found.verdict.reasons] == [code]
    assert words in found.verdict.reasons[0].message
    assert found.verdict.reasons[0].hint
    assert found.record() is None


def test_a_stranger_s_file_meets_no_pdf_parser(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a file that nobody known has sealed was parsed")

    spoiled = [spoil(real) for spoil, _, _ in SPOILED.values()]
    monkeypatch.setattr("mcla.records.seal.PdfFileReader", refuse)
    monkeypatch.setattr("mcla.records.reading.PdfReader", refuse)
    for pdf in spoiled:
        assert not verify_record(pdf, real.trust, real.now).verdict.verified


def data_of(real: Real) -> RecordData:
    found = verify_record(real.pdf, real.trust, real.now).found
    assert found is not None
    return real.services.records.maker.load(found.record["recordId"], found.certificate_sha256)


def sealed_lie(
    real: Real, monkeypatch: pytest.MonkeyPatch, shown: RecordData, attached: RecordData | None = None
) -> Any:
    """The verdict on a record whose pages show one thing and whose files say another, sealed by our own key."""
    files = attached_files(attached or data_of(real))
    monkeypatch.setattr(render, "attached_files", lambda _data: files)
    pdf = seal(render.render(shown), real.services.keys.document, real.now)
    return verify_record(pdf, real.trust, real.now).verdict


def steps_that_failed(verdict: Any) -> list[str]:
    return [step.name for step in verdict.steps if step.outcome == "no"]


def test_pages_that_name_another_person_are_refused_though_sealed(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    data = data_of(real)
    verdict = sealed_lie(real, monkeypatch, replace(data, signer=replace(data.signer, name="Eve Li")))
    assert steps_that_failed(verdict) == ["pages"]
    assert "signer's name" in verdict.reasons[0].message


def test_pages_whose_words_nobody_sees_are_refused_though_sealed(real: Real) -> None:
    data = data_of(real)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(render.render(data)))
    page = writer.pages[-1]
    content = page.get_contents()
    content.set_data(content.get_data().replace(b"0.07 0.07 0.07 rg", b"1 1 1 rg", 1))
    page.replace_contents(content)
    out = io.BytesIO()
    writer.write(out)
    verdict = verify_record(seal(out.getvalue(), real.services.keys.document, real.now), real.trust, real.now).verdict
    assert steps_that_failed(verdict) == ["pages"]
    assert "light ink" in verdict.reasons[0].message


@pytest.mark.parametrize("change", ["a word", "a sentence more", "at the end of a page"])
def test_pages_with_another_agreement_are_refused_though_sealed(
    real: Real, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    data = data_of(real)
    text = data.agreement.documents["agreement.md"].decode()
    changed = {
        "a word": text.replace("the", "no", 1),
        "a sentence more": text.replace("\n\n", "\n\nAnd your house.\n\n", 2),
        "at the end of a page": text + "\nAnd your house.\n",
    }[change]
    documents = data.agreement.documents | {"agreement.md": changed.encode()}
    verdict = sealed_lie(real, monkeypatch, replace(data, agreement=replace(data.agreement, documents=documents)))
    assert steps_that_failed(verdict) == ["pages"]


def test_an_agreement_that_is_not_the_one_signed_is_refused_though_pages_and_attachments_agree(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = data_of(real)
    documents = data.agreement.documents | {"agreement.md": b"# Another agreement\n\nAll your base.\n"}
    lie = replace(data, agreement=replace(data.agreement, documents=documents))
    assert steps_that_failed(sealed_lie(real, monkeypatch, lie, lie)) == ["record"]


def test_another_person_s_name_does_not_open_the_signature_though_pages_and_attachments_agree(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = data_of(real)
    lie = replace(data, signer=replace(data.signer, name="Eve Li"))
    verdict = sealed_lie(real, monkeypatch, lie, lie)
    assert steps_that_failed(verdict) == ["record"]
    assert "commits to" in verdict.reasons[0].message


def signed_on(act: Act, at: datetime) -> Act:
    events = tuple(replace(one, at=at) if one.step is Step.SIGNED else one for one in act.events)
    return replace(act, signed_at=at, events=events)


ELSEWHERE = AcceptanceRef("cd" * 32, 1)
MADE_UP: dict[str, Callable[[RecordData], RecordData]] = {
    "time of signing": lambda data: replace(data, act=signed_on(data.act, data.act.signed_at - timedelta(9))),
    "company": lambda data: replace(data, signer=replace(data.signer, company=CompanyDetail("Eve Ltd", "DE", "HRB 1"))),
    "acceptance": lambda data: given_with(data, acceptance=ELSEWHERE),
    "earlier signatures": lambda data: given_with(data, earlier=(EarlierRef("ab" * 32, 3),)),
}


def given_with(data: RecordData, **changes: Any) -> RecordData:
    assert data.contribution is not None
    return replace(data, contribution=replace(data.contribution, **changes))


@pytest.mark.parametrize("what", MADE_UP)
def test_what_the_proof_says_otherwise_is_refused_though_pages_and_attachments_agree(
    real: Real, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    lie = MADE_UP[what](data_of(real))
    verdict = sealed_lie(real, monkeypatch, lie, lie)
    assert steps_that_failed(verdict) == ["record"]
    assert f"the {what} in record.json is another than was signed" in verdict.reasons[0].message


def test_pages_that_name_another_acceptance_are_refused_though_sealed(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = sealed_lie(real, monkeypatch, given_with(data_of(real), acceptance=ELSEWHERE))
    assert steps_that_failed(verdict) == ["pages"]


def test_metadata_that_name_another_record_are_refused_though_sealed(
    real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = data_of(real)
    verdict = sealed_lie(real, monkeypatch, replace(data, record_id="rec_" + "0" * 26), data)
    assert steps_that_failed(verdict) == ["attachments"]
    assert "another recordId" in verdict.reasons[0].message


def test_a_proof_that_does_not_hold_is_refused_though_sealed(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    data = data_of(real)
    bundle = json.loads(data.bundle)
    bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["treeSize"] = "7"
    lie = replace(data, bundle=json.dumps(bundle).encode())
    verdict = sealed_lie(real, monkeypatch, lie, lie)
    assert "proof" in steps_that_failed(verdict)
    assert verdict.reasons[0].message.startswith("the attached proof does not hold: ")


# The same rule at the command line, whose exit codes are a contract.


@pytest.fixture
def mcla(real: Real, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`mcla("verify", pdf bytes, …)` with the service's trust file, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "trusted_root.json").write_bytes(real.trust.to_json())

    def verify(pdf: bytes, *more: str, trust: bool = True) -> Any:
        (tmp_path / "record.pdf").write_bytes(pdf)
        given = ["--trust", "trusted_root.json"] if trust else []
        return CliRunner().invoke(cli, ["verify", "record.pdf", *given, *more], prog_name="mcla")

    return verify


def test_the_command_line_verifies_a_record_offline_and_tells_its_seal(real: Real, mcla: Callable[..., Any]) -> None:
    ran = mcla(real.pdf, "--json")
    said = json.loads(ran.stdout)
    assert (ran.exit_code, said["verdict"], said["target"]) == (0, "verified", "record.pdf")
    assert [step["name"] for step in said["steps"]] == list(STEPS)
    assert said["record"]["seal"]["level"] in ("B-B", "B-T")
    assert said["record"]["proof"][0]["name"] == "bundle"
    shown = mcla(real.pdf)
    assert shown.stdout.startswith("Verified: record.pdf: ")
    assert len(shown.stdout.splitlines()) <= 24


@pytest.mark.parametrize("case", SPOILED)
def test_the_command_line_says_no_and_why(real: Real, mcla: Callable[..., Any], case: str) -> None:
    spoil, code, words = SPOILED[case]
    pdf = spoil(real)
    if not any(mark in pdf for mark in MARKS):  # nothing says any more that it was a record
        ran = mcla(pdf)
        assert ran.exit_code == 3
        assert "carries no seal" in ran.stderr
        return
    ran = mcla(pdf, "--json")
    said = json.loads(ran.stdout)
    assert (ran.exit_code, said["verdict"], said["record"]) == (1, "not-verified", None)
    assert said["reasons"][0]["code"] == code
    assert words in said["reasons"][0]["message"]


def test_without_a_trust_file_the_answer_is_unknown(real: Real, mcla: Callable[..., Any]) -> None:
    ran = mcla(real.pdf, trust=False)
    assert ran.exit_code == 3
    assert "trust file" in ran.stderr


def test_without_the_readers_the_command_names_what_to_install(
    real: Real, mcla: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(__import__("sys").modules, "mcla.records.check")
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    for module in ("mcla.records.text", "mcla.records.reading"):
        monkeypatch.delitem(__import__("sys").modules, module)
    ran = mcla(real.pdf)
    assert ran.exit_code == 2
    assert "pip install 'mcla[pdf]'" in ran.stderr


def test_what_is_asked_beyond_the_rule_is_asked_of_the_signature(real: Real, mcla: Callable[..., Any]) -> None:
    signer = verify_record(real.pdf, real.trust, real.now).verdict.statement["signer"]  # type: ignore[index]
    origin = real.services.settings.origin
    assert mcla(real.pdf, "--identity", signer, "--issuer", origin).exit_code == 0
    ran = mcla(real.pdf, "--identity", f"{signer}x", "--issuer", origin)
    assert ran.exit_code == 1
    assert "expected the identity" in ran.stdout


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 packed", b"hello\n", b"\x89PNG\r\n"])
def test_what_is_called_a_pdf_and_is_none_is_told_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.PDF").write_bytes(content)
    done = CliRunner().invoke(cli, ["verify", str(tmp_path / "record.PDF")])
    assert done.exit_code == 3
    assert "This is no PDF file" in done.output


def test_a_pdf_that_is_no_record_is_a_file_like_any_other(mcla: Callable[..., Any]) -> None:
    ran = mcla(b"%PDF-1.7\nA paper, given as training data.\nstartxref\n0\n%%EOF\n", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["reasons"][0]["code"]) == (3, "bundle-missing")
