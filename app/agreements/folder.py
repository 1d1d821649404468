# SPDX-License-Identifier: Apache-2.0
"""A version folder, `agreements/<slug>/<version>/`, read in full and checked before anything is stored.

Invariants: only the known files, each a regular file (never a link), valid UTF-8 in NFC with LF line ends and no
invisible characters; terms, text, summaries, consent words and schedules agree with each other. All faults of a
kind are named at once.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from app.agreements.errors import AgreementFolderInvalid
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.records.turned import turned
from mcla.terms import LETTERS, Letter, Schedule, Terms, parse_schedule, parse_terms, schedules_of
from mcla.terms.schedule import HAZARDS
from mcla.terms.strict import Pattern, Unreadable, read_toml, unfit_character

FIXED = ("agreement.md", "consent.toml", "summaries.toml", "terms.toml")
POSSIBLE = FIXED + tuple(f"schedules/{letter}.{end}" for letter in LETTERS for end in ("md", "toml"))
TRANSLATIONS = "translations"
"""A folder beside the documents, which is no part of the version: see `app.agreements.translations`."""
MAX_FILE = 128 * 1024  # far above any agreement; hostile Markdown of this size still renders in seconds
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_NO_RECORD = (
    "no signed record could be made of it, as a page is compared with its text word for word; publish a text in "
    "letters from left to right, and add this one as its translation"
)
CLAUSE = re.compile(r"^## ([1-9][0-9]?)\. (\S.*)$", re.MULTILINE)
TITLE = re.compile(r"\A# (\S.*)$", re.MULTILINE)

Sentences = Annotated[str, Pattern(r"\S.{18,598}\S", "a text of 20 to 600 characters")]
Words = Annotated[str, Pattern(r"\S.{0,58}\S", "a text of 2 to 60 characters")]


@dataclass(frozen=True)
class Summaries:
    """`summaries.toml`: one plain summary for each clause (key `"5"`) and each schedule (key `"D"`)."""

    schema: Literal["mcla.summaries/1"]
    clauses: dict[str, Sentences]
    schedules: dict[str, Sentences]


@dataclass(frozen=True)
class ConsentWords:
    """`consent.toml`: the fixed words of the act of signing; `acceptance` and `contribution` stand at the box."""

    schema: Literal["mcla.consent/1"]
    button: Words
    decline: Words
    acceptance: Sentences
    contribution: Sentences
    disclosure: tuple[Sentences, ...]


@dataclass(frozen=True)
class VersionFolder:
    """A folder that passed every check; `documents` holds the exact bytes by path."""

    slug: str
    title: str
    terms: Terms
    documents: Mapping[str, bytes]
    digest: str
    """Hex manifest root over the documents."""

    @property
    def version(self) -> str:
        return self.terms.agreement.version


def read_folder(folder: Path, progress: Callable[[int, int], None] | None = None) -> VersionFolder:
    """Read and check `folder`; raises `AgreementFolderInvalid`, `TermsInvalid` or `ScheduleInvalid`.

    `progress` is told (files read, files in all) after each file.
    """
    names = _names(folder)
    documents = {}
    for number, name in enumerate(names, start=1):
        documents[name] = read_document(folder, name)
        if progress is not None:
            progress(number, len(names))
    # A trailing "." or ".." would hide the names that carry slug and version.
    place = Path(os.path.normpath(folder.absolute()))
    return check_documents(place.parent.name, place.name, documents)


def check_documents(slug: str, version: str, documents: Mapping[str, bytes]) -> VersionFolder:
    """Check the documents of one version against each other; raises as `read_folder`."""
    if not SLUG.fullmatch(slug):
        raise AgreementFolderInvalid(
            f"The folder above the version is named {slug[:80]!r}; expected an agreement slug such as mcla-individual."
        )
    if missing := [name for name in FIXED if name not in documents]:
        raise AgreementFolderInvalid(f"The folder lacks {', '.join(missing)}.")
    terms = parse_terms(documents["terms.toml"])
    faults = _text_faults(documents) or [
        *_terms_faults(terms, version, documents["agreement.md"]),
        *_schedule_faults(terms, documents),
        *_summary_faults(documents),
        *_consent_faults(documents["consent.toml"]),
    ]
    if faults:
        raise AgreementFolderInvalid("The folder cannot be published: " + "; ".join(faults) + ".")
    frozen = MappingProxyType(dict(sorted(documents.items())))
    return VersionFolder(slug, _title(documents["agreement.md"]), terms, frozen, documents_digest(frozen))


def documents_digest(documents: Mapping[str, bytes]) -> str:
    """The digest of a version: the manifest root over its documents, 64 hex digits."""
    return Manifest.of(
        ManifestEntry(path, hashlib.sha256(content).hexdigest(), len(content)) for path, content in documents.items()
    ).root


@lru_cache(maxsize=64)
def read_summaries(data: bytes) -> Summaries:
    """`summaries.toml`; raises `Unreadable`. Pure function of the bytes."""
    return read_toml(Summaries, data)


@lru_cache(maxsize=64)
def read_consent(data: bytes) -> ConsentWords:
    """`consent.toml`; raises `Unreadable`. Pure function of the bytes."""
    return read_toml(ConsentWords, data)


def schedules_in(terms: Terms, documents: Mapping[str, bytes]) -> dict[Letter, Schedule]:
    """The questions of each schedule that the terms need; raises `ScheduleInvalid`."""
    return {letter: parse_schedule(documents[f"schedules/{letter}.toml"], letter) for letter in schedules_of(terms)}


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise AgreementFolderInvalid(f"{folder} is not a folder.")
    every = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    entries = [name for name in every if name.split("/")[0] != TRANSLATIONS]
    strange = sorted(set(entries) - set(POSSIBLE) - {"schedules"})
    if strange:
        raise AgreementFolderInvalid(
            f"The folder holds {', '.join(strange[:5])}; a version has only: {', '.join(POSSIBLE)}."
        )
    if (folder / "schedules").is_symlink():
        raise AgreementFolderInvalid("schedules is a link; a version folder holds its own files.")
    return sorted(set(entries) - {"schedules"})


def read_document(folder: Path, name: str) -> bytes:
    """One file of a folder, never through a link; raises `AgreementFolderInvalid`."""
    try:
        # O_NONBLOCK: opening a pipe by mistake must not hang; O_NOFOLLOW: no link out of the folder.
        handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise AgreementFolderInvalid(f"{name} cannot be read as a regular file: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise AgreementFolderInvalid(f"{name} is not a regular file.")
    with os.fdopen(handle, "rb") as file:
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise AgreementFolderInvalid(f"{name} is larger than {MAX_FILE:,} bytes.")
    return content


def _text_faults(documents: Mapping[str, bytes]) -> list[str]:
    faults = []
    for name, content in documents.items():
        if len(content) > MAX_FILE:
            faults.append(f"{name} is larger than {MAX_FILE:,} bytes")
        elif fault := text_fault(content):
            faults.append(f"{name} {fault}")
        elif name.endswith(".md") and (line := _turned_line(content.decode())):
            faults.append(f"{name} has letters from right to left in line {line}: {_NO_RECORD}")
    return faults


def _turned_line(text: str) -> int | None:
    """The number of the first line with such letters: among brackets and digits no reader finds them in their order."""
    return next((number for number, line in enumerate(text.split("\n"), start=1) if turned(line)), None)


def text_fault(content: bytes) -> str | None:
    """Why these bytes are not the one spelling of their text, or None."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"is not UTF-8: bad byte at offset {error.start}"
    if "\r" in text:
        return "has Windows line ends; use LF"
    if bad := unfit_character(text):
        return f"carries the invisible or control character {bad}"
    if unicodedata.normalize("NFC", text) != text:
        return "is not in Unicode normal form C"
    return None if text.endswith("\n") else "does not end with a line feed"


