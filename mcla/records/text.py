# SPDX-License-Identifier: Apache-2.0
"""What a reader sees must be what the attached data say: the words of the pages against documents and `record.json`.

The seal protects both and compares neither. Words are compared under NFKC, without spaces and without what no page
shows; a character that stands as its code point counts as itself. The agreement must stand there whole, word for word
and in order; of `record.json` every value that the certificate page prints must stand behind it.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from mcla.artifacts.manifest import parse_manifest
from mcla.records.contents import Contents
from mcla.records.declared import told_answers
from mcla.records.errors import SealInvalid, refused_by
from mcla.records.fields import SECRET, Personal, read_personal
from mcla.records.hidden import check_open
from mcla.records.markdown import plain_text
from mcla.records.names import MANIFEST_JSON, PAGE_BUILD, PAGE_LANGUAGE, SHOWN_FILES, STEPS, TIME_ZONE, Step
from mcla.records.reading import opened, page_texts
from mcla.records.turned import stands_turned, turned

_CODE_POINT = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
_MARKS = re.compile(r"[•◦▪‣]|\d{1,6}[.)]?")
_BEGINNING = 24
"""So many characters tell a beginning from another place."""


def check_pages(pdf: bytes, contents: Contents) -> str:
    """Says what was compared; raises `SealInvalid` (`pages`) naming what the pages do not show."""
    with refused_by("pages", "the pages cannot be read"):
        reader = opened(pdf)
        check_open(reader)
        pages = [folded(text) for text in page_texts(reader)]
    behind = _behind(pages, [(name, _words(text)) for name, text in _documents(contents)])
    certificate = re.sub(_furniture_of(contents.record), "", behind)  # a long answer goes on over it
    for what, value in _told(contents):
        if not _stands(folded(value), certificate):
            raise SealInvalid("pages", f"the certificate page does not show the {what} that record.json names")
    return "the pages show the attached text and the values of record.json"


@lru_cache(maxsize=16)
def _words(document: str) -> str:
    """What a page shows of a document, as it is compared; asked once of a text that many records of a run carry."""
    return folded(plain_text(document))


def _stands(value: str, page: str) -> bool:
    return value in page or (turned(value) and stands_turned(value, page))


def _behind(pages: list[str], documents: list[tuple[str, str]]) -> str:
    """What stands behind the documents, each of which must stand on the pages whole and in order."""
    reading = _Reading(pages)
    for name, words in documents:
        if not reading.reads(words):
            raise SealInvalid("pages", f"the pages do not show the attached {name} word for word")
    certificate = reading.rest()
    feet = [_furniture(page) for page in pages]
    if not all(foot.endswith(one) for one in reading.between for foot in feet):
        raise SealInvalid("pages", "the pages show text between the parts of the agreement that is not attached")
    return certificate


class _Reading:
    """Pages read through from the first to the last; `between` is what stood between the words that were looked for.

    That may be what every page ends with, certificate included, and nothing else.
    """

    def __init__(self, pages: list[str]) -> None:
        self._pages, self._number, self._place = pages, 0, 0
        self.between: set[str] = set()

    def reads(self, words: str) -> bool:
        """Whether `words` stand next, over as many pages as they take."""
        if not self._finds(words):
            return False
        while words:
            taken = self._taken(words, self._place)
            if taken is None:
                return False
            if taken < len(words):
                self._turn(self._place + taken)
            else:
                self._place += taken
            words = words[taken:]
        return True

    def rest(self) -> str:
        """Everything on the pages that follow."""
        if self._number < len(self._pages):
            self._turn(self._place)
        return "".join(self._pages[self._number :])

    def _finds(self, words: str) -> bool:
        before = (self._number, self._place) == (0, 0)  # the cover may say what it likes
        while self._number < len(self._pages):
            page = self._pages[self._number]
            for found in re.finditer(re.escape(words[:_BEGINNING]), page[self._place :]):
                start = self._place + found.start()
                if self._taken(words, start) is not None:
                    self.between |= set() if before else {_furniture(page[self._place : start])}
                    self._place = start
                    return True
            self._turn(self._place, note=not before)
        return False

    def _turn(self, place: int, *, note: bool = True) -> None:
        """Turn the page at `place`, where the words on it end."""
        self.between |= {_furniture(self._pages[self._number][place:])} if note else set()
        self._number, self._place = self._number + 1, 0

    def _taken(self, words: str, start: int) -> int | None:
        """How much of `words` stands from `start` to the end of this page, if the next page goes on with the rest.

        Not simply how much is alike: the foot of a page may begin like the words that follow on the next.
        """
        shown = _alike(self._pages[self._number][start:], words)
        if shown == len(words):
            return shown
        following = self._pages[self._number + 1] if self._number + 1 < len(self._pages) else ""
        places = range(shown, max(shown - _BEGINNING, -1), -1)
        return next((one for one in places if following.startswith(words[one : one + _BEGINNING])), None)


def _alike(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _furniture(text: str) -> str:
    """What stands at the foot of every page alike, without page numbers and the marks of lists."""
    return _MARKS.sub("", text)


def _furniture_of(record: dict[str, Any]) -> str:
    """The pattern of head and foot of this record's pages."""
    agreement = record["agreement"]
    head = f"{record['foundation']['name']}{agreement['title']}{agreement['version']}Record{record['recordId']}"
    return rf"{re.escape(folded(head))}Page\d{{1,4}}of\d{{1,4}}"


def _documents(contents: Contents) -> Iterator[tuple[str, str]]:
    paths = [one for one in contents.record["agreement"]["documents"] if "attachment" in one]
    for one in sorted(paths, key=lambda each: (each["path"] != "agreement.md", each["path"])):
        yield one["path"], contents.attachments[one["attachment"]].decode("utf-8", errors="replace")


