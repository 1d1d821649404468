# SPDX-License-Identifier: Apache-2.0
"""`mcla licences evaluate`: what terms mean for a use, on a day, and whether a signed decision comes out again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import Issuer, entry
from notary import Notary
from tiers_documents import document

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.feed.document import read_feed
from mcla.licences.registry import registry
from mcla.statements.canonical import canonical_json
from mcla.tiers.bases import grounds_of, look
from mcla.tiers.decision import PURPOSE, decision_statement, document_of, subjects_of
from mcla.tiers.evaluating import evaluate
from mcla.tiers.facts import read_use
from mcla.tiers.hurdle import Hurdle
from mcla.tiers.reading import read_terms

FACTS: dict[str, Any] = {
    "commercial": False,
    "purposes": ["research"],
    "uses": ["social_behaviour_discrimination"],
    "jurisdictions": ["US"],
    "registered": False,
    "receipt": "direct",
    "users": {"count": 10},
    "revenue": {"amount": 10, "currency": "USD", "period": "year", "measured": "preceding-year"},
}
FILES = Manifest.of([ManifestEntry("model.safetensors", "2" * 64, 9)])


class Desk:
    """A folder with facts, terms and two feeds of which only the second bars the use."""

    def __init__(self, run: Any, folder: Path, notary: Notary, trust: Path) -> None:
        self.run, self.folder, self.notary, self.trust = run, folder, notary, trust
        issuer = Issuer()
        self.put("use.json", json.dumps(FACTS))
        self.put("terms.toml", document(feed="binding"))
        self.put("then.json", issuer.bytes(entry(), at=datetime.now(UTC).replace(microsecond=0)))
        self.put("now.json", issuer.bytes(entry(jurisdictions=["*"]), at=datetime.now(UTC).replace(microsecond=0)))

    def put(self, name: str, text: str | bytes) -> Path:
        place = self.folder / name
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def ask(self, *more: Any, terms: tuple[Any, ...] | None = None) -> tuple[int, Any]:
        named = ("--terms", self.folder / "terms.toml") if terms is None else terms
        ran = self.run("licences", "evaluate", "--use", self.folder / "use.json", *named, *more, "--json")
        return ran.code, json.loads(ran.out)

    def decided(self, *hurdles: Hurdle, **changes: Any) -> Path:
        """A decision under the first feed that is over by now; the service knew from when its terms held."""
        feed = read_feed((self.folder / "then.json").read_bytes())
        bases = look(None, (), (), registry()) | {"hurdles": [each.to_dict() for each in hurdles]}
        terms, day = read_terms(document(feed="binding")), datetime.now(UTC).date()
        outcome = evaluate(terms, read_use(FACTS), day, feed, grounds_of(bases)).to_dict()
        outcome["terms"]["effective"] = "2026-01-01"
        bound = document_of(outcome | changes, FACTS, self.notary.now, bases, timedelta(seconds=1))
        payload = decision_statement(bound, subjects_of(FILES), self.notary.origin, self.notary.now)
        return self.put("d.json", canonical_json(bound | {"envelope": self.notary.result(PURPOSE, payload)}))


@pytest.fixture
def desk(mcla_inside: Any, tmp_path: Path, notary: Notary, trust: Path) -> Desk:
    return Desk(mcla_inside, tmp_path / "run", notary, trust)


def test_the_answer_is_yes_no_or_unknown_and_says_which_feed_it_rests_on(desk: Desk) -> None:
    then, now = desk.folder / "then.json", desk.folder / "now.json"
    code, told = desk.ask("--feed", then)
    assert (code, told["effect"], told["feed"]["digest"]) == (0, "permit", read_feed(then.read_bytes()).digest)
    assert desk.ask("--feed", now)[0] == 1
    assert (desk.ask()[0], desk.ask()[1]["unknown"][0]["fact"]) == (3, "feed")
    said = desk.run("licences", "evaluate", "--use", desk.folder / "use.json", "--licence", "CC-BY-NC-4.0")
    assert said.out.startswith("permit-with-duty: CC-BY-NC-4.0")
    assert desk.ask(terms=("--licence", "CC-BY-NC-4.0"))[0] == 0


def test_a_day_is_asked_about_instead_of_today_and_of_the_one_in_the_facts(desk: Desk) -> None:
    desk.put("terms.toml", document(effective="2030-01-01"))
    assert desk.ask()[0] == 1
    assert (desk.ask("--as-of", "2030-01-01")[0], desk.ask("--as-of", "2029-12-31")[0]) == (0, 1)
    assert desk.ask("--as-of", "soon")[0] == 2


def test_a_decision_that_is_over_comes_out_as_it_was_signed_under_the_feed_that_it_names(desk: Desk) -> None:
    made = ("--decision", desk.decided(), "--trust", desk.trust)
    then, now = desk.folder / "then.json", desk.folder / "now.json"
    code, told = desk.ask("--feed", then, *made)
    assert (code, told["same_as_signed"], told["terms"]["effective"]) == (0, True, "2026-01-01")
    for other in (("--feed", now), ()):
        code, told = desk.ask(*other, *made)
        assert (code, told["error"]["code"]) == (1, "decision-differs")
        assert read_feed(then.read_bytes()).digest in told["error"]["message"]
    desk.put("terms.toml", document("1.1.0", feed="binding"))
    assert "expected the terms" in desk.ask("--feed", then, *made)[1]["error"]["message"]
    desk.put("use.json", json.dumps(FACTS | {"commercial": True}))
    assert "expected the facts" in desk.ask("--feed", then, *made)[1]["error"]["message"]


@pytest.mark.parametrize(("word", "at_best"), [("no", "deny"), ("unknown", "permit")])
def test_what_bases_barred_then_is_denied_again(desk: Desk, word: Any, at_best: str) -> None:
    made = desk.decided(Hurdle("rules", word, "rules-deny", "the rules deny it"))
    code, told = desk.ask("--feed", desk.folder / "then.json", "--decision", made, "--trust", desk.trust)
    assert (code, told["effect"], told["at_best"]) == (0, "deny", at_best)
    assert told["decided_by"]["rests_on"] == "the rules deny it"


def test_a_decision_that_says_another_thing_than_comes_out_is_told(desk: Desk) -> None:
    lying = desk.decided(effect="deny", at_best="deny")
    code, told = desk.ask("--feed", desk.folder / "then.json", "--decision", lying, "--trust", desk.trust)
    assert (code, told["error"]["message"]) == (1, "expected effect to be 'deny', got 'permit'")


@pytest.mark.parametrize(
    ("facts", "terms", "code", "exit_code"),
    [
        ('{"users": {"count": -1}}', "", "use-facts-invalid", 2),
        ('{"revenue": {"amount": 1}}', "", "money-without-unit", 2),
        ('{"commercial": true, "purposes": ["personal"]}', "", "use-facts-contradict", 2),
        ('{"commercial": true, "commercial": false}', "", "json-invalid", 2),
        ("{}", "nonsense", "tiers-invalid", 2),
    ],
)
def test_what_means_nothing_is_wrong_usage_by_its_own_name(
    desk: Desk, facts: str, terms: str, code: str, exit_code: int
) -> None:
    desk.put("use.json", facts)
    if terms:
        desk.put("terms.toml", terms)
    got, told = desk.ask()
    assert (got, told["error"]["code"]) == (exit_code, code)


def test_terms_are_named_once(desk: Desk) -> None:
    assert desk.ask(terms=())[0] == 2
    assert desk.ask("--licence", "MIT")[0] == 2
    code, told = desk.ask(terms=("--licence", "gemma"))
    assert (code, told["error"]["code"]) == (3, "licence-ambiguous")
