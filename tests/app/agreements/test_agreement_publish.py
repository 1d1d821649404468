# SPDX-License-Identifier: Apache-2.0
"""Publishing: immutable, at most once, the same answer for the same bytes, on both databases."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from version_folders import copy_version, rewrite_text, substitute

from app.agreements.errors import (
    AgreementTaken,
    AgreementUnknown,
    AgreementVersionExists,
    AgreementVersionUnknown,
    AgreementWithdrawn,
    KindNotCovered,
)
from app.agreements.models import Agreement, AgreementDocument, AgreementVersion
from app.agreements.service import AgreementService, PublishedVersion
from app.platform.clock import FixedClock
from app.platform.db import Database
from app.projects.service import FoundationUnknown
from mcla.terms import DeclarationsInvalid

ROOT = Path(__file__).resolve().parents[3]


def rows(db: Database) -> tuple[int, int, int]:
    """How many agreements, versions and documents are stored."""
    with db.read() as session:
        return tuple(  # type: ignore[return-value]
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Agreement, AgreementVersion, AgreementDocument)
        )


def edited(folder: Path) -> Path:
    """The folder with one word of its text changed, consistently."""
    rewrite_text(folder, (folder / "agreement.md").read_bytes().replace(b"free of charge, not", b"free, not"))
    return folder


def test_a_published_version_is_the_folder_byte_for_byte(agreements: AgreementService, folder: Path) -> None:
    version = agreements.publish(folder, "example")
    assert version == agreements.version("mcla-individual", "1.0.0")
    assert (version.slug, version.version, version.state) == ("mcla-individual", "1.0.0", "published")
    assert version.foundation.slug == "example"
    assert {path: (folder / path).read_bytes() for path in version.documents} == dict(version.documents)
    assert version.sha256_of("agreement.md") == version.text_sha256


def test_publishing_the_same_bytes_again_changes_nothing(
    agreements: AgreementService, folder: Path, clock: FixedClock, db: Database
) -> None:
    first = agreements.publish(folder, "example")
    clock.at += timedelta(days=1)
    assert agreements.publish(folder, "example") == first
    assert rows(db) == (1, 1, 10)


def test_publishing_other_bytes_under_the_same_version_is_refused(agreements: AgreementService, folder: Path) -> None:
    first = agreements.publish(folder, "example")
    with pytest.raises(AgreementVersionExists) as refused:
        agreements.publish(edited(folder), "example")
    assert refused.value.code == "agreement-version-exists"
    assert refused.value.status == 409
    assert first.digest in refused.value.message
    assert "Raise the version" in refused.value.hint
    assert agreements.version("mcla-individual") == first


@pytest.mark.parametrize(
    "document", ["summaries.toml", "consent.toml", "schedules/W.md", "schedules/S.toml", "terms.toml"]
)
def test_no_document_of_a_version_can_be_changed(agreements: AgreementService, folder: Path, document: str) -> None:
    agreements.publish(folder, "example")
    with (folder / document).open("a") as file:
        file.write("# one more line\n")
    with pytest.raises(AgreementVersionExists):
        agreements.publish(folder, "example")


def test_the_same_documents_under_another_slug_are_refused(
    agreements: AgreementService, folder: Path, tmp_path: Path
) -> None:
    agreements.publish(folder, "example")
    with pytest.raises(AgreementVersionExists, match="of mcla-individual is published"):
        agreements.publish(copy_version(tmp_path, "1.0.0", slug="copied"), "example")


def test_another_foundation_cannot_publish_under_a_taken_slug(
    agreements: AgreementService, folder: Path, tmp_path: Path
) -> None:
    agreements.publish(folder, "example")
    with pytest.raises(AgreementTaken):
        agreements.publish(copy_version(tmp_path, "1.1.0"), "other")
    assert len(agreements.versions("mcla-individual")) == 1


def test_an_unknown_foundation_stores_nothing(agreements: AgreementService, folder: Path, db: Database) -> None:
    with pytest.raises(FoundationUnknown):
        agreements.publish(folder, "nobody")
    assert rows(db) == (0, 0, 0)


def test_the_newest_version_is_found_by_number_not_by_text(agreements: AgreementService, tmp_path: Path) -> None:
    for number in ("1.10.0", "1.9.0", "1.2.0"):
        agreements.publish(copy_version(tmp_path, number), "example")
    assert [each.version for each in agreements.versions("mcla-individual")] == ["1.10.0", "1.9.0", "1.2.0"]
    assert agreements.version("mcla-individual").version == "1.10.0"


def test_a_withdrawn_version_takes_no_new_signatures_but_stays_readable(
    agreements: AgreementService, tmp_path: Path, clock: FixedClock
) -> None:
    for number in ("1.0.0", "1.1.0"):
        agreements.publish(copy_version(tmp_path, number), "example")
    first = agreements.withdraw("mcla-individual", "1.1.0")
    clock.at += timedelta(days=1)
    assert agreements.withdraw("mcla-individual", "1.1.0") == first
    assert agreements.version("mcla-individual", "1.1.0").state == "withdrawn"
    assert agreements.version("mcla-individual").version == "1.0.0"
    assert [each.version for each in agreements.agreements()] == ["1.0.0"]
    with pytest.raises(AgreementWithdrawn, match=r"1\.1\.0"):
        agreements.version_to_sign("mcla-individual", "1.1.0")
    agreements.withdraw("mcla-individual", "1.0.0")
    with pytest.raises(AgreementWithdrawn):
        agreements.version_to_sign("mcla-individual")


@pytest.mark.parametrize("slug", ["mcla-company", "", "../etc", "a\x00b", "MCLA-INDIVIDUAL", "x" * 5000])
def test_an_unknown_agreement_names_those_there_are(agreements: AgreementService, folder: Path, slug: str) -> None:
    agreements.publish(folder, "example")
    with pytest.raises(AgreementUnknown) as refused:
        agreements.version(slug, "1.0.0")
    assert refused.value.extra == {"known": ["mcla-individual"]}
    assert "mcla-individual" in refused.value.hint


@pytest.mark.parametrize("number", ["1.0.1", "", "1.0", "latest", "1.0.0\x00", "9" * 5000])
def test_an_unknown_version_names_those_there_are(agreements: AgreementService, folder: Path, number: str) -> None:
    agreements.publish(folder, "example")
    with pytest.raises(AgreementVersionUnknown) as refused:
        agreements.version("mcla-individual", number)
    assert refused.value.extra == {"known": ["1.0.0"]}


def test_a_service_without_agreements_says_so(agreements: AgreementService) -> None:
    assert agreements.agreements() == []
    with pytest.raises(AgreementUnknown) as refused:
        agreements.version("mcla-individual")
    assert refused.value.hint == "There are none yet."


def test_of_many_threads_publishing_the_same_bytes_all_get_the_one_version(
    agreements: AgreementService, folder: Path, db: Database
) -> None:
    start = Barrier(6)

    def publish(_number: int) -> PublishedVersion:
        start.wait(timeout=20)
        return agreements.publish(folder, "example")

    with ThreadPoolExecutor(6) as pool:
        assert len({each.id for each in pool.map(publish, range(6))}) == 1
    assert rows(db) == (1, 1, 10)


def test_of_two_different_texts_published_at_once_one_wins_and_the_other_is_told(
    agreements: AgreementService, tmp_path: Path, db: Database
) -> None:
    folders = [copy_version(tmp_path / "a", "1.0.0"), edited(copy_version(tmp_path / "b", "1.0.0"))]
    start = Barrier(2)

    def publish(folder: Path) -> str:
        start.wait(timeout=20)
        try:
            return agreements.publish(folder, "example").digest
        except AgreementVersionExists as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(publish, folders))
    stored = agreements.version("mcla-individual").digest
    assert sorted(answers) == sorted([stored, "agreement-version-exists"])
    assert rows(db) == (1, 1, 10)


PROGRAM = """
import sys
from pathlib import Path
from app import models
from app.agreements.errors import AgreementVersionExists
from app.agreements.service import AgreementService
from app.platform.clock import SystemClock
from app.platform.db import Database
service = AgreementService(Database(sys.argv[1]), SystemClock())
print("ready", flush=True)
sys.stdin.readline()
try:
    print(service.publish(Path(sys.argv[2]), "example").digest)
