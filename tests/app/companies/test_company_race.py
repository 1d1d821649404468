# SPDX-License-Identifier: Apache-2.0
"""Two managers who sign at the same moment: each decision rests on what the other has left, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from company_walk import Firm, account, somebody
from signing_walk import certified, sign

from app.companies.changes import Change, EntryAdded, EntryRemoved, ManagerRemoved
from app.companies.errors import EntryKnown, EntryUnknown, NotAllowed
from app.identity.ports import Actor
from app.platform.clock import new_id
from app.signing.errors import SigningError


def both_at_once(firm: Firm, wanted: Callable[[str], Change]) -> list[str]:
    """Max and Mia each sign a change, drafted before either was; the codes of what was refused."""
    start, services = Barrier(2), firm.services
    drafts = []
    for name, actor in (("max", firm.max), ("mia", firm.mia)):
        change = wanted(name)
        drafts.append((actor, *certified(services, actor, lambda _, who, one=change: drafted(firm, who, one))))

    def run(actor: Actor, signing: Any, holder: Any) -> str:
        start.wait(timeout=60)
        try:
            return str(sign(services, actor, signing, holder).type)
        except SigningError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = [each.result() for each in [pool.submit(run, *draft) for draft in drafts]]
    assert "company-change" in outcomes
    return [each for each in outcomes if each != "company-change"]


def drafted(firm: Firm, actor: Actor, change: Change) -> Any:
    return firm.services.companies.draft_change(actor, firm.id, change, "A test", "cli")


def test_of_two_managers_at_once_none_overwrites_the_other_and_one_always_stays(services: Any, firm: Firm) -> None:
    emil = somebody(services, "emil")
    same = both_at_once(firm, lambda _: EntryAdded(new_id("ent"), account(emil), ("code",)))
    assert same == [EntryKnown.code]
    entries = services.companies.view(firm.max, firm.id).entries
    assert len(entries) == 1

    different = both_at_once(
        firm, lambda name: EntryAdded(new_id("ent"), account(firm.sig if name == "max" else firm.mia), ("code",))
    )
    assert different == []
    assert len(services.companies.view(firm.max, firm.id).entries) == 3

    assert both_at_once(firm, lambda _: EntryRemoved(entries[0].id)) == [EntryUnknown.code]

    other = {"max": "mia", "mia": "max"}
    assert both_at_once(firm, lambda name: ManagerRemoved(firm.managers[other[name]])) == [NotAllowed.code]
    left = [who for who in (firm.max, firm.mia) if any("manager" in own.roles for own in services.companies.mine(who))]
    assert len(left) == 1
    history = services.companies.view(left[0], firm.id).history
    assert len({each.id for each in history}) == len(history) == 9
    assert all(each.log_index is not None for each in history)
