# SPDX-License-Identifier: Apache-2.0
"""Terms in tiers: strictest wins, unknown never permits, and what would settle it is told; own terms and known ones."""

from datetime import date
from typing import Any

import pytest
from feeds import Issuer, entry
from hypothesis import given, settings
from hypothesis import strategies as st

from mcla.licences.registry import registry
from mcla.tiers.conditions import Condition, ListCondition
from mcla.tiers.evaluating import Outcome, evaluate
from mcla.tiers.facts import read_use
from mcla.tiers.known import terms_of
from mcla.tiers.reading import read_terms
from mcla.tiers.terms import EFFECTS, Terms, Tier, strictness

DAY = date(2026, 11, 25)
OWN = f"""
schema = "mcla.tiers/1"
id = "example-model-terms"
version = "1.0.0"
title = "Example model terms"
otherwise = "deny"
feed = "binding"

[text]
url = "https://example.org/terms.md"
sha256 = "{"0" * 64}"

[[tier]]
id = "anybody"
effect = "permit"
rests_on = "clause 2"

[[tier]]
id = "large"
effect = "separate-licence"
rests_on = "clause 3 (a)"
contact = "https://example.org/licensing"
[[tier.when]]
fact = "revenue"
op = ">"
amount = 1000000
currency = "USD"
period = "year"
of = "everything"
measured = "preceding-year"
[[tier.when]]
fact = "commercial"
is = true
[[tier.when]]
fact = "receipt"
none_of = ["end-user-product"]

[[tier]]
id = "health"
effect = "permit-with-duty"
rests_on = "clause 3 (b)"
duty = "A person looks at every result."
when = [{{ fact = "sectors", any_of = ["health"] }}]

[[tier]]
id = "france-from-2027"
effect = "register"
rests_on = "clause 3 (c)"
contact = "https://example.org/register"
when = [{{ fact = "jurisdictions", any_of = ["FR"] }}, {{ fact = "date", from = "2027-01-01" }}]

[[tier]]
id = "compute"
effect = "deny"
rests_on = "clause 3 (d)"
when = [{{ fact = "training-compute", op = ">=", flop = "1e25" }}]
"""
KNOWN: dict[str, Any] = {
    "commercial": True,
    "receipt": "direct",
    "sectors": [],
    "jurisdictions": ["US"],
    "training_compute": "1e23",
    "uses": [],
    "revenue": {"amount": 500, "currency": "USD", "period": "year", "measured": "preceding-year"},
}


@pytest.fixture(scope="module")
def own() -> Terms:
    return read_terms(OWN.encode())


def ask(terms: Terms, **changes: Any) -> Outcome:
    return evaluate(terms, read_use(KNOWN | changes), DAY, Issuer().next())


def money(amount: int, **changes: Any) -> dict[str, Any]:
    return KNOWN["revenue"] | {"amount": amount} | changes


