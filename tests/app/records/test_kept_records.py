# SPDX-License-Identifier: Apache-2.0
"""Records in the storage: compressed with a dictionary that tells of nobody, given back to the byte or not."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from real_records import Real
from record_samples import acceptance, contribution

from app.platform.storage import DirectoryStorage, StorageConflict
from app.records.compressed import MAGIC, Dictionary
from app.records.data import RecordData
from app.records.errors import DictionaryUnusable, RecordContentInvalid
from app.records.kept import KeptFiles
from app.records.models import Record
from app.records.sample import Kind, made_up
from mcla.records.frame import MAX_PDF_BYTES

NAME = "records/rec_1.pdf"
HEAD = len(MAGIC) + 8 + 32


@pytest.fixture(scope="module")
def data() -> RecordData:
    return contribution(3)


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    return DirectoryStorage(tmp_path)


@pytest.fixture
def kept(storage: DirectoryStorage, data: RecordData, real: Real) -> bytes:
    """A file as it lies in the storage."""
    KeptFiles(storage).create(NAME, real.pdf, data)
    return storage.read(NAME) or b""


def dictionaries(storage: DirectoryStorage) -> list[Path]:
    return [path for path in (storage.root / "records" / "dictionaries").iterdir() if len(path.name) == 64]


def test_a_service_stores_its_records_compressed_and_gives_back_the_bytes_that_were_sealed(real: Real) -> None:
    with real.services.db.read() as session:
        records = session.query(Record).all()
    for record in records:
        stored = real.services.storage.read(f"records/{record.id}.pdf") or b""
        assert stored.startswith(MAGIC)
        assert hashlib.sha256(real.services.records.stored(record)).hexdigest() == record.sha256
    assert any(real.services.records.stored(record) == real.pdf for record in records)


def test_another_process_reads_the_same_bytes_with_the_dictionary_that_the_file_names(
    storage: DirectoryStorage, kept: bytes, real: Real
) -> None:
    (dictionary,) = dictionaries(storage)
    assert kept[len(MAGIC) + 8 : HEAD].hex() == dictionary.name == hashlib.sha256(dictionary.read_bytes()).hexdigest()
    assert int.from_bytes(kept[len(MAGIC) : len(MAGIC) + 8], "big") == len(real.pdf) > len(kept)
    assert KeptFiles(storage).read(NAME) == real.pdf


def test_files_of_before_are_read_as_they_are_and_what_is_not_there_is_not_there(
    storage: DirectoryStorage, real: Real
) -> None:
    storage.create(NAME, real.pdf)
    assert KeptFiles(storage).read(NAME) == real.pdf
    assert KeptFiles(storage).read("records/rec_2.pdf") is None


@pytest.mark.parametrize("signed", [contribution(3), acceptance()], ids=["contribution", "acceptance"])
def test_a_dictionary_tells_of_nobody(signed: RecordData) -> None:
    signer, act, given = signed.signer, signed.act, signed.contribution
    assert act.circumstance is not None
    personal = [
        signer.name, signer.login, signer.email, signer.subject, signer.uri, signer.commitment, signer.salt,
        act.consent_text, act.statement_sha256, act.circumstance.address, act.circumstance.agent,
        signed.record_id, signed.signature_id, signed.origin, signed.foundation_name, signed.log.leaf, signed.log.root,
    ]  # fmt: skip
    if given is not None:
        personal += [given.project_name, given.id, given.manifest_root, given.files[0].path]
    records = [b"%PDF-" + each for each in made_up(Kind.of(signed)).split(b"%PDF-")[1:]]
    assert len(records) == 2
    for told in map(_words, records):
        assert told.count("No Body") > 2  # so what is looked for would be found
        assert [each for each in personal if each is None or re.search(rf"\b{re.escape(each)}\b", told)] == []


def _words(pdf: bytes) -> str:
    """What the pages, attachments and metadata of a PDF say, and its bytes."""
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    pages = [page.extract_text() for page in reader.pages]
    files = [content.decode() for contents in reader.attachments.values() for content in contents]
    assert reader.xmp_metadata is not None
    metadata = reader.xmp_metadata.stream.get_data().decode()
    return "\n".join((*pages, *files, metadata, str(reader.metadata), pdf.decode("latin-1")))


def test_every_kind_of_record_has_one_dictionary_however_many_files_need_it(
    storage: DirectoryStorage, data: RecordData, real: Real
) -> None:
    files = KeptFiles(storage)
    for number, each in enumerate((data, contribution(1), acceptance(), acceptance(name="Bob"))):
        files.create(f"records/rec_{number}.pdf", real.pdf, each)
    assert len(dictionaries(storage)) == 2


def test_two_processes_that_made_different_dictionaries_at_once_both_find_their_own(
    storage: DirectoryStorage, data: RecordData, real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(DirectoryStorage):
        """Does not see yet what the other process has named."""

        def read(self, name: str) -> bytes | None:
            return None if "/for-" in name else super().read(name)

    KeptFiles(storage).create(NAME, real.pdf, data)
    monkeypatch.setattr("app.records.kept.made_up", lambda _: real.pdf[:5000])
    KeptFiles(Late(storage.root)).create("records/rec_2.pdf", real.pdf, data)
    assert len(dictionaries(storage)) == 2
    assert KeptFiles(storage).read(NAME) == KeptFiles(storage).read("records/rec_2.pdf") == real.pdf


def test_without_its_dictionary_a_file_is_refused_and_read_again_once_that_is_back(
    storage: DirectoryStorage, kept: bytes, real: Real
) -> None:
    (dictionary,) = dictionaries(storage)
    content = dictionary.read_bytes()
    dictionary.unlink()
    with pytest.raises(DictionaryUnusable, match=f"lacks the dictionary .*{dictionary.name}") as refused:
        KeptFiles(storage).read(NAME)
    assert "from the backup" in refused.value.hint
    dictionary.write_bytes(content)
    assert KeptFiles(storage).read(NAME) == real.pdf


def test_new_files_do_not_wait_for_a_dictionary_that_is_lost(
    storage: DirectoryStorage, kept: bytes, data: RecordData, real: Real
) -> None:
    (lost,) = dictionaries(storage)
    lost.unlink()
    KeptFiles(storage).create("records/rec_2.pdf", real.pdf, data)
    assert KeptFiles(storage).read("records/rec_2.pdf") == real.pdf
    assert dictionaries(storage) == [lost]  # the same version makes the same one: it is there again


@pytest.mark.parametrize("place", [0, 9_000, -1])
def test_an_altered_dictionary_reads_and_writes_nothing(
    storage: DirectoryStorage, kept: bytes, data: RecordData, real: Real, place: int
) -> None:
    (dictionary,) = dictionaries(storage)
    content = bytearray(dictionary.read_bytes())
    content[place] ^= 1
    dictionary.write_bytes(content)
    for wish in (
        lambda: KeptFiles(storage).read(NAME),
        lambda: KeptFiles(storage).create("records/rec_2.pdf", real.pdf, data),
    ):
        with pytest.raises(DictionaryUnusable, match="another content than its name says"):
            wish()
    assert storage.read("records/rec_2.pdf") is None


def _cut(kept: bytes) -> bytes:
    return kept[:-1]


def _within_the_head(kept: bytes) -> bytes:
    return kept[: HEAD - 1]


def _longer(kept: bytes) -> bytes:
    return kept + b"\0"


def _of_another_size(kept: bytes) -> bytes:
    return kept[: HEAD - 33] + bytes([kept[HEAD - 33] ^ 1]) + kept[HEAD - 32 :]


def _no_frame(kept: bytes) -> bytes:
    return kept[:HEAD] + b"%PDF" + kept[HEAD + 4 :]


@pytest.mark.parametrize("spoil", [_cut, _within_the_head, _longer, _of_another_size, _no_frame])
def test_a_file_that_no_writer_left_is_refused(storage: DirectoryStorage, kept: bytes, spoil: Any) -> None:
    storage.replace(NAME, spoil(kept))
    with pytest.raises(RecordContentInvalid):
        KeptFiles(storage).read(NAME)


def test_a_file_whose_content_was_changed_is_never_given_out(real: Real) -> None:
    with real.services.db.read() as session:
        record = session.query(Record).first()
    assert record is not None
    name = f"records/{record.id}.pdf"
    whole = real.services.storage.read(name) or b""
    try:
        for place in range(HEAD + 9, len(whole), len(whole) // 12):
            real.services.storage.replace(name, whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            with pytest.raises(RecordContentInvalid):
                real.services.records.stored(record)
    finally:
        real.services.storage.replace(name, whole)


def test_no_more_is_unpacked_than_a_record_can_have_or_the_file_says(storage: DirectoryStorage, kept: bytes) -> None:
    (found,) = dictionaries(storage)
    bomb = Dictionary.of(found.read_bytes()).packed(bytes(MAX_PDF_BYTES + 1))
    assert len(bomb) < 10_000
    storage.replace(NAME, bomb)
    with pytest.raises(RecordContentInvalid, match="at most 67,108,864 bytes"):
        KeptFiles(storage).read(NAME)
    storage.replace(NAME, bomb[: len(MAGIC)] + (1000).to_bytes(8, "big") + bomb[len(MAGIC) + 8 :])
    with pytest.raises(RecordContentInvalid):
        KeptFiles(storage).read(NAME)


def test_a_file_is_written_once_and_the_same_again_is_accepted(
    storage: DirectoryStorage, kept: bytes, data: RecordData, real: Real
) -> None:
    KeptFiles(storage).create(NAME, real.pdf, data)
    assert storage.read(NAME) == kept
    with pytest.raises(StorageConflict):
        KeptFiles(storage).create(NAME, real.pdf + b"\n", data)