def _terms_faults(terms: Terms, version: str, text: bytes) -> list[str]:
    faults, actual = [], hashlib.sha256(text).hexdigest()
    if terms.agreement.version != version:
        faults.append(f"terms.toml says version {terms.agreement.version}, the folder's name says {version[:32]!r}")
    if terms.agreement.text_sha256 != actual:
        faults.append(f"terms.toml says agreement.text_sha256 {terms.agreement.text_sha256}, agreement.md has {actual}")
    return faults


def _schedule_faults(terms: Terms, documents: Mapping[str, bytes]) -> list[str]:
    needed = {f"schedules/{letter}.{end}" for letter in schedules_of(terms) for end in ("md", "toml")}
    present = {name for name in documents if name.startswith("schedules/")}
    faults = [f"{name} is missing, although scope.kinds needs it" for name in sorted(needed - present)]
    faults += [f"{name} is there, although no kind in scope.kinds needs it" for name in sorted(present - needed)]
    if needed - present:
        return faults
    promises = terms.promises()
    for letter, schedule in schedules_in(terms, documents).items():
        faults += _secrecy_faults(terms, letter, schedule)
        for field in schedule.fields:
            told = promises.get(field.promise or "")
            if field.promise and told != field.standard:
                faults.append(
                    f"schedules/{letter}.toml asks {field.key} by the standard {field.standard!r}, "
                    f"terms.toml says representations.{field.promise} = {told or 'off'!r}"
                )
    return faults


