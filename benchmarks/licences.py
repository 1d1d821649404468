# SPDX-License-Identifier: Apache-2.0
"""Licences: a rule evaluation against a JSON parse of its case, telling a text against reading it, and how often right;
an evaluation of tiers against a JSON parse of the same facts, a verified feed against its bare signature check.

Precision and recall come from the texts that the test package scancode-toolkit-mini carries: of the texts of known ids,
in several layouts, how many are told; of everything that is told to be a known licence, among 2,600 texts, how much is.
"""

import json
import textwrap
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ratio import Report, best_in_turns, quick

from mcla.feed.document import Life, read_draft, read_feed, write_feed
from mcla.feed.following import FeedState, accept
from mcla.feed.keys import FeedKey
from mcla.feed.starter import starter_entries
from mcla.licences.asking import read_question
from mcla.licences.deciding import evaluate
from mcla.licences.identify import fingerprints, identify
from mcla.licences.registry import data_file, registry
from mcla.licences.words import digest_of, words_of
from mcla.statements.canonical import canonical_json
from mcla.tiers.evaluating import evaluate as evaluate_use
from mcla.tiers.example import example
from mcla.tiers.facts import read_use
from mcla.tiers.known import terms_of
from mcla.tiers.reading import read_terms
from scripts.licence_fingerprints import text_of, texts

LAYOUTS: dict[str, Callable[[str], str]] = {
    "as_it_is": lambda text: text,
    "in_capitals": str.upper,
    "with_an_owner": lambda text: f"Copyright 2026 Somebody\n\n{text}",
    "reflowed": lambda text: "\n\n".join(textwrap.fill(part, 60) for part in text.split("\n\n")),
}

DAY = date(2026, 11, 25)
FACTS: dict[str, Any] = {
    "commercial": True,
    "purposes": ["product"],
    "sectors": ["health"],
    "jurisdictions": ["DE", "US"],
    "uses": ["malware"],
    "registered": False,
    "receipt": "direct",
    "users": {"count": 120_000},
    "revenue": {"amount": 2_500_000, "currency": "USD", "period": "year", "measured": "preceding-year"},
}


