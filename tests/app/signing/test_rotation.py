# SPDX-License-Identifier: Apache-2.0
"""Every key is replaced while people sign: nobody is refused, and one trust file verifies all that was made."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from signin import person
from signing_walk import accept, certified, draft_contribution, file, give, sign

from app.log.errors import LogForked
from app.platform.keys import KeyRing
from app.platform.keys.rotate import rotate
from app.platform.keys.values import KINDS
from app.wiring import build_services
from mcla.log.checkpoint import open_checkpoint
from mcla.statements.canonical import canonical_json
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle


@pytest.fixture
def own(services: Any, own_keys: Path) -> Any:
    """The services over keys of their own: replacing those of the whole run would reach other tests."""
    return services


def rotate_all(services: Any) -> None:
    for kind in KINDS:
        rotate(services.settings, kind, services.clock.now())


def holds(services: Any, bundle: Any) -> bool:
    """Verified under the published trust file, as a stranger reads it."""
    return verify_bundle(canonical_json(bundle), TrustedRoot.from_json(services.trust.to_json())).verified


def key_of(bundle: Any) -> str:
    return bundle["verificationMaterial"]["tlogEntries"][0]["logId"]["keyId"]


def test_all_keys_are_replaced_under_load_and_nobody_is_refused(own: Any) -> None:
    people = [person(own.identity, name) for name in ("ada", "bela")]
    done = [accept(own, actor) for actor in people]
    stop = threading.Event()

    def go_on(actor: Any) -> list[Any]:
        made = []
        while not stop.is_set() or len(made) < 2:
            made.append(give(own, actor, file(content=f"{actor} {len(made)}".encode())))
        return made

    with ThreadPoolExecutor(len(people)) as pool:
        at_work = [pool.submit(go_on, actor) for actor in people]
        try:
            rotate_all(own)
        finally:
            stop.set()
        for each in at_work:
            done += each.result()
    assert all(holds(own, each.bundle) for each in done)
    last = give(own, people[0])
    assert key_of(last.bundle) != key_of(done[0].bundle)
    assert holds(own, last.bundle)


def test_a_signing_that_was_under_way_ends_well(own: Any) -> None:
    ada = person(own.identity, "ada")
    accept(own, ada)
    pair = certified(own, ada, draft_contribution)
    rotate_all(own)
    assert holds(own, sign(own, ada, *pair).bundle)


def test_the_log_goes_on_under_its_name_with_heads_by_the_new_key(own: Any) -> None:
    ada = person(own.identity, "ada")
    first = accept(own, ada)
    old = own.keys.log.public_key()
    rotate_all(own)
    restarted = build_services(own.settings, own.db, own.clock)
    restarted.log.recover()
    host, new = own.settings.host, own.keys.log.public_key()
    assert open_checkpoint(restarted.log.checkpoint(), host, old).size == 1
    assert give(own, ada).log_index == first.log_index + 1
    receipt = own.log.receipt(first.log_index)
    assert open_checkpoint(receipt.checkpoint, host, new).size == 2


def test_a_service_whose_ring_is_older_than_its_log_refuses_to_start(own: Any) -> None:
    ada = person(own.identity, "ada")
    accept(own, ada)
    ring = (own.settings.home / "keys/ring.json").read_bytes()
    key = (own.settings.home / "keys/log.key.pem").read_bytes()
    rotate(own.settings, "log", own.clock.now())
    give(own, ada)
    (own.settings.home / "keys/ring.json").write_bytes(ring)
    (own.settings.home / "keys/log.key.pem").touch(0o600)
    (own.settings.home / "keys/log.key.pem").write_bytes(key)
    with pytest.raises(LogForked, match="was not signed by this log's key"):
        build_services(own.settings, own.db, own.clock).log.recover()


def test_two_rings_over_one_folder_see_the_same_keys(own: Any) -> None:
    other = KeyRing(own.settings.home)
    rotate_all(own)
    assert other.current().generations == own.keys.generations