except AgreementVersionExists as refused:
    print(refused.code)
"""


def test_of_two_processes_publishing_at_once_one_wins_and_the_other_is_told(
    agreements: AgreementService, tmp_path: Path, database_url: str, db: Database
) -> None:
    folders = [copy_version(tmp_path / "a", "1.0.0"), edited(copy_version(tmp_path / "b", "1.0.0"))]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url, str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for folder in folders
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        answers = [process.communicate(timeout=60)[0].strip() for process in _started(processes)]
    finally:
        for process in processes:
            process.kill()
            process.wait(timeout=10)
    stored = agreements.version("mcla-individual").digest
    assert sorted(answers) == sorted([stored, "agreement-version-exists"])
    assert rows(db) == (1, 1, 10)


def _started(processes: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Let all of them go before waiting for the first."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


def test_each_kind_is_asked_only_its_own_questions(agreements: AgreementService, folder: Path) -> None:
    version = agreements.publish(folder, "example")
    assert agreements.declarations(version, "code") is None
    assert agreements.declarations(version, "recipe") is None
    asked = {kind: [field.key for field in schedule.fields] for kind in ("data", "synthetic", "eval", "tokenizer")
             if (schedule := agreements.declarations(version, kind))}  # fmt: skip
    assert "generators" in asked["synthetic"]
    assert "generators" not in asked["data"]
    assert "keep_from_training" in asked["eval"]
    assert "memorisation" not in asked["tokenizer"]


def test_answers_for_weights_are_checked_against_the_version(agreements: AgreementService, folder: Path) -> None:
    version = agreements.publish(folder, "example")
    with pytest.raises(DeclarationsInvalid) as refused:
        agreements.check_declarations(version, "weights", {"relation": "stolen"})
    pointers = {error["pointer"] for error in refused.value.errors}
    assert {"/relation", "/personal_data", "/memorisation_tested", "/no_payload"} <= pointers


@pytest.mark.parametrize("kind", ["music", "", "Weights", "x" * 500])
def test_a_kind_that_does_not_exist_is_refused(agreements: AgreementService, folder: Path, kind: str) -> None:
    version = agreements.publish(folder, "example")
    with pytest.raises(KindNotCovered, match="not a kind") as refused:
        agreements.declarations(version, kind)
    assert "code, data" in refused.value.hint


def test_a_kind_that_the_version_leaves_out_is_refused(agreements: AgreementService, folder: Path) -> None:
    substitute(folder / "terms.toml", '"recipe", "safety"]', '"recipe"]')
    for name in ("schedules/S.md", "schedules/S.toml"):
        (folder / name).unlink()
    summaries = folder / "summaries.toml"
    summaries.write_text(
        "\n".join(line for line in summaries.read_text().splitlines() if not line.startswith("S =")) + "\n"
    )
    version = agreements.publish(folder, "example")
    with pytest.raises(KindNotCovered, match="'safety' is not covered by mcla-individual"):
        agreements.check_declarations(version, "safety", {})


def test_the_consent_words_are_the_same_for_everybody(agreements: AgreementService, folder: Path) -> None:
    version = agreements.publish(folder, "example")
    ada, bob = agreements.consent(version, "Ada Li", 3), agreements.consent(version, "Bob", 1)
    assert (ada.text, ada.sha256, ada.button) == (bob.text, bob.sha256, "Sign and record")
    assert "Ada" not in ada.text
    assert (ada.beside, bob.beside) == ("Ada Li, for 3 files", "Bob, for 1 file")
    assert agreements.consent(version, "Ada Li").sha256 != ada.sha256
