# SPDX-License-Identifier: Apache-2.0
"""`mcla feed`: from a pinned key over a state file to a feed that is refused, from files and from a real server."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from feeds import Issuer, entry, resigned
from serving import serving

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def pin(issuer: Issuer, folder: Path) -> Path:
    place = folder / "feed.key"
    place.write_text(issuer.pin.base64)
    return place


def written(issuer: Issuer, place: Path, *entries: dict[str, Any]) -> Path:
    place.write_bytes(issuer.bytes(*entries, at=NOW - timedelta(hours=1)))
    return place


def test_a_feed_is_followed_from_file_to_file(mcla_inside: Any, issuer: Issuer, tmp_path: Path) -> None:
    state, first = tmp_path / "state.json", written(issuer, tmp_path / "1.json")
    ran = mcla_inside("feed", "verify", first, "--key", pin(issuer, tmp_path), "--state", state)
    assert (ran.code, ran.out.splitlines()[0][:8]) == (0, "Verified")
    assert "prohibited EU       example.scoring" in ran.out
    second = written(issuer, tmp_path / "2.json", entry(), entry("example.more"))
    told = json.loads(mcla_inside("feed", "verify", second, "--state", state, "--json").out)
    assert (told["verdict"], told["feed"]["serial"], len(told["entries"])) == ("verified", 2, 2)
    back = mcla_inside("feed", "verify", first, "--state", state, "--json")
    assert (back.code, json.loads(back.out)["reasons"][0]["code"]) == (1, "feed-rollback")
    third, fourth = written(issuer, tmp_path / "3.json"), written(issuer, tmp_path / "4.json")
    gap = mcla_inside("feed", "verify", fourth, "--state", state)
    assert (gap.code, "feed-gap" in gap.err) == (1, True)
    assert [mcla_inside("feed", "verify", each, "--state", state).code for each in (third, fourth)] == [0, 0]
    differing = mcla_inside("feed", "diff", second, third)
    assert (differing.code, "removed  example.more" in differing.out) == (1, True)
    assert mcla_inside("feed", "diff", second, second).code == 0


def test_a_feed_signed_by_a_key_that_was_rotated_out_is_refused(
    mcla_inside: Any, issuer: Issuer, tmp_path: Path
) -> None:
    state, old = tmp_path / "state.json", issuer.key
    first = written(issuer, tmp_path / "1.json")
    assert mcla_inside("feed", "verify", first, "--key", pin(issuer, tmp_path), "--state", state).code == 0
    issuer.rotate()
    told_of_it = issuer.bytes(at=NOW - timedelta(hours=1))
    for data in (told_of_it, issuer.bytes(at=NOW - timedelta(hours=1))):
        late = tmp_path / "late.json"
        late.write_bytes(resigned(data, old))
        refused = mcla_inside("feed", "verify", late, "--state", state, "--json")
        assert (refused.code, json.loads(refused.out)["reasons"][0]["code"]) == (1, "feed-key-rotated-out")
    second = tmp_path / "2.json"
    second.write_bytes(told_of_it)
    assert mcla_inside("feed", "verify", second, "--state", state).code == 0


def test_a_day_is_asked_about_without_remembering_anything(mcla_inside: Any, issuer: Issuer, tmp_path: Path) -> None:
    key, feed = pin(issuer, tmp_path), written(issuer, tmp_path / "1.json", entry(**{"from": "2999-01-01"}))
    state = tmp_path / "state.json"
    day = f"{NOW + timedelta(days=2):%Y-%m-%d}"
    asked = mcla_inside("feed", "verify", feed, "--key", key, "--state", state, "--as-of", day, "--json")
    told = json.loads(asked.out)
    assert (told["as_of"], told["entries"][0]["standing"], state.exists()) == (day, "not-yet", False)
    late = mcla_inside("feed", "verify", feed, "--key", key, "--as-of", "2998-01-01")
    assert (late.code, "feed-expired" in late.err) == (1, True)
    assert mcla_inside("feed", "verify", feed, "--key", key, "--as-of", "yesterday").code == 2


def test_without_a_key_nothing_is_known(mcla_inside: Any, issuer: Issuer, tmp_path: Path) -> None:
    feed = written(issuer, tmp_path / "1.json")
    ran = mcla_inside("feed", "verify", feed, "--json")
    assert (ran.code, json.loads(ran.out)["verdict"]) == (3, "unknown")
    assert mcla_inside("feed", "verify", tmp_path / "none.json", "--key", pin(issuer, tmp_path)).code == 2
    spoilt = tmp_path / "state.json"
    spoilt.write_text("{}")
    assert mcla_inside("feed", "verify", feed, "--state", spoilt).code == 3
    other = mcla_inside("feed", "verify", feed, "--key", pin(Issuer(), tmp_path))
    assert (other.code, "feed-key-unknown" in other.err) == (1, True)


def test_a_service_is_asked_for_the_feeds_in_between(mcla_inside: Any, issuer: Issuer, tmp_path: Path) -> None:
    served: dict[str, bytes] = {}

    def application(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        body = served.get(environ["PATH_INFO"])
        start("200 OK" if body else "404 Not Found", [("Content-Type", "application/json")])
        yield body or b"{}"

    def publish() -> None:
        data = issuer.bytes(at=NOW - timedelta(hours=1))
        assert issuer.last is not None
        served["/.well-known/mcla/feed.json"] = served[f"/.well-known/mcla/feeds/{issuer.last.serial}.json"] = data

    state = tmp_path / "state.json"
    with serving(application) as address:
        publish()
        assert mcla_inside("feed", "verify", address, "--key", pin(issuer, tmp_path), "--state", state).code == 0
        for _ in range(3):
            publish()
        assert mcla_inside("feed", "verify", address, "--state", state).code == 0
        assert json.loads(state.read_text())["serial"] == 4
        publish()
        publish()
        del served["/.well-known/mcla/feeds/5.json"]
        gone = mcla_inside("feed", "verify", address, "--state", state)
        assert gone.code in (1, 3)
        assert json.loads(state.read_text())["serial"] == 4


def test_a_fresh_service_is_followed_from_its_first_minute_by_the_key_that_it_shows(
    mcla_inside: Any, service: Any, tmp_path: Path
) -> None:
    page = httpx2.get(f"{service.origin}/trust", trust_env=False).text
    key, state = tmp_path / "feed.key", tmp_path / "state.json"
    key.write_text(re.search(r">(MCowBQYDK2Vw[^<]+)<", page)[1])  # type: ignore[index]  # Ed25519 in base64 of DER
    ran = mcla_inside("feed", "verify", service.origin, "--key", key, "--state", state, "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["verdict"], told["feed"]["serial"]) == (0, "verified", 1)
    assert told["feed"]["name"] == f"{service.origin}/.well-known/mcla/feed.json"
    assert told["feed"]["issuer"].startswith("Nobody yet")
