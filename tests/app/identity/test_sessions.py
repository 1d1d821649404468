# SPDX-License-Identifier: Apache-2.0
"""Sessions: rotated at sign-in, over at once when ended, seen and ended by their owner only; linking and separating."""

from datetime import timedelta

import pytest
from scripted_op import ScriptedOp

from app.identity.errors import IdentityTaken, IdentityUnknown, LinkRefused, SessionUnknown
from app.identity.ports import Actor, VerifiedClaims
from app.identity.service import IdentityService
from app.platform.clock import FixedClock

BROWSER = "browser-secret"
ADA = VerifiedClaims("scripted", "1", "Ada", "ada")
EVE = VerifiedClaims("scripted", "2", "Eve", "eve")


def actor(identity: IdentityService, secret: str) -> Actor:
    found = identity.actor_of_session(secret)
    assert found is not None
    return found


def test_the_session_is_a_new_one_after_sign_in_and_the_old_one_is_over(
    identity: IdentityService, op: ScriptedOp
) -> None:
    old = identity.start_session(ADA)
    params = op.callback(identity.begin("scripted", BROWSER).url)
    new = identity.finish("scripted", params, BROWSER, session_secret=old).session_secret
    assert new != old
    assert identity.actor_of_session(old) is None
    assert actor(identity, new).subject == op.id_token_subject()


def test_a_stolen_cookie_is_worthless_at_once_after_signing_out_everywhere(identity: IdentityService) -> None:
    mine, stolen, hers = identity.start_session(ADA), identity.start_session(ADA), identity.start_session(EVE)
    assert identity.sign_out_everywhere(actor(identity, mine).contributor_id) == 2
    assert [identity.actor_of_session(secret) is None for secret in (mine, stolen, hers)] == [True, True, False]


def test_a_made_up_cookie_is_nobody(identity: IdentityService) -> None:
    identity.start_session(ADA)
    for secret in ("", "x", "x" * 43, "é", "\x00", "\ud800", "' OR 1=1 --"):
        assert identity.actor_of_session(secret) is None, secret


def test_a_session_ends_by_itself(identity: IdentityService, clock: FixedClock) -> None:
    secret = identity.start_session(ADA)
    clock.at += timedelta(hours=12) - timedelta(seconds=1)
    assert identity.actor_of_session(secret)
    clock.at += timedelta(seconds=1)
    assert identity.actor_of_session(secret) is None


def test_the_list_shows_live_sessions_of_the_owner_with_when_they_were_last_seen(
    identity: IdentityService, clock: FixedClock
) -> None:
    first = identity.start_session(ADA, "Firefox on Linux\x00" + "x" * 100)
    clock.at += timedelta(minutes=7)
    second = identity.start_session(ADA, "Chrome on Android")
    identity.start_session(EVE)
    identity.actor_of_session(first)
    rows = identity.sessions(actor(identity, second).contributor_id)
    assert [row.browser[:16] for row in rows] == ["Chrome on Androi", "Firefox on Linux"]
    assert {row.last_seen_at for row in rows} == {clock.now()}
    assert len(rows[1].browser) == 80
    identity.sign_out(second)
    assert len(identity.sessions(actor(identity, first).contributor_id)) == 1


def test_the_session_of_another_person_cannot_be_told_from_one_that_never_was(identity: IdentityService) -> None:
    ada, eve = actor(identity, identity.start_session(ADA)), actor(identity, identity.start_session(EVE))
    said = []
    for session_id in (str(eve.session_id), "ses_" + "0" * 26, "", "' OR 1=1 --", "\x00", "\ud800"):
        with pytest.raises(SessionUnknown) as refusal:
            identity.end_session(ada.contributor_id, session_id)
        said.append((refusal.value.message, refusal.value.status, refusal.value.hint))
    assert len(set(said)) == 1
    assert len(identity.sessions(eve.contributor_id)) == 1


def test_an_ended_session_cannot_be_ended_again(identity: IdentityService) -> None:
    ada = actor(identity, identity.start_session(ADA))
    identity.end_session(ada.contributor_id, str(ada.session_id))
    with pytest.raises(SessionUnknown):
        identity.end_session(ada.contributor_id, str(ada.session_id))


