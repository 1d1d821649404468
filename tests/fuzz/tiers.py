# SPDX-License-Identifier: Apache-2.0
"""The parsers of terms in tiers, facts about a use, feeds, their keys, and decisions, for the fuzzer.

Each goes on with what it read, to where the fuzzer's input would be used: it is evaluated, followed, compared.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from feeds import entry
from notary import Notary

from app.tiers.words import by_effect, said
from mcla.artifacts.jsontext import JsonInvalid, parse_json
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.envelope.encoding import EncodingInvalid
from mcla.errors import MclaError
from mcla.feed.changes import changes as feed_changes
from mcla.feed.document import Life, read_draft, read_feed, write_feed
from mcla.feed.errors import (
    FeedChainBroken,
    FeedExpired,
    FeedGap,
    FeedInvalid,
    FeedKeyRotatedOut,
    FeedKeyUnknown,
    FeedNotYet,
    FeedRotationInvalid,
    FeedSignatureInvalid,
    FeedUnsigned,
)
from mcla.feed.following import FeedState, accept, read_state
from mcla.feed.keys import FeedKey, KeyHistory, hand_over, read_rotation
from mcla.feed.replay import hits, standings
from mcla.feed.starter import starter_entries
from mcla.licences.registry import registry
from mcla.statements.canonical import canonical_json
from mcla.statements.parts import format_time
from mcla.tiers.bases import look
from mcla.tiers.changes import changes as tier_changes
from mcla.tiers.conditions import DateCondition
from mcla.tiers.decision import (
    PURPOSE,
    DecisionExpired,
    DecisionOther,
    SignedDecision,
    decision_statement,
    document_of,
    subjects_of,
    use_digest,
    verify_decision,
)
from mcla.tiers.errors import FactsContradict, FactsInvalid, MoneyWithoutUnit, TiersInvalid
from mcla.tiers.evaluating import evaluate
from mcla.tiers.example import example
from mcla.tiers.facts import read_use
from mcla.tiers.reading import read_terms
from mcla.verify.trust import TrustedRoot

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NOTHING = read_use({})
TERMS = read_terms(example())
NO_FEED = (FeedInvalid, FeedUnsigned, JsonInvalid, EncodingInvalid)
NOT_FOLLOWED = (
    FeedChainBroken, FeedExpired, FeedGap, FeedKeyRotatedOut, FeedKeyUnknown, FeedNotYet, FeedRotationInvalid,
    FeedSignatureInvalid, EncodingInvalid,
)  # fmt: skip
KEY = FeedKey.from_base64("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
FILES = Manifest.of([ManifestEntry("a", "ab" * 32, 1)])
FACTS = {
    "date": "2026-11-30",
    "commercial": True,
    "sectors": ["health"],
    "jurisdictions": ["DE", "EU"],
    "business": ["model-as-a-service"],
    "uses": ["malware"],
    "receipt": "direct",
    "training_compute": "3.5e24",
    "users": {"count": 5, "measured": "at-release-date"},
    "revenue": [
        {"amount": 5, "currency": "USD", "period": "year"},
        {"amount": 1, "currency": "EUR", "period": "month", "of": "recurring"},
    ],
}


def tiers(data: bytes) -> None:
    """Whatever is understood is told in words and compared, and permits nothing where nothing is known."""
    terms = read_terms(data)
    for _, group in by_effect(terms):
        for tier in group:
            list(map(said, tier.when))
    if tier_changes(terms, terms):
        raise AssertionError("terms differ from themselves")
    bare = any(all(isinstance(each, DateCondition) for each in tier.when) for tier in terms.tiers)
    found = evaluate(terms, NOTHING, TODAY).effect
    if found.startswith("permit") and (terms.feed == "binding" or not terms.begun(TODAY) or not bare):
        raise AssertionError(f"{found} without a fact")


def facts(data: bytes) -> None:
    """Whatever is understood is answered and can be signed, and has a name."""
    canonical_json(evaluate(TERMS, read_use(data), TODAY).to_dict())
    use_digest(parse_json(data))


def feed(data: bytes) -> None:
    """Whatever is understood stands or not on any day, and is followed or refused for a reason of its own."""
    found = read_feed(data)
    standings(found.entries, TODAY)
    hits(found.entries, TODAY, None, ("DE",), ())
    if feed_changes(found.entries, found.entries):
        raise AssertionError("a feed differs from itself")
    with suppress(*NOT_FOLLOWED):
        accept(found, FeedState.pinned(KEY), NOW)


def state(data: bytes) -> None:
    found = read_state(data)
    if read_state(canonical_json(found.to_dict())) != found:
        raise AssertionError("a state changes when it is kept")


def rotation(data: bytes) -> None:
    found = read_rotation(data)
    if read_rotation(canonical_json(found.to_dict())) != found:
        raise AssertionError("a change of keys changes when it is kept")
    for key in (KEY, found.new):
        with suppress(*NOT_FOLLOWED):
            KeyHistory.pinned(key).followed(found.feed, (found,))


def key(data: bytes) -> None:
    found = FeedKey.from_file(data)
    if FeedKey.from_file(found.base64.encode()) != found:
        raise AssertionError("a key changes when it is kept")


def decision(data: bytes) -> SignedDecision:
    """A trust file, a zero byte, a decision."""
    trust, _, signed = data.partition(b"\0")
    found = verify_decision(signed, TrustedRoot.from_json(trust))
    with suppress(DecisionExpired, DecisionOther):
        found.check_for(FILES, {}, TERMS, NOW)
    return found


PARSERS: tuple[tuple[str, Callable[[bytes], object], tuple[type[Exception], ...]], ...] = (
    ("tiers", tiers, (TiersInvalid,)),
    ("use-facts", facts, (FactsInvalid, FactsContradict, MoneyWithoutUnit, JsonInvalid)),
    ("feed", feed, NO_FEED),
    ("feed-entries", read_draft, (FeedInvalid, JsonInvalid)),
    ("feed-state", state, NO_FEED),
    ("feed-rotation", rotation, NO_FEED),
    ("feed-key", key, (FeedInvalid, EncodingInvalid)),
    ("decision", decision, (MclaError,)),
)


def seeds(notary: Notary, files: Manifest) -> dict[str, list[bytes]]:
    """Inputs that each of them takes."""
    name, own, other = "https://feed.example.org/feed.json", notary.keys.feed, notary.keys.log
    handed = hand_over(name, 2, own, other.public_key(), format_time(NOW))
    life = Life(NOW, NOW, NOW + timedelta(days=30))
    entries = [entry(), entry("b", adopted="2026-01-01", supersedes=["example.scoring"], from_latest="2026-12-31")]
    first = write_feed(name, "Example", entries, life, None, (), own)
    second = write_feed(name, "Example", entries, life, read_feed(first), (handed,), other)
    pinned = FeedState.pinned(FeedKey.of(own.public_key()))
    outcome = evaluate(TERMS, read_use(FACTS), TODAY, read_feed(first)).to_dict()
    document = document_of(outcome, FACTS, notary.now, look(None, (), (), registry()))
    payload = decision_statement(document, subjects_of(files), notary.origin, notary.now)
    signed = canonical_json(document | {"envelope": notary.result(PURPOSE, payload)})
    return {
        "tiers": [example()],
        "use-facts": [canonical_json(FACTS)],
        "feed": [first, second],
        "feed-entries": [starter_entries(), canonical_json({"schema": "mcla.feed-entries/1", "entries": entries})],
        "feed-state": [canonical_json(each.to_dict()) for each in (pinned, accept(read_feed(first), pinned, NOW))],
        "feed-rotation": [canonical_json(handed.to_dict())],
        "feed-key": [KEY.base64.encode(), pem(own.public_key())],
        "decision": [notary.trust() + b"\0" + signed],
    }


def pem(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
