# SPDX-License-Identifier: Apache-2.0
"""A follower never takes less than it has seen: each lie of an issuer, or of who stands between, has its own error."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from feeds import NAME, NOW, Issuer, entry, resigned, with_entries

from mcla.errors import MclaError
from mcla.feed.document import read_draft, read_feed
from mcla.feed.following import FeedState, accept, believed, chained, read_state
from mcla.feed.keys import FeedKey, hand_over
from mcla.feed.starter import starter_entries
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(MclaError) as refused:
        call()
    return refused.value.code


def followed(issuer: Issuer, feeds: int) -> FeedState:
    state = FeedState.pinned(issuer.pin)
    for _ in range(feeds):
        state = accept(issuer.next(), state, NOW)
    return state


def test_a_chain_is_followed_from_a_pinned_key_and_remembered_over_a_file() -> None:
    issuer = Issuer()
    state = followed(issuer, 3)
    assert issuer.last is not None
    assert state.seen is not None
    assert (state.seen.serial, state.seen.digest) == (3, issuer.last.digest)
    assert read_state(json.dumps(state.to_dict()).encode()) == state
    assert accept(issuer.last, state, NOW) == state  # the same again changes nothing


def test_the_digest_names_the_content_whatever_signature_is_under_it() -> None:
    issuer, other = Issuer(), Ed25519PrivateKey.generate()
    data = issuer.bytes()
    assert read_feed(resigned(data, other)).digest == read_feed(data).digest


def test_an_older_feed_is_a_rollback() -> None:
    issuer = Issuer()
    first = issuer.next()
    state = accept(issuer.next(), accept(first, FeedState.pinned(issuer.pin), NOW), NOW)
    assert code_of(lambda: accept(first, state, NOW)) == "feed-rollback"


def test_two_feeds_under_one_serial_are_two_stories() -> None:
    issuer = Issuer()
    state = followed(issuer, 2)
    assert issuer.last is not None
    other = resigned(canonical_json(json.loads(issuer.last.signed)), issuer.key, issuer="Another")
    assert code_of(lambda: accept(read_feed(other), state, NOW)) == "feed-serial-twice"


def test_a_missing_feed_is_a_gap_until_it_is_seen() -> None:
    issuer = Issuer()
    state = followed(issuer, 1)
    between, newest = issuer.next(days=1), issuer.next()
    later = NOW + timedelta(days=10)
    assert code_of(lambda: accept(newest, state, later)) == "feed-gap"
    assert accept(newest, chained(between, state), later).seen is not None  # one between may be over by then


def test_a_feed_after_another_past_breaks_the_chain() -> None:
    issuer = Issuer()
    state = followed(issuer, 1)
    forged = resigned(issuer.bytes(), issuer.key, previous="0" * 64)
    assert code_of(lambda: accept(read_feed(forged), state, NOW)) == "feed-chain-broken"


def test_a_feed_counts_from_its_date_to_its_end() -> None:
    issuer = Issuer()
    feed, state = issuer.next(days=7), FeedState.pinned(issuer.pin)
    assert code_of(lambda: accept(feed, state, NOW + timedelta(days=7))) == "feed-expired"
    assert code_of(lambda: accept(feed, state, NOW - timedelta(hours=1))) == "feed-not-yet"
    assert accept(feed, state, NOW + timedelta(days=7, seconds=-1)).seen is not None


def test_another_feed_of_the_same_issuer_is_not_taken_for_the_one_that_is_followed() -> None:
    issuer = Issuer()
    state = followed(issuer, 1)
    other = resigned(issuer.bytes(), issuer.key, feed="https://other.example.org/feed.json")
    assert code_of(lambda: accept(read_feed(other), state, NOW)) == "feed-other"


def test_nothing_unsigned_or_signed_by_a_stranger_is_taken() -> None:
    issuer, stranger = Issuer(), Ed25519PrivateKey.generate()
    data, state = issuer.bytes(), FeedState.pinned(issuer.pin)
    assert code_of(lambda: read_feed(json.dumps(json.loads(data) | {"signature": None}).encode())) == "feed-unsigned"
    assert code_of(lambda: accept(read_feed(resigned(data, stranger)), state, NOW)) == "feed-key-unknown"
    touched = json.loads(data) | {"issuer": "Somebody else"}
    assert code_of(lambda: accept(read_feed(json.dumps(touched).encode()), state, NOW)) == "feed-signature-invalid"


def test_a_key_hands_over_and_signs_nothing_more() -> None:
    issuer = Issuer()
    old, pinned = issuer.key, FeedState.pinned(issuer.pin)
    state = accept(issuer.next(), pinned, NOW)
    issuer.rotate()
    second = issuer.bytes()
    after = accept(read_feed(second), state, NOW)
    assert after.keys.ids == (pinned.keys.ids[0], issuer.pin.id)
    by_old = read_feed(resigned(second, old))
    assert code_of(lambda: accept(by_old, state, NOW)) == "feed-key-rotated-out"
    hidden = read_feed(resigned(issuer.bytes(), old, rotations=None))  # as if nothing had been handed over
    assert code_of(lambda: accept(hidden, after, NOW)) == "feed-key-rotated-out"
    assert believed(issuer.next(), FeedState.pinned(issuer.pin)).ids == (issuer.pin.id,)  # who pins the new key only


def test_what_the_old_key_signed_at_its_turn_can_be_replayed() -> None:
    issuer = Issuer()
    first, state = issuer.next(), FeedState.pinned(issuer.pin)
    issuer.rotate()
    after = accept(issuer.next(), accept(first, state, NOW), NOW)
    assert believed(first, after).ids == after.keys.ids


def test_changes_of_keys_that_do_not_hold_are_refused() -> None:
    issuer, stranger = Issuer(), Ed25519PrivateKey.generate()
    state = followed(issuer, 3)
    new, at = Ed25519PrivateKey.generate(), format_time(NOW)
    by_stranger = hand_over(NAME, 4, stranger, new.public_key(), at)
    back_dated = hand_over(NAME, 2, issuer.key, new.public_key(), at)
    elsewhere = hand_over("https://other.example.org/feed.json", 4, issuer.key, new.public_key(), at)
    lying = replace(by_stranger, old=issuer.pin.id)
    for rotation, code in [
        (by_stranger, "feed-key-unknown"),
        (back_dated, "feed-rotation-invalid"),
        (elsewhere, "feed-rotation-invalid"),
        (lying, "feed-rotation-invalid"),
    ]:
        copy = Issuer(new, issuer.last, [rotation])
        assert code_of(lambda copy=copy: accept(copy.next(), state, NOW)) == code  # type: ignore[misc]


def test_who_stole_the_old_key_cannot_tell_another_story_of_the_change() -> None:
    issuer = Issuer()
    old, before = issuer.key, followed(issuer, 1)
    issuer.rotate()
    last = issuer.last
    state = accept(issuer.next(), before, NOW)
    thief = Ed25519PrivateKey.generate()
    copy = Issuer(thief, issuer.last, [hand_over(NAME, 2, old, thief.public_key(), format_time(NOW))])
    assert last is not None
    assert code_of(lambda: accept(copy.next(), state, NOW)) == "feed-rotation-invalid"


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (lambda text: text.replace('"serial":1', '"serial":1,"serial":2'), "json-invalid"),
        (lambda text: text.replace('"serial":1', '"serial":1,"colour":"red"'), "feed-member-unknown"),
        (lambda text: text.replace('"effect":', '"weight":1,"effect":'), "feed-member-unknown"),
        (lambda text: text.replace('"serial":1', '"serial":1.5'), "json-invalid"),
        (lambda text: text.replace('"serial":1', '"serial":NaN'), "json-invalid"),
        (lambda text: text.replace('"serial":1', '"serial":-1'), "feed-invalid"),
        (lambda text: text.replace('"serial":1', '"serial":2'), "feed-invalid"),  # without a previous
        (lambda text: text.replace("mcla.feed/1", "mcla.feed/2"), "feed-invalid"),
        (lambda text: text.replace('"serial":1,', ""), "feed-invalid"),
        (lambda text: text[:-20], "json-invalid"),
        (lambda text: f"[{text}]", "feed-invalid"),
    ],
)
def test_a_document_that_could_be_read_in_two_ways_or_not_at_all_is_no_feed(
    spoilt: Callable[[str], str], code: str
) -> None:
    data = Issuer().bytes().decode()
    assert spoilt(data) != data
    assert code_of(lambda: read_feed(spoilt(data).encode())) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "no_such_restriction"},
        {"key": "namespace:"},
        {"from": "2026-02-30"},
        {"from": "2026-08-02", "until": "2026-08-01"},
        {"from": "2026-08-02", "until": "2026-08-02"},
        {"from": "2026-08-02", "from_latest": "2026-01-01"},
        {"jurisdictions": []},
        {"jurisdictions": ["Germany"]},
        {"jurisdictions": ["EU", "EU"]},
        {"effect": "frowned-upon"},
        {"status": "repealed"},
        {"confidence": "certain"},
        {"supersedes": ["example.not-there"]},
        {"supersedes": ["example.scoring"]},
        {"source": {"text": "Example Act", "url": "http://plain.example.org"}},
        {"meaning": "reads\u202eotherwise"},
        {"meaning": None},
    ],
)
def test_an_entry_that_says_nothing_definite_is_refused(changes: dict[str, Any]) -> None:
    issuer = Issuer()
    data = issuer.bytes()
    spoilt = with_entries(data, issuer.key, [entry(**changes)])
    assert code_of(lambda: read_feed(spoilt)) == "feed-invalid"


def test_ids_are_there_once() -> None:
    issuer = Issuer()
    spoilt = with_entries(issuer.bytes(), issuer.key, [entry(), entry()])
    assert code_of(lambda: read_feed(spoilt)) == "feed-invalid"


@pytest.mark.parametrize("data", [b"", b"not base64", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_pinned_key_is_a_key(data: bytes) -> None:
    assert code_of(lambda: FeedKey.from_file(data)) in ("feed-invalid", "encoding-invalid")


def test_a_key_reads_the_same_in_pem_and_on_one_line() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.generate().public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert FeedKey.from_file(pem) == FeedKey.from_file(FeedKey.of(key).base64.encode() + b"\n") == FeedKey.of(key)


def test_the_entries_that_come_with_the_software_can_be_signed_as_they_are() -> None:
    entries = read_draft(starter_entries())
    feed = Issuer().next(*map(dict, entries))
    assert {each.key.partition(":")[0] for each in feed.entries} > {"eu-ai-act", "biometric_processing"}
    assert all(each.source.text and each.confidence for each in feed.entries)