def link(identity: IdentityService, op: ScriptedOp, secret: str, finish_with: str | None = None) -> str:
    url = identity.begin("scripted", BROWSER, "/account", link_actor=actor(identity, secret)).url
    done = identity.finish("scripted", op.callback(url), BROWSER, session_secret=finish_with or secret)
    assert done.linked
    return done.session_secret


def test_linking_gives_one_person_two_identities_and_keeps_the_account_in_use(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    secret = identity.start_session(VerifiedClaims("second", "9", "Jane", "jane"))
    before = actor(identity, secret)
    clock.at += timedelta(minutes=1)
    after = actor(identity, link(identity, op, secret))
    assert (after.contributor_id, after.identity_id) == (before.contributor_id, before.identity_id)
    assert identity.actor_of_session(secret) is None
    assert [row.provider for row, _ in identity.identities(before.contributor_id)] == ["second", "scripted"]
    alone = identity.start_session(VerifiedClaims("scripted", op.id_token_subject(), "Jane", "jane"))
    assert actor(identity, alone).contributor_id == before.contributor_id


def test_linking_twice_changes_nothing(identity: IdentityService, op: ScriptedOp) -> None:
    secret = link(identity, op, identity.start_session(ADA))
    secret = link(identity, op, secret)
    assert len(identity.identities(actor(identity, secret).contributor_id)) == 2


def test_an_identity_of_another_contributor_is_not_linked_and_both_stay_as_they_were(
    identity: IdentityService, op: ScriptedOp
) -> None:
    theirs = actor(identity, identity.start_session(VerifiedClaims("scripted", op.id_token_subject(), "X", "x")))
    secret = identity.start_session(ADA)
    with pytest.raises(IdentityTaken, match="another contributor") as refusal:
        link(identity, op, secret)
    assert refusal.value.next_path == "/account"
    assert len(identity.identities(theirs.contributor_id)) == 1
    assert len(identity.identities(actor(identity, secret).contributor_id)) == 1


def test_linking_begins_within_ten_minutes_of_sign_in(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    secret = identity.start_session(ADA)
    clock.at += timedelta(minutes=10, seconds=1)
    with pytest.raises(LinkRefused, match="ten minutes"):
        link(identity, op, secret)


def test_linking_also_ends_within_ten_minutes_of_sign_in(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    secret = identity.start_session(ADA)
    clock.at += timedelta(minutes=8)
    url = identity.begin("scripted", BROWSER, "/account", link_actor=actor(identity, secret)).url
    clock.at += timedelta(minutes=3)
    with pytest.raises(LinkRefused, match="ten minutes"):
        identity.finish("scripted", op.callback(url), BROWSER, session_secret=secret)


@pytest.mark.parametrize("who", [None, EVE])
def test_linking_ends_in_the_session_of_the_person_who_began_it(
    identity: IdentityService, op: ScriptedOp, who: VerifiedClaims | None
) -> None:
    secret = identity.start_session(ADA)
    url = identity.begin("scripted", BROWSER, "/account", link_actor=actor(identity, secret)).url
    other = identity.start_session(who) if who else None
    with pytest.raises(LinkRefused):
        identity.finish("scripted", op.callback(url), BROWSER, session_secret=other)
    assert len(identity.identities(actor(identity, secret).contributor_id)) == 1


def test_a_separated_identity_is_its_own_person_and_its_sessions_are_over(
    identity: IdentityService, op: ScriptedOp
) -> None:
    secret = link(identity, op, identity.start_session(ADA))
    claims = VerifiedClaims("scripted", op.id_token_subject(), "Jane Roe", "jroe")
    other = identity.start_session(claims)
    me = actor(identity, secret)
    identity.unlink(me, actor(identity, other).identity_id)
    assert identity.actor_of_session(other) is None
    assert actor(identity, identity.start_session(claims)).contributor_id != me.contributor_id
    assert actor(identity, secret).contributor_id == me.contributor_id


def test_only_ones_own_identity_can_be_separated_and_not_the_one_in_use(identity: IdentityService) -> None:
    ada, eve = actor(identity, identity.start_session(ADA)), actor(identity, identity.start_session(EVE))
    for identity_id in (eve.identity_id, "idn_0", "", "\x00", "\ud800"):
        with pytest.raises(IdentityUnknown):
            identity.unlink(ada, identity_id)
    with pytest.raises(LinkRefused, match="signed in with this account"):
        identity.unlink(ada, ada.identity_id)
