# SPDX-License-Identifier: Apache-2.0
"""Certifications on pages and over the API: none by default, one that holds, and one that ceased to."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from app.cli.main import main
from app.licences.certifications import CertificationService
from app.licences.errors import CertificationAttached, CertificationUnfit, CertificationUnknown
from app.platform.settings import CertifierSettings, Settings
from mcla.exports.certification import write_certification
from mcla.feed.keys import FeedKey
from mcla.licences.identify import fingerprints

KEY = Ed25519PrivateKey.generate()
ISSUER = CertifierSettings(name="Example Lab", key=FeedKey.of(KEY.public_key()).base64)
WORDS = next(each.sha256 for each in fingerprints().known if each.licence == "MIT")
ARTIFACT = "a" * 64


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"certifiers": (ISSUER,)})


def document(key: Ed25519PrivateKey = KEY, **about: str) -> bytes:
    draft = {
        "schema": "mcla.certification/1",
        "issuer": "Example Lab",
        "scheme": "Scheme 2",
        "statement": "<b>Read</b> by two people.",
        "about": about or {"licence": "MIT", "words_sha256": WORDS},
        "issued": "2020-01-01T00:00:00Z",
        "expires": "2099-01-01T00:00:00Z",
    }
    return write_certification(json.dumps(draft).encode(), key)


def page(client: FlaskClient) -> str:
    return client.get("/licences/MIT").text


def test_nothing_is_certified_until_a_pinned_issuer_says_so(services: Any, client: FlaskClient) -> None:
    assert "No certification is attached." in page(client)
    assert "Certified" not in page(client)
    services.certifications.attach(document())
    assert "<strong>Certified by Example Lab</strong> under Scheme 2, until 1 January 2099" in page(client)
    assert "&lt;b&gt;Read" in page(client)
    told: Any = client.get("/api/v1/licences/MIT/safe-harbour").json
    assert (told["exemption"], [each["certified"] for each in told["certifications"]]) == ("met", [True])
    assert "Certified" not in client.get("/licences/Apache-2.0").text


def test_an_artifact_shows_what_is_certified_of_it(services: Any, client: FlaskClient) -> None:
    services.certifications.attach(document(artifact_sha256=ARTIFACT))
    assert "Certified by Example Lab" in client.get(f"/artifacts/sha256:{ARTIFACT}").text
    assert "Certified" not in client.get(f"/artifacts/sha256:{'b' * 64}").text


def test_one_that_ceases_to_hold_is_shown_as_that(services: Any, client: FlaskClient, clock: Any) -> None:
    services.certifications.attach(document())
    clock.at += timedelta(days=365 * 80)
    assert "Certified" not in page(client)
    assert "names Example Lab as its issuer is attached, and does not hold: It has expired." in page(client)
    [unpinned] = CertificationService(services.db, clock, ()).of_licence("MIT")
    assert unpinned.standing == "unknown-key"
    services.certifications.detach(unpinned.certification.digest)
    assert "No certification is attached." in page(client)


def test_what_does_not_hold_is_not_attached(services: Any) -> None:
    with pytest.raises(CertificationUnfit, match="a key that nobody pinned"):
        services.certifications.attach(document(Ed25519PrivateKey.generate()))
    services.certifications.attach(document())
    with pytest.raises(CertificationAttached):
        services.certifications.attach(document())
    with pytest.raises(CertificationUnknown):
        services.certifications.detach("f" * 64)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_operator_attaches_lists_and_takes_off(
    services: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.certifications._services", lambda: services)
    place = tmp_path / "mit.json"
    place.write_bytes(document())

    def run(*words: object) -> Any:
        return CliRunner().invoke(main, ["certifications", *map(str, words)])

    told = run("attach", place)
    assert "MIT is certified by Example Lab until 2099-01-01" in told.output
    [row] = json.loads(run("list", "--json").output)["certifications"]
    assert (row["standing"], row["digest"] in told.output) == ("holds", True)
    assert run("detach", row["digest"]).exit_code == 0
    assert json.loads(run("list", "--json").output) == {"certifications": []}


def test_a_key_that_is_none_is_no_setting() -> None:
    with pytest.raises(ValueError, match="public key"):
        CertifierSettings(name="Example", key="AAAA")