def _told(contents: Contents) -> Iterator[tuple[str, str]]:
    """Everything that the certificate page prints as `record.json` has it: what it is, and the value."""
    record = contents.record
    agreement, signer, act, log = (record[name] for name in ("agreement", "signer", "act", "log"))
    yield from (("record id", record["recordId"]), ("signature", record["id"]), ("service", record["service"]))
    yield from (("foundation", record["foundation"]["name"]), ("seal's certificate", record["seal"]["certificate"]))
    for name in ("title", "version", "slug", "digest", "text"):
        yield f"agreement's {name}", agreement[name]
    for name in ("provider", "issuer"):
        yield f"account's {name}", signer["account"][name]
    yield "signer's public name", signer["uri"]
    yield from _company(signer.get("company") or {})
    yield from (("time of publication", _time(agreement["publishedAt"])), ("time of signing", _time(act["signedAt"])))
    yield "agreement's language", f"language of the text: {agreement['language']}"
    for event in record["events"]:
        yield f"time of {event['event']}", STEPS[Step(event["event"])] + _time(event["at"])
    yield "build of the page", _labelled(PAGE_BUILD, act["pageBuild"])
    yield from _personal(read_personal(record["personal"]))
    yield "record that this is a copy of", record.get("redacted", {"original": ""})["original"]
    yield from (("words agreed to", act["consent"]["text"]), ("button", act["consent"]["button"]))
    yield from (("digest of the words", act["consent"]["sha256"]), ("statement", act["statement"]))
    yield from (("log", log["origin"]), ("root of the log", log["root"]), ("entry of the log", log["leaf"]))
    yield from (("log entry", f"{log['index']:,}"), ("tree size", f"{log['treeSize']:,}"))
    for name, digest in record["attachments"].items():
        yield f"digest of {name}", f"{digest}"
    for digest in log["proof"]:
        yield "inclusion proof", digest
    if "supersedes" in record:
        old = record["supersedes"]
        yield from (("record it replaces", old["recordId"]), ("digest of that record", old["sha256"]))
        yield from (("reason", old["reason"]), ("corrected name", old.get("correctedName", "")))
    if "contribution" in record:
        yield from _given(contents, record["contribution"])
    if "counterSignature" in record:
        yield from _counter(record["counterSignature"])


def _company(company: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("name", "jurisdiction", "registration", "powerWords"):
        yield f"company's {name}", company.get(name, "")
    for change in company.get("changes", ()):
        for told in (change, change["was"]):
            yield "company's changed name", f"{told['name']}, {told['registration']}"
        place = f"the company’s own word, log entry {change['logIndex']:,}"
        yield "time of that change", f"since {_time(change['at'])}; {place}"
        yield "statement of that change", change["statement"]
    affiliation = company.get("affiliation") or {}
    for what in ("confirmed", "released"):
        yield f"company change ({what})", (affiliation.get(what) or {"statement": ""})["statement"]


def _counter(counter: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("counter-signer", counter["signer"]), ("counter-signature", counter["statement"]))
    yield "time of the counter-signature", _time(counter["signedAt"])


def _personal(personal: Personal) -> Iterator[tuple[str, str]]:
    """The personal fields that are told, and the digests of the others; the secret stands on no page."""
    for name, field in personal.fields.items():
        if field.value and name != SECRET:
            yield f"signer's {name}", _printed(name, field.value)
    for name in personal.withheld:
        yield f"digest of the signer's {name}", personal.digests[name]
    yield "root of the personal fields", personal.root


def _printed(name: str, value: str) -> str:
    """A personal field as the page has it; what is too short to be looked for alone stands beside its label."""
    match name:
        case "signedInAt":
            return _time(value)
        case "pageLanguage":
            return _labelled(PAGE_LANGUAGE, value)
        case "zoneOffset":
            return _labelled(TIME_ZONE, value)
        case _:
            return value


def _labelled(label: str, value: str | None) -> str:
    return f"{label}{value}" if value else ""


def _time(told: str) -> str:
    return datetime.fromisoformat(told).strftime("%Y-%m-%d %H:%M:%S UTC")


def _given(contents: Contents, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("project", given["project"]["name"]), ("project", given["project"]["slug"]), ("kind", given["kind"]))
    yield "manifest root", given["manifest"]["root"]
    yield "tensor root", (given["tensors"] or {"root": ""})["root"]
    yield "acceptance", (given["acceptance"] or {"statement": ""})["statement"]
    yield from told_answers(given)
    files = parse_manifest(contents.attachments[MANIFEST_JSON]).files
    for entry in files[:SHOWN_FILES]:
        yield f"file {entry.path}", entry.path
        yield f"size and digest of {entry.path}", f"{entry.size:,}{entry.sha256}"
    if len(files) > SHOWN_FILES:
        yield "number of files left out", f"{len(files) - SHOWN_FILES:,} more"


def folded(text: str) -> str:
    """The text as it is compared; a code point in `⟨U+…⟩` becomes the character that it stands for."""
    text = _CODE_POINT.sub(lambda found: _character(found[1]), text)
    return unicodedata.normalize("NFKC", text).translate(_COUNTED)


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 else ""


class _Counted(dict[int, int | None]):
    """Each character as itself, or None where no page shows it; asked once of each, as a record has fifty thousand."""

    def __missing__(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        invisible = category in ("Cc", "Cf") or category[0] == "Z"
        selects = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        self[code] = None if invisible or selects else code
        return self[code]


_COUNTED = _Counted()