@pytest.mark.parametrize(
    ("changes", "effect", "at_best", "tier", "asked"),
    [
        ({}, "permit", "permit", "anybody", []),
        ({"revenue": money(1_000_000)}, "permit", "permit", "anybody", []),
        ({"revenue": money(1_000_001)}, "separate-licence", "separate-licence", "large", []),
        ({"revenue": money(9_000_000), "receipt": "end-user-product"}, "permit", "permit", "anybody", []),
        ({"revenue": money(9_000_000), "receipt": None}, "separate-licence", "permit", "large", ["receipt"]),
        ({"revenue": money(500, currency="EUR")}, "separate-licence", "permit", "large", ["revenue"]),
        ({"revenue": money(500, measured="ongoing")}, "separate-licence", "permit", "large", ["revenue"]),
        ({"revenue": None, "commercial": False}, "permit", "permit", "anybody", []),
        ({"revenue": None, "commercial": None}, "separate-licence", "permit", "large", ["revenue", "commercial"]),
        ({"sectors": ["health"]}, "permit-with-duty", "permit-with-duty", "health", []),
        ({"sectors": None}, "permit-with-duty", "permit", "health", ["sectors"]),
        ({"sectors": None, "revenue": money(9_000_000)}, "separate-licence", "separate-licence", "large", []),
        ({"jurisdictions": ["FR"]}, "permit", "permit", "anybody", []),
        ({"jurisdictions": ["FR"], "date": "2027-01-01"}, "register", "register", "france-from-2027", []),
        ({"jurisdictions": ["EU"], "date": "2027-01-01"}, "register", "permit", "france-from-2027", ["jurisdictions"]),
        ({"training_compute": "9.999999e24"}, "permit", "permit", "anybody", []),
        ({"training_compute": "1e25"}, "deny", "deny", "compute", []),
        ({"training_compute": None}, "deny", "permit", "compute", ["training_compute"]),
    ],
)
def test_the_strictest_tier_that_holds_or_may_hold_decides(
    own: Terms, changes: dict[str, Any], effect: str, at_best: str, tier: str, asked: list[str]
) -> None:
    found = ask(own, **changes)
    assert (found.effect, found.at_best, found.decided_by.tier) == (effect, at_best, tier)
    assert [each.fact for each in found.unknown] == asked
    assert found.certain is (effect == at_best)


def test_the_answer_names_the_text_the_duty_and_the_measuring(own: Terms) -> None:
    told = ask(own, revenue=None).to_dict()
    assert told["unknown"][0] | {"sentence": ""} == {
        "fact": "revenue",
        "currency": "USD",
        "period": "year",
        "of": "everything",
        "measured": "preceding-year",
        "sentence": "",
    }
    assert told["decided_by"]["rests_on"] == "clause 3 (a)"
    assert told["decided_by"]["contact"] == "https://example.org/licensing"
    assert (told["terms"]["digest"], told["as_of"]) == (own.digest, "2026-11-25")
    assert ask(own, sectors=["health"]).duties == ("A person looks at every result.",)


def test_where_no_tier_is_known_to_hold_nothing_is_permitted() -> None:
    narrow = read_terms(
        OWN.replace(
            'rests_on = "clause 2"', 'rests_on = "clause 2"\nwhen = [{ fact = "commercial", is = false }]'
        ).encode()
    )
    assert ask(narrow).decided_by.tier == "otherwise"
    assert (ask(narrow).effect, ask(narrow).certain) == ("deny", True)
    unknown = ask(narrow, commercial=None)
    assert (unknown.effect, unknown.at_best) == ("deny", "permit")
    assert ask(narrow, commercial=False).effect == "permit"


def test_a_feed_binds_advises_or_is_not_looked_at(own: Terms) -> None:
    hit = {"uses": ["social_behaviour_discrimination"], "jurisdictions": ["DE"]}
    bound = ask(own, **hit)
    assert (bound.effect, bound.decided_by.tier, bound.decided_by.rests_on) == (
        "deny",
        "feed:example.scoring",
        "Example Act, section 5",
    )
    advised = read_terms(OWN.replace('feed = "binding"', 'feed = "advisory"').encode())
    assert (ask(advised, **hit).effect, ask(advised, **hit).told[0].tier) == ("permit", "feed:example.scoring")
    apart = read_terms(OWN.replace('feed = "binding"', 'feed = "none"').encode())
    assert (ask(apart, **hit).effect, ask(apart, **hit).told, ask(apart, **hit).feed) == ("permit", (), None)


def test_terms_that_bind_to_a_feed_permit_nothing_without_it_or_without_what_it_asks(own: Terms) -> None:
    without = evaluate(own, read_use(KNOWN), DAY)
    assert (without.effect, without.at_best, [each.fact for each in without.unknown]) == ("deny", "permit", ["feed"])
    unknown = ask(own, uses=None, jurisdictions=["DE"])
    assert (unknown.effect, unknown.at_best, [each.fact for each in unknown.unknown]) == ("deny", "permit", ["uses"])


