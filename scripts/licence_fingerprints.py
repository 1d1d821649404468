# SPDX-License-Identifier: Apache-2.0
"""Make mcla/licences/data/fingerprints.json anew from the licence texts in the test package scancode-toolkit-mini.

Only numbers are kept: the SHA-256 of each text's words and 32-bit checks of sampled phrases, with where the text was
read and when. Run it after the table of licences gained an id, or the package a text:

    PYTHONPATH=. .venv/bin/python scripts/licence_fingerprints.py [LICENCE FILE SOURCE]...

A text that the package lacks is added from a FILE on this disk, with the SOURCE in words where it was found; it is kept
when the others are made anew. One licence may have several texts.
"""

import json
import re
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mcla.licences.identify import packed
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.licences.words import digest_of, phrases_of, words_of

PACKAGE, SCHEMA = "scancode-toolkit-mini", "mcla.licence-fingerprints/2"
OUT = Path(__file__).parents[1] / "mcla/licences/data/fingerprints.json"


def texts() -> dict[str, tuple[set[str], bytes]]:
    """Every text of the package: file name -> the names that it goes by, and its bytes without the header."""
    found = find_spec("licensedcode")
    assert found is not None  # noqa: S101  # the test group has it
    assert found.submodule_search_locations  # noqa: S101
    folder = Path(found.submodule_search_locations[0]) / "data/licenses"
    return {path.name: _read(path) for path in sorted(folder.glob("*.LICENSE"))}


def _read(path: Path) -> tuple[set[str], bytes]:
    _, header, text = re.split(r"^---\s*$", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    others = re.search(r"^other_spdx_license_keys:\n((?:\s+- .+\n)+)", header, re.MULTILINE)
    names = re.findall(r"- (\S+)", others.group(1)) if others else []
    return {*names, *re.findall(r"^spdx_license_key: (\S+)$", header, re.MULTILINE)}, text.encode()


def text_of(licence: Licence, known: dict[str, tuple[set[str], bytes]]) -> bytes | None:
    """The text of a record, found by the name that ScanCode or SPDX gives it."""
    for name in filter(None, (licence.scancode_key, licence.spdx, licence.id)):
        for names, text in known.values():
            if name in names:
                return text
    return None


def editions(licence: Licence, text: bytes) -> list[bytes]:
    """The text, and what it is without the appendix on how to apply it, which many files leave out.

    What follows the terms of a use-restricted licence is its list of restrictions, and is never left out.
    """
    end = re.search(rb"end of (the )?terms and conditions", text, re.IGNORECASE)
    return [text] if licence.restrictions or not end else [text, text[: end.end()], text[: end.start()]]


def main(added: list[str]) -> None:
    today, known = datetime.now(UTC).date().isoformat(), texts()
    before = [each for each in json.loads(OUT.read_text())["texts"] if not each["source"].startswith(PACKAGE)]
    found = [
        _kept(licence.id, edition, f"{PACKAGE} {version(PACKAGE)}", today)
        for licence in registry()
        for edition in editions(licence, text_of(licence, known) or b"")
        if words_of(edition)
    ]
    for place in range(0, len(added), 3):
        licence, file, source = added[place : place + 3]
        before.append(_kept(registry().get(licence).id, Path(file).read_bytes(), source, today))
    once = {(each["licence"], each["sha256"]): each for each in (*before, *found)}
    order = {licence.id: place for place, licence in enumerate(registry())}
    document = {"schema": SCHEMA, "texts": sorted(once.values(), key=lambda each: order[each["licence"]])}
    OUT.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{len(once)} texts, {OUT.stat().st_size:,} bytes")  # noqa: T201


def _kept(licence: str, text: bytes, source: str, read: str) -> dict[str, str | int]:
    words = words_of(text)
    phrases = packed(sorted({number for number, _ in phrases_of(words)}))
    kept = {"licence": licence, "words": len(words), "sha256": digest_of(words), "phrases": phrases}
    return kept | {"source": source, "read": read}


if __name__ == "__main__":
    main(sys.argv[1:])
