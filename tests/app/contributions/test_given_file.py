# SPDX-License-Identifier: Apache-2.0
"""What the verify page says of a file that it cannot check: what the file is and what to do, beside its field."""

import html
import io
import re
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from spoken import english_left

from app.contributions.schemas.bundle import BundleIn

MOST = BundleIn.max_bytes
NEITHER = "This file is neither a record (PDF) nor a proof (JSON). To check any other file, paste its SHA-256 above;"
DIGEST = "ab" * 32


def packed() -> bytes:
    """A ZIP file with a proof inside."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("model.sigstore.json", "{}")
    return target.getvalue()


OTHERS = {
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "proof.zip": packed(),
    "model.safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    "wide.json": '{"mediaType":"x"}'.encode("utf-16"),
    "spoiled.json": b'{"mediaType":"\xff"}',
    "letter.txt": b"Dear foundation,",
    "spaces.txt": b" \n",
    "late.pdf": b"From: ada\n\n%PDF-1.7\n",
    "short.pdf": b"%PDF",
}


def given(client: FlaskClient, content: bytes, name: str = "given.bin", digest: str = "", tongue: str = "en") -> Any:
    data = {"bundle": (io.BytesIO(content), name), "digest": digest}
    return client.post("/verify", data=data, headers={"Accept-Language": tongue})


def faults(answer: Any) -> list[tuple[str, str]]:
    """The field that each line of the summary leads to, and what it says."""
    found = re.findall(r'<li><a href="#f-(\w+)">(.*?)</a></li>', answer.text)
    return [(field, html.unescape(said)) for field, said in found]


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_neither_a_record_nor_a_proof_is_told_so(client: FlaskClient, name: str) -> None:
    answer = given(client, OTHERS[name], name)
    assert answer.status_code == 400
    [(field, said)] = faults(answer)
    assert field == "bundle"
    assert said.startswith(NEITHER)
    assert "UTF-8" not in answer.text
    assert "Not verified" not in answer.text


@pytest.mark.parametrize("name", ["proof.json", "record.pdf"])
def test_an_empty_file_is_called_empty(client: FlaskClient, name: str) -> None:
    answer = given(client, b"", name)
    assert answer.status_code == 400
    [(field, said)] = faults(answer)
    assert (field, said.partition(".")[0]) == ("bundle", "The file is empty")


def test_no_file_and_no_digest_are_asked_for_as_before(client: FlaskClient) -> None:
    answer = given(client, b"", name="")
    assert answer.status_code == 400
    assert faults(answer) == [("digest", "Paste a SHA-256, or choose a proof file.")]


def test_what_was_pasted_stays_and_is_not_called_wrong_for_the_file(client: FlaskClient) -> None:
    text = given(client, OTHERS["proof.zip"], digest=DIGEST).text
    [pasted] = re.findall(r'<textarea [^>]*name="digest"[^>]*>[^<]*', text)
    assert pasted.endswith(f">{DIGEST}")
    assert "aria-invalid" not in pasted
    [file] = re.findall(r'<input [^>]*name="bundle"[^>]*>', text)
    assert 'aria-invalid="true"' in file
    assert "bundle-hint e-bundle" in file
    assert '<p class="fault" id="e-bundle">' in text


@pytest.mark.parametrize(
    ("magic", "said", "command"),
    [
        (b"%PDF-1.7\n", "This PDF is larger than 4 MiB; most records have less than 100 KB", "`mcla verify FILE.pdf`"),
        (b'{"a":"', "This file is larger than 4 MiB, and a proof is far smaller.", "`mcla verify FILE`"),
        (b"PK\x03\x04", "This file is larger than 4 MiB, and a proof is far smaller.", "paste its SHA-256"),
    ],
)
def test_what_is_too_large_is_told_by_what_it_is(client: FlaskClient, magic: bytes, said: str, command: str) -> None:
    answer = given(client, magic.ljust(MOST + 1, b" "))
    assert answer.status_code == 413
    [(field, told)] = faults(answer)
    assert field == "bundle"
    assert told.startswith(said)
    assert command in told
    assert "Download the bundle" not in answer.text


def test_a_paper_at_the_limit_is_read(client: FlaskClient) -> None:
    answer = given(client, b"%PDF-1.7\n".ljust(MOST, b" "))
    assert answer.status_code == 200
    assert "Not verified." in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Die Datei ist leer."),
        (OTHERS["picture.png"], "Diese Datei ist weder eine Urkunde (PDF) noch ein Nachweis (JSON)."),
        (b"%PDF-1.7\n".ljust(MOST + 1), "Dieses PDF ist größer als 4 MiB;"),
        (b"PK\x03\x04".ljust(MOST + 1), "Diese Datei ist größer als 4 MiB,"),
    ],
    ids=["empty", "picture", "large paper", "large file"],
)
def test_each_is_told_in_german_too(client: FlaskClient, content: bytes, said: str) -> None:
    answer = given(client, content, tongue="de")
    [(_, told)] = faults(answer)
    assert told.startswith(said)
    assert english_left(answer) == set()
