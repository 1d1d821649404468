# SPDX-License-Identifier: Apache-2.0
"""The exemption for open models: every state has its reasons, and nothing is certified but by a pinned issuer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mcla.exports.certification import (
    SENTENCES,
    CertificationInvalid,
    Issuer,
    read_certification,
    standing_of,
    told,
    write_certification,
)
from mcla.exports.exemption import of
from mcla.feed.keys import FeedKey
from mcla.licences.identify import fingerprints
from mcla.licences.registry import registry

NOW = datetime(2026, 11, 26, tzinfo=UTC)
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
WORDS = next(each.sha256 for each in fingerprints().known if each.licence == "MIT")
DRAFT: dict[str, Any] = {
    "schema": "mcla.certification/1",
    "issuer": "Example Lab",
    "scheme": "Example open-model scheme 2",
    "statement": "The words of this licence leave the exemption.",
    "about": {"licence": "MIT", "words_sha256": WORDS},
    "issued": "2026-01-01T00:00:00Z",
    "expires": "2027-01-01T00:00:00Z",
}


def issuer(key: Ed25519PrivateKey = KEY, name: str = "Example Lab") -> Issuer:
    return Issuer(name, FeedKey.of(key.public_key()))


def signed(key: Ed25519PrivateKey = KEY, **changes: Any) -> bytes:
    return write_certification(json.dumps(DRAFT | changes).encode(), key)


def standing(document: bytes, *believed: Issuer, now: datetime = NOW) -> str:
    return standing_of(read_certification(document), believed or (issuer(),), now)


@pytest.mark.parametrize(
    ("licence", "state", "lost"),
    [
        ("Apache-2.0", "met", []),
        ("LicenseRef-llama-3.1", "lost", ["thresholds"]),
        ("CC-BY-NC-ND-4.0", "lost", ["commercial_use", "derivatives.outbound"]),
        ("LicenseRef-exaone-1.1-nc", "lost", ["commercial_use", "derivatives.outbound"]),
        ("LicenseRef-bigscience-openrail-m", "open", []),
        ("LicenseRef-kimi-k2-modified-mit", "open", []),
        ("CDLA-Permissive-2.0", "open", []),
        ("LicenseRef-none", "lost", []),
    ],
)
def test_a_licence_leaves_loses_or_leaves_open_the_exemption(licence: str, state: str, lost: list[str]) -> None:
    found = of(registry().get(licence))
    assert found.state == state
    assert [each.key for each in found.conditions if each.state == "lost"] == lost
    assert {each.state for each in found.duties if each.key == "technical-file"} == {state}


def test_no_licence_is_better_than_its_reasons_nor_meets_what_stays_due() -> None:
    for licence in registry():
        found = of(licence)
        states = {each.state for each in found.conditions if each.key not in ("public", "monetised", "systemic")}
        assert found.state != "met" or states == {"met"}, licence.id
        assert "lost" not in states or found.state == "lost", licence.id
        due = {each.key: each.state for each in found.duties}
        assert (due["copyright-policy"], due["training-summary"]) == ("open", "open")
        assert all(each.source for each in (*found.conditions, *found.duties))
        assert "certified" not in json.dumps(found.to_dict())


def test_a_certification_holds_by_a_pinned_key_over_exactly_what_it_says() -> None:
    read = read_certification(signed())
    assert told(read, standing(signed()))["certified"]  # type: ignore[arg-type]
    assert standing(signed(about={"artifact_sha256": "a" * 64})) == "holds"


@pytest.mark.parametrize(
    ("document", "believed", "why"),
    [
        (signed(OTHER), issuer(), "unknown-key"),
        (signed().replace(b"leave the", b"lose the "), issuer(), "bad-signature"),
        (signed(issuer="Somebody Else"), issuer(), "other-issuer"),
        (signed(), issuer(name="Somebody Else"), "other-issuer"),
        (signed(issued="2026-12-01T00:00:00Z"), issuer(), "not-yet"),
        (signed(expires="2026-11-26T00:00:00Z"), issuer(), "expired"),
        (signed(about={"licence": "MIT", "words_sha256": "0" * 64}), issuer(), "other-text"),
        (signed(about={"licence": "LicenseRef-nobody-knows", "words_sha256": WORDS}), issuer(), "other-text"),
    ],
)
def test_whatever_does_not_hold_is_not_called_certified(document: bytes, believed: Issuer, why: Any) -> None:
    assert standing(document, believed) == why
    view = told(read_certification(document), why)
    assert (view["certified"], view["sentence"]) == (False, SENTENCES[why])


@pytest.mark.parametrize(
    "change",
    [
        {"about": {"licence": "MIT"}},
        {"about": {"licence": "MIT", "words_sha256": WORDS, "artifact_sha256": "a" * 64}},
        {"about": {}},
        {"expires": "2025-01-01T00:00:00Z"},
        {"expires": "2026-13-01T00:00:00Z"},
        {"statement": "certified \u202e yes"},
        {"schema": "mcla.feed/1"},
        {"surprise": True},
        {"url": "javascript:alert(1)"},
    ],
)
def test_what_is_no_certification_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(CertificationInvalid):
        write_certification(json.dumps(DRAFT | change).encode(), KEY)


def test_too_much_or_no_object_is_refused() -> None:
    for data in (b"[]", b"{}", b" " * 70_000):
        with pytest.raises(CertificationInvalid):
            read_certification(data)
