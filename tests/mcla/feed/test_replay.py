# SPDX-License-Identifier: Apache-2.0
"""The same feed, asked about other days: what holds, what held, what was put off, and what nobody knows for sure."""

from datetime import date, datetime, timedelta

import pytest
from feeds import NOW, Issuer, entry

from mcla.feed.changes import changes
from mcla.feed.document import read_draft
from mcla.feed.errors import FeedNotYet
from mcla.feed.replay import feed_at, hits, standings
from mcla.feed.starter import starter_entries


@pytest.fixture(scope="module")
def starter() -> tuple:
    return Issuer().next(*map(dict, read_draft(starter_entries()))).entries


@pytest.mark.parametrize(
    ("identifier", "day", "standing"),
    [
        ("eu-ai-act.5.social-scoring", "2025-02-01", "not-yet"),
        ("eu-ai-act.5.social-scoring", "2025-02-02", "counts"),
        ("eu-ai-act.annex-iii.employment.2026", "2026-06-28", "not-yet"),
        ("eu-ai-act.annex-iii.employment.2026", "2026-08-02", "superseded"),
        ("eu-ai-act.annex-iii.employment", "2026-08-02", "not-yet"),
        ("eu-ai-act.annex-iii.employment", "2027-12-02", "counts"),
        ("eu-ai-act.annex-i.products", "2028-08-01", "not-yet"),
        ("eu-ai-act.50-2.marking", "2026-11-25", "unsettled"),
        ("eu-ai-act.50-2.marking", "2026-12-31", "counts"),
        ("eu-ai-act.5.intimate-images", "2026-11-30", "not-yet"),
        ("eu-ai-act.53-1.training-summary", "2025-08-02", "counts"),
    ],
)
def test_the_starter_feed_tells_the_dates_of_the_ai_act_as_they_were_put_off(
    starter: tuple, identifier: str, day: str, standing: str
) -> None:
    assert standings(starter, date.fromisoformat(day))[identifier] == standing


def test_before_it_was_put_off_the_first_date_is_the_one_that_is_told() -> None:
    issuer = Issuer()
    first = entry("example.first", **{"from": "2026-08-02"})
    later = entry("example.later", **{"from": "2027-12-02"}, adopted="2026-09-01", supersedes=["example.first"])
    entries = issuer.next(first, later).entries
    said = [standings(entries, date(2026, 8, each)) for each in (1, 2)] + [standings(entries, date(2026, 9, 1))]
    assert [each["example.first"] for each in said] == ["not-yet", "counts", "superseded"]


def test_what_is_only_proposed_neither_counts_nor_takes_the_place_of_anything() -> None:
    proposed = entry("example.proposed", status="proposed", supersedes=["example.scoring"])
    said = standings(Issuer().next(entry(), proposed).entries, date(2026, 11, 25))
    assert said == {"example.scoring": "counts", "example.proposed": "proposed"}


def test_what_ends_does_not_hold_on_its_last_day() -> None:
    entries = Issuer().next(entry(until="2026-11-25")).entries
    assert [standings(entries, date(2026, 11, day))["example.scoring"] for day in (24, 25)] == ["counts", "over"]


DAY = date(2026, 11, 25)
KEY = "social_behaviour_discrimination"


@pytest.mark.parametrize(
    ("uses", "places", "sectors", "found"),
    [
        ({KEY}, {"DE"}, {"finance"}, (True, ())),
        ({KEY}, {"EU"}, None, (True, ())),
        ({KEY}, {"US", "FR"}, None, (True, ())),
        ({KEY}, {"US"}, None, None),
        ({KEY}, set(), None, None),
        ({"malware"}, {"DE"}, None, None),
        (set(), None, None, None),
        (None, {"DE"}, None, (False, ("uses",))),
        ({KEY}, None, None, (False, ("jurisdictions",))),
        (None, None, None, (False, ("uses", "jurisdictions"))),
    ],
)
def test_an_entry_is_hit_missed_or_hangs_on_what_is_unknown(
    uses: set[str] | None, places: set[str] | None, sectors: set[str] | None, found: tuple | None
) -> None:
    hit = hits(Issuer().next().entries, DAY, uses, places, sectors)
    assert [(each.sure, each.unknown) for each in hit] == ([found] if found else [])


def test_a_place_that_is_told_too_roughly_is_unknown_for_a_law_of_one_country() -> None:
    entries = Issuer().next(entry(jurisdictions=["FR"])).entries
    assert [each.unknown for each in hits(entries, DAY, {KEY}, {"EU"}, None)] == [("jurisdictions",)]
    assert hits(entries, DAY, {KEY}, {"DE"}, None) == ()


def test_sectors_narrow_and_their_absence_does_not() -> None:
    entries = Issuer().next(entry(sectors=["employment"])).entries
    assert [each.sure for each in hits(entries, DAY, {KEY}, {"DE"}, {"employment"})] == [True]
    assert hits(entries, DAY, {KEY}, {"DE"}, set()) == ()
    assert [each.unknown for each in hits(entries, DAY, {KEY}, {"DE"}, None)] == [("sectors",)]


def test_an_entry_of_low_confidence_or_with_disputed_dates_is_never_sure() -> None:
    disputed = entry("example.disputed", **{"from": "2026-11-01"}, from_latest="2026-12-31")
    entries = Issuer().next(entry(confidence="low"), disputed).entries
    assert [each.sure for each in hits(entries, DAY, {KEY}, {"DE"}, None)] == [False, False]


def test_a_replay_finds_the_feed_that_counted_then() -> None:
    issuer = Issuer()
    feeds = [issuer.next(at=NOW + timedelta(days=20 * number), days=30) for number in range(3)]

    def serial(days: int) -> int:
        return feed_at(feeds, NOW + timedelta(days=days)).serial

    assert [serial(0), serial(19), serial(20), serial(65)] == [1, 1, 2, 3]
    for day in (-1, 70):
        with pytest.raises(FeedNotYet):
            feed_at(feeds, NOW + timedelta(days=day))
    assert isinstance(feeds[0].effective, datetime)


def test_changes_name_each_member_before_and_after() -> None:
    issuer = Issuer()
    old = issuer.next(entry(), entry("example.gone"))
    new = issuer.next(entry(**{"from": "2025-08-02"}), entry("example.came"))
    assert [each.to_dict() for each in changes(old.entries, new.entries)] == [
        {"id": "example.came", "what": "added"},
        {"id": "example.gone", "what": "removed"},
        {"id": "example.scoring", "what": "changed", "members": {"from": {"old": "2025-02-02", "new": "2025-08-02"}}},
    ]