def rules(report: Report, budget: float, count: int) -> None:
    """`count` evaluations against as many parses of the same cases."""
    cases = json.loads(data_file("cases.json"))["cases"]
    asked, said, facts = [read_question(case) for case in cases], [json.dumps(case) for case in cases], registry()
    rounds = -(-count // len(cases))
    ours, peer = best_in_turns(
        budget,
        lambda: sum(evaluate(question, facts).verdict for _ in range(rounds) for question in asked),
        lambda: sum(len(json.loads(text)) for _ in range(rounds) for text in said),
    )
    print(f"# {rounds * len(cases):,} evaluations in {ours.cpu:.2f} s, as many JSON parses in {peer.cpu:.2f} s")
    report.at_most("licence_evaluation_per_json_parse", ours.cpu / peer.cpu, 10)


def telling(report: Report, budget: float, found: dict[str, bytes]) -> None:
    """Telling every known text against reading it into words; with a word more, so that no digest answers."""
    changed = [text + b" mispelt" for text in found.values()]
    ours, peer = best_in_turns(budget, lambda: list(map(identify, changed)), lambda: list(map(words_of, changed)))
    report.at_most("licence_identify_per_normalise", ours.cpu / peer.cpu, 5)


CLAUSE = "It may be used by at most seven persons and never for games"
NEAR_MISSES: dict[str, Callable[[list[str]], list[str]]] = {
    "a_number": lambda words: [*words[: len(words) // 2], "7", *words[len(words) // 2 + 1 :]],
    "a_negation": lambda words: [*words[: len(words) // 3], "not", *words[len(words) // 3 :]],
    "a_clause_less": lambda words: words[: len(words) * 4 // 10] + words[len(words) * 5 // 10 :],
    "a_clause_more": lambda words: [*words, *CLAUSE.split()],
}


def near_misses(report: Report, found: dict[str, bytes]) -> None:
    """Each known text with one thing changed: it is never taken for the licence, and the licence is told as near."""
    for name, change in NEAR_MISSES.items():
        told = [
            (licence, identify(" ".join(change(text.decode().split())).encode())) for licence, text in found.items()
        ]
        assert not any(each.licence for _, each in told), name  # one is one too many, whatever the share
        right = sum(licence in {like.licence for like in each.likeness} for licence, each in told)
        report.at_least(f"licence_near_miss_{name}", right / len(told), 0.95)


def rightness(report: Report, everything: dict[str, tuple[set[str], bytes]], found: dict[str, bytes]) -> None:
    """Recall over known texts in each layout, precision over all texts of the package.

    A claim is right where the package has the text under that licence, by a name or word for word under another.
    """
    for name, layout in LAYOUTS.items():
        told = [(licence, identify(layout(text.decode()).encode())) for licence, text in found.items()]
        right = sum(each.sure in ("same", "nearly") and each.likeness[0].licence == licence for licence, each in told)
        report.at_least(f"licence_recall_{name}", right / len(told), 0.95)
    same_words = {digest_of(words_of(text)): licence for licence, text in found.items()}
    claims = [(names, identify(text)) for names, text in everything.values()]
    claimed = [(names, each) for names, each in claims if each.licence]
    right = sum(
        each.licence in map(_known, names) or same_words.get(each.sha256) == each.licence for names, each in claimed
    )
    words_known = len({each.licence for each in fingerprints().known})
    print(f"# recall over the {len(found)} licences whose texts the package has; the words of {words_known} are known")
    print(f"# of {len(claims):,} texts, {len(claimed)} were told to be a known licence, {right} of them rightly")
    report.at_least("licence_precision", right / len(claimed), 0.95)


def tiers(report: Report, budget: float) -> None:
    """A use under own terms, and under every known licence, against a JSON parse of the same facts."""
    said, own, known = canonical_json(FACTS).decode(), read_terms(example()), registry()
    use, licences = read_use(FACTS), [terms_of(each, known) for each in known]
    ours, peer = best_in_turns(
        budget,
        lambda: [evaluate_use(own, use, DAY) for _ in range(2_000)],
        lambda: [json.loads(said) for _ in range(2_000)],
    )
    report.at_most("tiers_evaluation_per_json_parse", ours.cpu / peer.cpu, 8)
    ours, peer = best_in_turns(
        budget,
        lambda: [evaluate_use(terms, use, DAY) for _ in range(20) for terms in licences],
        lambda: [json.loads(said) for _ in range(20) for _ in licences],
    )
    report.at_most("licence_tiers_evaluation_per_json_parse", ours.cpu / peer.cpu, 6)
    ours, peer = best_in_turns(
        budget,
        lambda: [read_use(said.encode()) for _ in range(1_000)],
        lambda: [json.loads(said) for _ in range(1_000)],
    )
    report.at_most("use_facts_strictly_read_per_json_parse", ours.cpu / peer.cpu, 30)


def feed(report: Report, budget: float) -> None:
    """The starter feed taken as a follower takes it, against the check of its signature over the same bytes alone."""
    key, now = Ed25519PrivateKey.generate(), datetime(2026, 11, 25, tzinfo=UTC)
    life = Life(now, now, now + timedelta(days=30))
    data = write_feed("https://feed.example.org/feed.json", "X", read_draft(starter_entries()), life, None, (), key)
    state, public, found = FeedState.pinned(FeedKey.of(key.public_key())), key.public_key(), read_feed(data)
    signature = b64decode(found.signature.ed25519)
    ours, peer = best_in_turns(
        budget,
        lambda: [accept(read_feed(data), state, now) for _ in range(20)],
        lambda: [public.verify(signature, found.signed) for _ in range(20)],
    )
    print(f"# a feed of {len(data):,} bytes with {len(found.entries)} entries: {ours.cpu / 20 * 1000:.2f} ms")
    report.at_most("feed_verified_per_bare_signature_check", ours.cpu / peer.cpu, 60)
    ours, peer = best_in_turns(
        budget,
        lambda: [accept(found, state, now) for _ in range(200)],
        lambda: [public.verify(signature, found.signed) for _ in range(200)],
    )
    report.at_most("feed_read_already_per_bare_signature_check", ours.cpu / peer.cpu, 2)


def _known(name: str) -> str | None:
    """The known licence that a name of SPDX stands for; sections kept invariant are a notice, not another text."""
    record = registry().find(name.replace("-no-invariants", "").replace("-invariants", "")).one
    return record.id if record else None


def main() -> None:
    budget, count = (4.0, 20_000) if quick() else (20.0, 100_000)
    everything, report = texts(), Report()
    found = {licence.id: text for licence in registry() if (text := text_of(licence, everything)) is not None}
    rules(report, budget, count)
    telling(report, budget, found)
    rightness(report, everything, found)
    near_misses(report, found)
    tiers(report, budget / 4)
    feed(report, budget / 4)
    report.end()


if __name__ == "__main__":
    main()
