# SPDX-License-Identifier: Apache-2.0
"""The signed list over HTTP: what it covers, when it is made anew, and that it never runs behind the log it names."""

from datetime import timedelta
from typing import Any

import pytest
from counting import counted
from signing_walk import certified, draft_end, end, file, give

from app.identity.ports import Actor
from app.signing import finish
from app.signing.errors import RecordingDelayed
from app.withdrawals.service import REMAKE
from mcla.artifacts.digest import sha256_hex
from mcla.verify.withdrawals import Snapshot, open_snapshot

PATH = "/.well-known/mcla/withdrawals"


def fetch(client: Any, services: Any, **headers: str) -> Snapshot:
    return open_snapshot(client.get(PATH, headers=headers).data, services.trust)


def statement_of(services: Any, ada: Actor, ended: Any) -> str:
    return sha256_hex(services.signing.signing(ada, "sng_" + ended.id[4:]).statement)


def test_it_names_every_end_in_the_order_of_the_log_and_the_size_it_covers(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    assert (fetch(client, services).head.size, dict(fetch(client, services).ends)) == (2, {})
    ended = {
        statement_of(services, ada, each): end(services, ada, each).log_index for each in (gift.given, gift.accepted)
    }
    snapshot = fetch(client, services)
    assert snapshot.head.size == 4
    assert {statement: found.log_index for statement, found in snapshot.ends.items()} == ended
    assert list(snapshot.ends) == list(ended)
    assert snapshot.next_update - snapshot.time == timedelta(days=1)


def test_a_cache_has_to_ask_and_is_told_when_nothing_changed(client: Any, services: Any, clock: Any, gift: Any) -> None:
    first = client.get(PATH)
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert first.content_type == "text/plain; charset=utf-8"
    same = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    clock.at += REMAKE
    later = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert open_snapshot(later.data, services.trust).time == clock.at


def test_a_list_that_is_made_again_asks_for_the_new_entries_only(
    services: Any, client: Any, ada: Actor, gift: Any
) -> None:
    end(services, ada, gift.given)
    fetch(client, services)
    end(services, ada, gift.accepted)
    assert services.withdrawals._covered == 3
    with counted(services.db) as seen:
        assert len(fetch(client, services).ends) == 2
    assert len([each for each in seen if "withdrawal" in each]) == 1
    with counted(services.db) as again:
        fetch(client, services)
    assert not again


def test_an_end_that_is_in_the_log_counts_before_its_request_has_ended(
    services: Any, client: Any, ada: Actor, gift: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is published, the rows are not: whoever names that size of the log has to know of the end."""

    def die(*_: object) -> None:
        raise ConnectionError("the process died")

    statement = statement_of(services, ada, gift.given)
    signing, holder = certified(services, ada, lambda *who: draft_end(*who, gift.given))
    with monkeypatch.context() as broken:
        broken.setattr(finish, "_record", die)
        with pytest.raises(ConnectionError):
            services.signing.complete(ada, signing.id, holder.signature(signing.statement), consent=True)
    assert services.signing.signing(ada, signing.id).state == "signed"
    assert fetch(client, services).ends[statement].log_index == 2
    told = services.contributions.contribution(gift.given.id, None)
    assert (told.standing.state, told.standing.since.log_index, told.as_of.log_size) == ("ended", 2, 3)
    services.signing.finish(signing.id)
    assert fetch(client, services).ends[statement].log_index == 2


def test_an_end_that_is_signed_and_not_in_the_log_has_not_begun(
    services: Any, client: Any, ada: Actor, gift: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept and will be recorded; until then the order of the log says in force, and nothing new is taken."""
    signing, holder = certified(services, ada, lambda *who: draft_end(*who, gift.given))

    def full(*_: object) -> None:
        from app.log.errors import LogBusy

        raise LogBusy("The log is busy.")

    with monkeypatch.context() as broken:
        broken.setattr(type(services.log), "append", full)
        with pytest.raises(RecordingDelayed):
            services.signing.complete(ada, signing.id, holder.signature(signing.statement), consent=True)
    assert services.contributions.contribution(gift.given.id, None).standing.state == "in-force"
    assert not fetch(client, services).ends
    (mine,) = services.contributions.mine(ada.contributor_id)
    assert (mine.ended.withdrawal_id, mine.ended.log_index) == ("wdr_" + signing.id[4:], None)
    services.signing.finish(signing.id)
    assert services.contributions.contribution(gift.given.id, None).standing.state == "ended"


def test_a_batch_costs_no_more_statements_when_everything_in_it_was_ended(services: Any, ada: Actor, gift: Any) -> None:
    files = [file(f"f{n}", str(n).encode()) for n in range(4)]
    digests = [f"sha256:{each.sha256}" for each in files]
    given = [give(services, ada, each) for each in files]
    numbers = []
    for asked in (digests[:1], digests):
        numbers.append(statements(services, asked))
    for each in given:
        end(services, ada, each)
    numbers.append(statements(services, digests))
    assert len(set(numbers)) == 1, numbers


def statements(services: Any, digests: list[str]) -> int:
    services.contributions.artifacts(digests)
    with counted(services.db) as seen:
        services.contributions.artifacts(digests)
    return len(seen)