def test_a_decision_is_replayed_under_the_feed_and_the_day_it_was_made(own: Terms) -> None:
    issuer = Issuer()
    old, new = issuer.next(entry(**{"from": "2026-12-01"})), issuer.next(entry(**{"from": "2026-01-01"}))
    use = read_use(KNOWN | {"uses": ["social_behaviour_discrimination"], "jurisdictions": ["DE"]})
    assert [evaluate(own, use, DAY, each).effect for each in (old, new, old)] == ["permit", "deny", "permit"]
    assert evaluate(own, use, date(2026, 12, 1), old).effect == "deny"
    assert evaluate(own, use, DAY, old).feed == old.digest


@pytest.mark.parametrize(
    ("licence", "facts", "effect", "certain"),
    [
        (
            "LicenseRef-llama-3.1",
            {"users": {"count": 700_000_001, "measured": "at-release-date"}, "receipt": "direct"},
            "separate-licence",
            True,
        ),
        (
            "LicenseRef-llama-3.1",
            {"users": {"count": 700_000_000, "measured": "at-release-date"}},
            "permit-with-duty",
            True,
        ),
        (
            "LicenseRef-llama-3.1",
            {"users": {"count": 900_000_000, "measured": "at-release-date"}, "receipt": "end-user-product"},
            "permit-with-duty",
            True,
        ),
        ("LicenseRef-llama-3.1", {"users": {"count": 900_000_000}}, "separate-licence", False),
        ("LicenseRef-llama-3.1", {}, "separate-licence", False),
        ("LicenseRef-qwen-2024", {"commercial": False}, "permit-with-duty", True),
        ("LicenseRef-qwen-2024", {"commercial": True, "users": {"count": 100_000_001}}, "separate-licence", True),
        ("LicenseRef-chatglm3", {"commercial": True, "registered": False}, "register", True),
        ("LicenseRef-chatglm3", {"commercial": True}, "register", False),
        ("LicenseRef-chatglm3", {"commercial": True, "registered": True}, "permit-with-duty", True),
        ("LicenseRef-yi-series-1.0", {"commercial": False}, "permit-with-duty", True),
        ("LicenseRef-falcon-180b", {"business": ["hosting"]}, "separate-licence", None),
        ("CC-BY-NC-4.0", {"commercial": True}, "deny", True),
        ("CC-BY-NC-4.0", {"commercial": False}, "permit-with-duty", True),
        ("Apache-2.0", {}, "permit-with-duty", True),
        ("LicenseRef-hunyuan-community", {"jurisdictions": ["KR"]}, "deny", True),
        ("LicenseRef-hunyuan-community", {"jurisdictions": ["FR"]}, "deny", True),
        ("LicenseRef-none", {}, "deny", True),
        (
            "LicenseRef-jamba-open-model",
            {"revenue": {"amount": 1, "currency": "USD", "period": "year"}},
            "deny",
            False,
        ),
    ],
)
def test_thresholds_of_known_licences_are_data(
    licence: str, facts: dict[str, Any], effect: str, certain: bool | None
) -> None:
    whole = {"uses": []} | facts
    found = evaluate(terms_of(registry().get(licence), registry()), read_use(whole), DAY)
    assert found.effect == effect or (certain is None and strictness(found.effect) > strictness(effect))  # type: ignore[arg-type]
    if certain is not None:
        assert found.certain is certain
    assert found.to_dict()["terms"]["digest"] == registry().digest


def test_a_name_that_is_shown_above_a_threshold_alone_is_no_duty_of_the_grant() -> None:
    terms = terms_of(registry().get("LicenseRef-kimi-k2-modified-mit"), registry())
    small = {"users": {"count": 5}, "revenue": {"amount": 20_000_000, "currency": "USD", "period": "month"}}
    large = {"users": {"count": 5}, "revenue": {"amount": 20_000_001, "currency": "USD", "period": "month"}}
    grant = "Whoever passes it on adds the licence text."
    assert evaluate(terms, read_use(small), DAY).duties == (grant,)
    above = evaluate(terms, read_use(large), DAY).duties
    assert above == (grant, "Display the name that LicenseRef-kimi-k2-modified-mit asks for.")


