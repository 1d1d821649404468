# SPDX-License-Identifier: Apache-2.0
"""The relying-party checks of id tokens and keys, each against a lie told over HTTP (tables: `oidc_lies`)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from oidc_lies import LIES, TRUTHS, Lie
from scripted_op import SUBJECT, ScriptedOp, rsa_key

from app.identity.errors import IdTokenInvalid
from app.identity.idtoken import check_id_token
from app.identity.ports import VerifiedClaims
from app.platform.clock import FixedClock

Walk = Callable[[], VerifiedClaims]


def test_plain_sign_in_gives_subject_name_login_and_verified_address(walk: Walk) -> None:
    assert walk() == VerifiedClaims("scripted", SUBJECT, "Jane Roe", "jroe", "jane@example.org")


@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS.keys())
def test_an_honest_variation_is_accepted(op: ScriptedOp, walk: Walk, truth: Lie) -> None:
    truth(op)
    assert walk().provider == "scripted"


@pytest.mark.parametrize(("lie", "why"), LIES.values(), ids=LIES.keys())
def test_a_lie_in_the_id_token_is_refused(op: ScriptedOp, walk: Walk, lie: Lie, why: str) -> None:
    lie(op)
    with pytest.raises(IdTokenInvalid, match=why) as refusal:
        walk()
    assert "Nothing you entered is lost" in refusal.value.hint


@pytest.mark.parametrize(("seconds", "accepted"), [(59, True), (61, False)])
def test_a_token_from_a_clock_ahead_of_ours_is_forgiven_for_a_minute(
    op: ScriptedOp, walk: Walk, seconds: int, accepted: bool
) -> None:
    ahead = int(op.clock.now().timestamp()) + seconds
    op.claims.update(iat=ahead, exp=ahead + 300)
    outcome(walk, accepted, "future")


@pytest.mark.parametrize(("seconds", "accepted"), [(59, True), (60, False), (3600, False)])
def test_a_token_that_expired_is_forgiven_for_a_minute(
    op: ScriptedOp, walk: Walk, seconds: int, accepted: bool
) -> None:
    end = int(op.clock.now().timestamp()) - seconds
    op.claims.update(iat=end - 300, exp=end)
    outcome(walk, accepted, "expired")


@pytest.mark.parametrize(("seconds", "accepted"), [(59, True), (61, False)])
def test_a_token_not_yet_valid_is_forgiven_for_a_minute(
    op: ScriptedOp, walk: Walk, seconds: int, accepted: bool
) -> None:
    op.claims.update(nbf=int(op.clock.now().timestamp()) + seconds)
    outcome(walk, accepted, "not valid yet")


def outcome(walk: Walk, accepted: bool, why: str) -> None:
    if accepted:
        assert walk().subject == SUBJECT
    else:
        with pytest.raises(IdTokenInvalid, match=why):
            walk()


def test_rotated_keys_are_fetched_again_once(op: ScriptedOp, walk: Walk, clock: FixedClock) -> None:
    walk()
    clock.at += timedelta(minutes=1)
    op.key = rsa_key("second")
    assert walk().subject == SUBJECT
    assert op.hits.count("/jwks") == 2


def test_keys_rotated_just_before_signing_under_the_same_kid_are_found(
    op: ScriptedOp, walk: Walk, clock: FixedClock
) -> None:
    walk()
    clock.at += timedelta(minutes=1)
    op.key = type(rsa_key("second")).import_key(rsa_key("second").as_dict(private=True) | {"kid": "first"})
    assert walk().subject == SUBJECT


def test_unknown_kids_do_not_make_us_hammer_the_provider(op: ScriptedOp, walk: Walk) -> None:
    op.header["kid"] = "nobody"
    for _ in range(5):
        with pytest.raises(IdTokenInvalid):
            walk()
    assert op.hits.count("/jwks") == 1


def test_a_key_that_was_withdrawn_stops_working_within_the_hour(op: ScriptedOp, walk: Walk, clock: FixedClock) -> None:
    walk()
    op.published = [rsa_key("second")]
    clock.at += timedelta(hours=1, seconds=1)
    with pytest.raises(IdTokenInvalid, match="no key"):
        walk()


def test_a_token_is_measured_before_anything_in_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.identity.idtoken.base64url", lambda *_: pytest.fail("a huge token was decoded"))
    with pytest.raises(IdTokenInvalid, match="longer than"):
        check_id_token("a." * 2 + "b" * 20_000, None, None, None)  # type: ignore[arg-type]
