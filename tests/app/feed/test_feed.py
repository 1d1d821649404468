# SPDX-License-Identifier: Apache-2.0
"""A service's feed: signed by a key of its own, served for ever, followed through a change of that key."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from feeds import entry

from app.cli.doctor import PARTS
from app.cli.main import main
from app.feed.errors import FeedLifeUnfit, FeedNotPublished, FeedUnchanged
from app.feed.service import FeedService
from app.platform.clock import FixedClock, SystemClock
from app.platform.keys.errors import KeyUnusable, RotationRefused
from mcla.errors import MclaError
from mcla.feed.document import read_feed
from mcla.feed.errors import FeedOther
from mcla.feed.following import FeedState, Seen, accept
from mcla.feed.keys import FeedKey
from mcla.feed.starter import starter_entries

pytestmark = pytest.mark.usefixtures("own_keys")  # changes of the key stay in their test


def draft(*identifiers: str) -> bytes:
    return json.dumps({"schema": "mcla.feed-entries/1", "entries": [entry(each) for each in identifiers]}).encode()


def test_a_follower_who_pinned_the_first_key_gets_over_two_changes_of_it(services: Any) -> None:
    feed, now = services.feed, services.clock.now()
    pinned = FeedState.pinned(feed.key)
    first = feed.publish(draft("a"), "Example", 60)
    state = accept(read_feed(feed.current()), pinned, now)
    feed.rotate()
    second = feed.publish(draft("a", "b"), "Example", 60)
    state = accept(second, state, now)
    feed.rotate()
    feed.rotate()  # twice before the next feed: the key between signs nothing
    third = accept(feed.publish(draft("b"), "Example", 60), state, now)
    assert (third.seen.serial, len(third.keys.ids)) == (3, 4)  # type: ignore[union-attr]
    assert third.keys.ids[-1] == feed.key.id
    assert read_feed(feed.numbered(1)).digest == first.digest


def test_a_key_that_changed_before_the_first_feed_is_the_one_to_pin(services: Any) -> None:
    services.feed.rotate()
    made = services.feed.publish(draft("a"), "Example", 60)
    assert made.rotations == ()
    assert accept(made, FeedState.pinned(services.feed.key), services.clock.now()).seen is not None


def test_a_change_of_keys_that_was_cut_short_is_made_once(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    services.feed.publish(draft("a"), "Example", 60)

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("app.feed.service.rotate", killed)
        with pytest.raises(RuntimeError):
            services.feed.rotate()
    with pytest.raises(MclaError) as refused:  # the old key has handed over, and the new one does not sign yet
        services.feed.publish(draft("b"), "Example", 60)
    assert refused.value.code == "feed-key-rotated-out"
    services.feed.rotate()
    assert len(services.feed.publish(draft("b"), "Example", 60).rotations) == 1


def test_nothing_is_published_that_says_nothing_new_or_counts_too_long(services: Any) -> None:
    feed = services.feed
    with pytest.raises(FeedNotPublished):
        feed.current()
    for days in (0, -1, 401):
        with pytest.raises(FeedLifeUnfit):
            feed.publish(draft("a"), "Example", days)
    feed.publish(draft("a"), "Example", 60)
    with pytest.raises(FeedUnchanged):
        feed.publish(draft("a"), "Example", 60)
    services.clock.at += timedelta(days=30)
    assert feed.publish(draft("a"), "Example", 60).serial == 2
    with pytest.raises(MclaError) as refused:
        feed.publish(draft("a").replace(b'"prohibited"', b'"frowned upon"'), "Example", 60)
    assert refused.value.code == "feed-invalid"
    with pytest.raises(FeedNotPublished):
        feed.numbered(3)


def test_anybody_gets_the_feed_each_earlier_one_and_the_key(services: Any, client: Any) -> None:
    assert client.get("/.well-known/mcla/feed.json").json["code"] == "feed-not-published"
    services.feed.publish(starter_entries(), "Example", 60)
    services.feed.publish(draft("a"), "Example", 60)
    newest = client.get("/.well-known/mcla/feed.json")
    assert newest.headers["Access-Control-Allow-Origin"] == "*"
    assert (
        client.get("/.well-known/mcla/feed.json", headers={"If-None-Match": newest.headers["ETag"]}).status_code == 304
    )
    first = client.get("/.well-known/mcla/feeds/1.json")
    assert "immutable" in first.headers["Cache-Control"]
    assert read_feed(newest.data).previous == read_feed(first.data).digest
    for serial in ("0", "3", "9" * 30):
        assert client.get(f"/.well-known/mcla/feeds/{serial}.json").status_code == 404
    key = FeedKey.from_file(client.get("/.well-known/mcla/feed-key.pem").data)
    assert key == services.feed.key
    assert accept(read_feed(newest.data), FeedState.pinned(key), services.clock.now()).seen is not None


def test_of_several_processes_that_start_one_publishes_what_comes_with_the_software(
    settings: Any, db: Any, clock: Any, services: Any, client: Any
) -> None:
    starting = [FeedService(db, clock, settings, services.keys_now) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(FeedService.begin, starting))
    starting[0].begin()
    served = client.get("/.well-known/mcla/feed.json")
    begun = accept(read_feed(served.data), FeedState.pinned(services.feed.key), clock.now())
    assert begun.seen == Seen(services.feed.name, 1, read_feed(served.data).digest)
    assert read_feed(served.data).issuer.startswith("Nobody yet")
    with pytest.raises(FeedNotPublished):
        services.feed.numbered(2)
    renewed = services.feed.renew("Example", 60)  # in the same second: what is new is who answers
    assert (renewed.serial, renewed.entries) == (2, read_feed(served.data).entries)


def test_a_start_without_a_feeds_key_or_wish_goes_on(settings: Any, db: Any, clock: Any, services: Any) -> None:
    def gone() -> Any:
        raise KeyUnusable("gone")

    FeedService(db, clock, settings, gone).begin()
    FeedService(db, clock, settings.model_copy(update={"starter_feed": False}), services.keys_now).begin()
    assert services.feed.standing() is None


def test_a_service_that_moved_begins_its_feed_anew_for_whoever_pins_the_key_of_today(
    settings: Any, db: Any, clock: Any, services: Any
) -> None:
    services.feed.publish(draft("a"), "Example", 60)
    services.feed.rotate()
    services.feed.publish(draft("a", "b"), "Example", 60)
    moved = settings.model_copy(update={"origin": "https://elsewhere.example.org"})
    there = FeedService(db, clock, moved, services.keys_now)
    assert there.standing().renamed  # type: ignore[union-attr]
    feed = there.renew("Example", 60)
    state = accept(feed, FeedState.pinned(there.key), clock.now())
    assert (feed.name, feed.rotations) == ("https://elsewhere.example.org/.well-known/mcla/feed.json", ())
    there.rotate()
    assert accept(there.renew("Example", 61), state, clock.now()).keys.ids[-1] == there.key.id
    with pytest.raises(FeedOther):
        accept(feed, FeedState(state.keys, Seen(services.feed.name, 2, feed.previous or "")), clock.now())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_end_of_a_feed_is_told_before_it_comes(client: Any, services: Any, clock: FixedClock) -> None:
    clock.at = SystemClock().now()

    def told() -> tuple[str, str]:
        (finding,) = PARTS["feed"](services.settings)
        return finding.state, finding.says.partition(":")[0]

    assert told() == ("ok", "none is published")
    services.feed.begin()
    assert told() == ("attention", "nobody answers for its entries yet")
    assert "Nobody answers for them yet" in client.get("/trust").text
    clock.at -= timedelta(days=30)
    services.feed.renew("Example", 31)
    assert told() == ("attention", "it ends soon")
    services.feed.renew("Example", 60)
    assert told() == ("ok", "Example")
    clock.at -= timedelta(days=31)
    services.feed.renew("Example e.V.", 30)
    assert told() == ("fault", "over, and refused by whoever follows it")
    clock.at += timedelta(days=31)
    assert "it counts no more" in client.get("/trust").text
    assert 'mcla_feed_left{state="newest"} -' in client.get("/metrics").text


@pytest.fixture
def command(services: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("app.cli.feed._services", lambda: services)
    runner = CliRunner()
    return lambda *args: runner.invoke(main, ["feed", *map(str, args)])


def test_staff_publish_from_the_command_line(command: Any, services: Any, tmp_path: Path) -> None:
    file = tmp_path / "entries.json"
    file.write_text(command("starter").stdout)
    done = command("publish", file, "--issuer", "Example", "--days", 90)
    assert (done.exit_code, "serial 1 with 33 entries" in done.stdout) == (0, True)
    told = json.loads(command("show", "--json").stdout)
    assert (told["serial"], told["key"]["id"]) == (1, services.feed.key.id)
    assert command("rotate").exit_code == 0
    assert json.loads(command("show", "--json").stdout)["key"]["id"] == services.feed.key.id != told["key"]["id"]
    assert "serial 2 with 33 entries" in command("renew", "--issuer", "Example", "--days", 91).stdout
    again = command("publish", file, "--issuer", "Example", "--days", 90)
    assert (again.exit_code, "Code: feed-unchanged" in again.stderr) == (1, True)


def test_the_feeds_key_is_not_rotated_past_its_statement(services: Any) -> None:
    from app.cli.keys import rotate_key

    with pytest.raises(RotationRefused):
        rotate_key.callback("feed", None, fresh=False, stolen=False)  # type: ignore[misc]
