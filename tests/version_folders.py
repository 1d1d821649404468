# SPDX-License-Identifier: Apache-2.0
"""Copies of the real agreement version folder that a test may change or damage."""

import hashlib
import re
import shutil
from pathlib import Path

from app.agreements.values import PublishedVersion

TEXTS = Path(__file__).resolve().parents[1] / "agreements"
SOURCE = TEXTS / "mcla-individual" / "1.0.0"
PUBLISHED = sorted(path.parent for path in TEXTS.glob("*/*/terms.toml"))
"""Every version folder of this repository."""


def copy_version(base: Path, version: str, slug: str = "mcla-individual") -> Path:
    """A copy of the real folder under `base` as another slug or version; terms and text digest agree."""
    target = base / slug / version
    shutil.copytree(SOURCE, target)
    substitute(target / "terms.toml", 'version = "1.0.0"', f'version = "{version}"')
    return target


def substitute(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def rewrite_text(folder: Path, content: bytes) -> None:
    """Replace agreement.md and bring the text digest in terms.toml up to date."""
    (folder / "agreement.md").write_bytes(content)
    terms = folder / "terms.toml"
    digest = hashlib.sha256(content).hexdigest()
    terms.write_text(re.sub(r'text_sha256 = "[0-9a-f]{64}"', f'text_sha256 = "{digest}"', terms.read_text()))


def brief_texts(base: Path) -> Path:
    """A folder of agreements of which the one for persons has two clauses: for tests that print it over and over."""
    for other in ("mcla-corporate", "mcla-grant"):
        (base / other).symlink_to(TEXTS / other)
    folder = shutil.copytree(SOURCE, base / "mcla-individual" / "1.0.0")
    rewrite_text(folder, (folder / "agreement.md").read_bytes().partition(b"\n## 3. ")[0])
    summaries = folder / "summaries.toml"
    kept = re.sub(r"^(?:[3-9]|\d\d) = .*\n", "", summaries.read_text(encoding="utf-8"), flags=re.MULTILINE)
    summaries.write_text(kept, encoding="utf-8")
    return base


MATERIAL = ('retaliation = ["patent"]', 'retaliation = ["patent", "copyright"]')
NOTICE = ("convenience_days = 45", "convenience_days = 60")
SCOPED = ('hazard_max = "dual-use"', 'hazard_max = "controlled"')
"""Changes of the real terms, one of each class that the terms decide; `SCOPED` concerns safety work."""


def newer_version(base: Path, version: str, *changes: tuple[str, str]) -> Path:
    """A version after 1.0.0 with a word of the text changed, and each (old, new) in its terms."""
    folder = copy_version(base, version)
    text = (folder / "agreement.md").read_text(encoding="utf-8").replace("free of charge, not", "without a fee, not")
    rewrite_text(folder, text.replace("version 1.0.0", f"version {version}").encode())
    for old, new in changes:
        substitute(folder / "terms.toml", old, new)
    return folder


GERMAN_TITLE = "# Vereinbarung für Beitragende\n"


def translated(folder: Path, version: PublishedVersion, text: str = "", says: str = "", language: str = "de") -> Path:
    """A translation beside the documents of `folder`: the same text under a German title, or what a test says."""
    place = folder / "translations" / language
    place.mkdir(parents=True, exist_ok=True)
    own = text or GERMAN_TITLE + version.text.partition("\n")[2]
    said = f'schema = "mcla.translation/1"\nlanguage = "de"\nof_text_sha256 = "{version.text_sha256}"\n'
    (place / "agreement.md").write_text(own, "utf-8")
    (place / "translation.toml").write_text(says or said, "utf-8")
    return place