def _secrecy_faults(terms: Terms, letter: Letter, schedule: Schedule) -> list[str]:
    """Embargo and hazard as the schedule asks for them against what the terms allow."""
    faults, name, said = [], f"schedules/{letter}.toml", terms.safety
    until, hazard = schedule.field("embargo_until"), schedule.field("dual_use")
    if until is not None and until.within_days != said.embargo_days:
        days = f"terms.toml says safety.embargo_days = {said.embargo_days}"
        faults.append(f"{name} asks embargo_until within {until.within_days} days, {days}")
    allowed = HAZARDS[: HAZARDS.index(said.hazard_max) + 1]
    if hazard is not None and (over := [option.value for option in hazard.options if option.value not in allowed]):
        faults.append(
            f"{name} takes dual_use {', '.join(over)}, terms.toml says safety.hazard_max = {said.hazard_max!r}"
        )
    return faults


def _summary_faults(documents: Mapping[str, bytes]) -> list[str]:
    text = documents["agreement.md"].decode()
    if not TITLE.match(text):
        return ["agreement.md does not start with a title (# …)"]
    numbers = [int(number) for number, _ in CLAUSE.findall(text)]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return [f"agreement.md has the clauses {numbers}; expected ## 1., ## 2. and so on, none left out"]
    try:
        summaries = read_summaries(documents["summaries.toml"])
    except Unreadable as error:
        return [f"summaries.toml cannot be used: {error}"]
    letters = [letter for letter in LETTERS if f"schedules/{letter}.md" in documents]
    return [
        *_uneven("summaries.toml [clauses]", set(summaries.clauses), {str(number) for number in numbers}),
        *_uneven("summaries.toml [schedules]", set(summaries.schedules), set(letters)),
    ]


def _uneven(where: str, got: set[str], expected: set[str]) -> list[str]:
    faults = [f"{where} lacks {', '.join(sorted(expected - got))}"] if expected - got else []
    return (
        [*faults, f"{where} has {', '.join(sorted(got - expected))}, which the text has not"]
        if got - expected
        else faults
    )


def _consent_faults(data: bytes) -> list[str]:
    try:
        return [] if read_consent(data).disclosure else ["consent.toml has no disclosure"]
    except Unreadable as error:
        return [f"consent.toml cannot be used: {error}"]


def _title(text: bytes) -> str:
    found = TITLE.match(text.decode())
    return found.group(1)[:200] if found else ""
