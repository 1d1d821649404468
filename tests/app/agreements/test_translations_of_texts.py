# SPDX-License-Identifier: Apache-2.0
"""Translations of an agreement: own texts with own digests, of exactly one text; what prevails is said on the page."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from version_folders import GERMAN_TITLE, translated

from app.agreements.errors import AgreementFolderInvalid, AgreementTranslationUnknown, TranslationFolderInvalid
from app.agreements.folder import read_folder
from app.agreements.service import AgreementService
from app.agreements.translations import Translation
from app.agreements.values import PublishedVersion

PAGE = "/agreements/mcla-individual/1.0.0"


@pytest.fixture
def published(agreements: AgreementService, folder: Path) -> PublishedVersion:
    return agreements.publish(folder, "example")


def test_a_translation_is_a_text_of_its_own_and_leaves_the_version_as_it_is(
    agreements: AgreementService, folder: Path, published: PublishedVersion
) -> None:
    place = translated(folder, published)
    added = agreements.translations.add(place, published)
    assert (added.language, added.title) == ("de", "Vereinbarung für Beitragende")
    assert added.sha256 != published.text_sha256
    assert read_folder(folder).digest == published.digest == agreements.version("mcla-individual").digest
    assert agreements.translations.add(place, published) == added
    assert list(agreements.translations.of(published)) == [added]


def test_a_corrected_translation_is_shown_from_then_on(
    agreements: AgreementService, folder: Path, published: PublishedVersion, clock: Any
) -> None:
    first = agreements.translations.add(translated(folder, published), published)
    clock.at += timedelta(seconds=1)
    better = "# Bessere Vereinbarung\n" + published.text.partition("\n")[2]
    second = agreements.translations.add(translated(folder, published, better), published)
    assert second.sha256 != first.sha256
    assert [each.title for each in agreements.translations.of(published)] == ["Bessere Vereinbarung"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            {"says": 'schema = "mcla.translation/1"\nlanguage = "de"\nof_text_sha256 = "' + "ab" * 32 + '"\n'},
            "translates",
        ),
        ({"says": 'schema = "mcla.translation/1"\nlanguage = "fr"\n'}, "cannot be used"),
        ({"says": "language = de"}, "cannot be used"),
        ({"language": "fr"}, "says language 'de', the folder is named 'fr'"),
        ({"text": "## 1. Ohne Titel\n"}, "does not start with a title"),
        ({"text": GERMAN_TITLE + "\n## 1. Nur eine\n\nText.\n"}, "has the clauses 1; the version has 1 to"),
        ({"text": GERMAN_TITLE + "\r\n"}, "Windows line ends"),
        ({"text": GERMAN_TITLE + "\u202e\n"}, "invisible or control character"),
    ],
)
def test_what_is_no_translation_of_this_text_is_refused(
    agreements: AgreementService, folder: Path, published: PublishedVersion, spoil: dict[str, str], words: str
) -> None:
    place = translated(folder, published, **spoil)
    with pytest.raises(TranslationFolderInvalid, match=words):
        agreements.translations.add(place, published)
    assert list(agreements.translations.of(published)) == []


def test_nothing_else_stands_in_its_folder_and_nothing_is_read_through_a_link(
    agreements: AgreementService, folder: Path, published: PublishedVersion
) -> None:
    place = translated(folder, published)
    (place / "terms.toml").write_text("x")
    with pytest.raises(TranslationFolderInvalid, match=r"has only agreement\.md and translation\.toml"):
        agreements.translations.add(place, published)
    (place / "terms.toml").unlink()
    (place / "agreement.md").unlink()
    (place / "agreement.md").symlink_to(folder / "agreement.md")
    with pytest.raises(AgreementFolderInvalid, match="cannot be read as a regular file"):
        agreements.translations.add(place, published)


def test_a_language_that_there_is_not_names_those_there_are(
    agreements: AgreementService, folder: Path, published: PublishedVersion
) -> None:
    agreements.translations.add(translated(folder, published), published)
    with pytest.raises(AgreementTranslationUnknown) as raised:
        agreements.translations.one(published, "fr")
    assert raised.value.extra == {"known": ["de"]}


def test_the_pages_link_it_and_say_which_text_prevails(client: FlaskClient, services: Any, tmp_path: Path) -> None:
    version = services.agreements.version("mcla-individual")
    added: Translation = services.agreements.translations.add(translated(tmp_path, version), version)
    link = f'<a href="{PAGE}/translations/de" lang="de" hreflang="de">Vereinbarung für Beitragende</a>'
    for path in (PAGE, "/sign/mcla-individual"):
        assert link in client.get(path).get_data(as_text=True)
    page = client.get(f"{PAGE}/translations/de").get_data(as_text=True)
    assert f'What is signed is <a href="{PAGE}">the text in English</a>, and that text prevails.' in page
    assert added.sha256 in page
    assert version.text_sha256 in page
    assert '<h1 lang="de">Vereinbarung für Beitragende</h1>' in page
    german = client.get(f"{PAGE}/translations/de", headers={"Accept-Language": "de"}).get_data(as_text=True)
    assert "Diese Übersetzung dient nur der Information." in german
    assert client.get(f"{PAGE}/translations/de/text").data == added.content
    assert client.get(f"{PAGE}/translations/fr").status_code == 404
    told = client.get(f"/api/v1{PAGE}").get_json()
    assert (told["language"], told["text_sha256"]) == ("en", version.text_sha256)
    assert told["translations"] == [
        {"language": "de", "title": added.title, "sha256": added.sha256, "url": f"{PAGE}/translations/de/text"}
    ]