def test_the_qwen_community_licence_counts_a_months_revenue() -> None:
    """Condition 1 of its text: more than 100,000,000 monthly active users, or US$ 20,000,000 monthly revenue."""
    licence = registry().get("LicenseRef-qwen-community-1.0")
    terms = terms_of(licence, registry())
    shown = f"Display the name that {licence.id} asks for."
    for amount, due in [(20_000_000, False), (20_000_001, True)]:
        use = {"users": {"count": 5}, "revenue": {"amount": amount, "currency": "USD", "period": "month"}}
        assert (shown in evaluate(terms, read_use(use), DAY).duties) is due


def test_a_list_that_its_publisher_changes_is_to_be_read_anew_and_no_known_text_binds_to_a_feed() -> None:
    known = registry().licences
    told = {each.id: evaluate(terms_of(each, registry()), read_use({}), DAY) for each in known}
    asked = {id_ for id_, found in told.items() if any("newest version" in duty for duty in found.duties)}
    assert asked == {each.id for each in known if each.restrictions_dynamic}
    assert len(asked) == 21
    assert sum("unlawful_use" in each.restrictions for each in known) == 31
    assert {found.terms.feed for found in told.values()} == {"advisory"}


def test_every_known_licence_can_be_asked_and_none_permits_all_uses_by_silence() -> None:
    for licence in registry():
        found = evaluate(terms_of(licence, registry()), read_use({}), DAY)
        assert found.effect in EFFECTS
        if licence.restrictions or licence.thresholds:
            assert not (found.certain and found.effect == "permit")


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "commercial": st.booleans(),
        "receipt": st.sampled_from(["direct", "end-user-product"]),
        "sectors": st.sampled_from([[], ["health"], ["finance"]]),
        "jurisdictions": st.sampled_from([[], ["US"], ["FR"], ["EU"]]),
        "training_compute": st.sampled_from(["1e20", "2e25"]),
        "uses": st.sampled_from([[], ["malware"], ["social_behaviour_discrimination"]]),
        "revenue": st.sampled_from([money(1), money(2_000_000)]),
        "date": st.sampled_from(["2026-11-25", "2027-06-01"]),
    },
)
FEED = Issuer().next()


@settings(max_examples=150, deadline=None)
@given(known=FACTS, more=FACTS)
def test_learning_a_fact_never_leaves_the_range_that_was_told(
    own: Terms, known: dict[str, Any], more: dict[str, Any]
) -> None:
    before = evaluate(own, read_use(known), DAY, FEED)
    after = evaluate(
        own, read_use(known | {name: each for name, each in more.items() if name not in (*known, "date")}), DAY, FEED
    )
    assert (
        strictness(before.at_best) <= strictness(after.at_best) <= strictness(after.effect) <= strictness(before.effect)
    )
    assert bool(before.unknown) is not before.certain


@settings(max_examples=100, deadline=None)
@given(facts=FACTS, effect=st.sampled_from(EFFECTS), values=st.sampled_from([("health",), ("finance", "health")]))
def test_one_tier_more_never_makes_an_answer_milder(
    own: Terms, facts: dict[str, Any], effect: Any, values: Any
) -> None:
    when: tuple[Condition, ...] = (ListCondition("sectors", "any-of", values),)
    more = Terms(
        own.id,
        own.version,
        own.title,
        own.text,
        own.digest,
        own.otherwise,
        own.feed,
        (*own.tiers, Tier("more", effect, "x", when)),
    )
    before, after = (evaluate(each, read_use(facts), DAY, FEED) for each in (own, more))
    assert strictness(after.effect) >= strictness(before.effect)
    assert strictness(after.at_best) >= strictness(before.at_best)
