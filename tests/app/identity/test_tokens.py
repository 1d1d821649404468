# SPDX-License-Identifier: Apache-2.0
"""The command line's codes and tokens: PKCE, one use, short lives, and identity tokens exchanged once."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cli_codes import VERIFIER, assertion, code_for, redeem
from oidc_lies import LIES, Lie
from scripted_op import CLIENT, SUBJECT, ScriptedOp, ec_key, rsa_key, unsigned
from sqlalchemy import select

from app.identity.errors import IdTokenInvalid, OAuthTokenError
from app.identity.models import AccessToken, AuthorizationCode
from app.identity.oidc import OidcProvider
from app.identity.ports import Actor, VerifiedClaims
from app.identity.secret import s256
from app.identity.service import IdentityService
from app.platform.clock import FixedClock
from app.platform.db import Database

ADA = VerifiedClaims("scripted", "1", "Ada", "ada")


@pytest.fixture
def ada(identity: IdentityService) -> Actor:
    actor = identity.actor_of_session(identity.start_session(ADA))
    assert actor is not None
    return actor


@pytest.fixture
def code(identity: IdentityService, ada: Actor) -> str:
    return code_for(identity, ada)


def test_a_code_becomes_a_token_that_acts_as_the_person_for_fifteen_minutes(
    identity: IdentityService, ada: Actor, code: str, clock: FixedClock
) -> None:
    token = redeem(identity, code)
    actor = identity.tokens.actor_of_token(token)
    assert actor is not None
    assert (actor.contributor_id, actor.name, actor.session_id) == (ada.contributor_id, "Ada", None)
    clock.at += timedelta(minutes=15)
    assert identity.tokens.actor_of_token(token) is None


WRONG: dict[str, dict[str, str]] = {
    "verifier": {"verifier": "w" * 43},
    "verifier-short": {"verifier": "v" * 42},
    "verifier-long": {"verifier": "v" * 129},
    "verifier-empty": {"verifier": ""},
    "verifier-is-the-challenge": {"verifier": s256(VERIFIER)},
    "verifier-not-ascii": {"verifier": "é" * 43},
    "redirect": {"redirect_uri": "http://127.0.0.1:4001/callback"},
    "redirect-empty": {"redirect_uri": ""},
    "client": {"client_id": "mcla-web"},
    "client-empty": {"client_id": ""},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_code_with_one_thing_wrong_gives_nothing_and_stays_usable_by_its_owner(
    identity: IdentityService, code: str, change: dict[str, str]
) -> None:
    with pytest.raises(OAuthTokenError):
        redeem(identity, code, **change)
    assert redeem(identity, code)


def test_a_made_up_code_gives_nothing(identity: IdentityService) -> None:
    for code in ("", "x", "x" * 43, "\x00", "\ud800", "é"):
        with pytest.raises(OAuthTokenError, match="unknown"):
            redeem(identity, code)


@pytest.mark.parametrize(("seconds", "fresh"), [(119, True), (120, False)])
def test_a_code_lives_two_minutes(
    identity: IdentityService, code: str, clock: FixedClock, seconds: int, fresh: bool
) -> None:
    clock.at += timedelta(seconds=seconds)
    if fresh:
        assert redeem(identity, code)
    else:
        with pytest.raises(OAuthTokenError, match="older"):
            redeem(identity, code)


@pytest.mark.parametrize("replay", [{}, {"verifier": "w" * 43}], ids=["same", "wrong-verifier"])
@pytest.mark.parametrize("minutes", [0, 5])
def test_a_replayed_code_ends_the_token_that_came_of_it(
    identity: IdentityService, ada: Actor, code: str, clock: FixedClock, replay: dict[str, str], minutes: int
) -> None:
    token = redeem(identity, code)
    other = redeem(identity, code_for(identity, ada))
    clock.at += timedelta(minutes=minutes)
    with pytest.raises(OAuthTokenError, match="used before"):
        redeem(identity, code, **replay)
    assert identity.tokens.actor_of_token(token) is None
    assert identity.tokens.actor_of_token(other)


def test_codes_and_tokens_that_are_over_are_forgotten(
    identity: IdentityService, ada: Actor, code: str, clock: FixedClock, db: Database
) -> None:
    redeem(identity, code)
    clock.at += timedelta(minutes=18)
    code_for(identity, ada)
    with db.read() as session:
        assert len(session.execute(select(AuthorizationCode.code_sha256)).all()) == 1
        assert session.execute(select(AccessToken.id)).all() == []


def test_eight_redemptions_at_the_same_moment_leave_no_token(identity: IdentityService, code: str) -> None:
    def attempt(_: int) -> str | None:
        try:
            return redeem(identity, code)
        except OAuthTokenError:
            return None

    with ThreadPoolExecutor(8) as pool:
        tokens = [token for token in pool.map(attempt, range(8)) if token]
    assert len(tokens) == 1
    assert identity.tokens.actor_of_token(tokens[0]) is None


def test_signing_out_everywhere_ends_tokens_and_unused_codes(identity: IdentityService, ada: Actor, code: str) -> None:
    token = redeem(identity, code_for(identity, ada))
    identity.sign_out_everywhere(ada.contributor_id)
    assert identity.tokens.actor_of_token(token) is None
    with pytest.raises(OAuthTokenError):
        redeem(identity, code)


@pytest.mark.parametrize("uri", ["http://evil.example:1/callback", "http://127.0.0.1:1@evil.example/callback"])
def test_a_code_is_never_made_for_an_address_beyond_loopback(identity: IdentityService, ada: Actor, uri: str) -> None:
    with pytest.raises(OAuthTokenError):
        identity.tokens.issue_code(ada, uri, s256(VERIFIER))


def test_codes_and_tokens_are_digests_at_rest(identity: IdentityService, code: str, db: Database) -> None:
    token = redeem(identity, code)
    with db.read() as session:
        rows = str(session.execute(select(AuthorizationCode.__table__)).all())
        rows += str(session.execute(select(AccessToken.__table__)).all())
    assert code not in rows
    assert token not in rows


def test_a_made_up_token_is_nobody(identity: IdentityService) -> None:
    for token in ("", "x", "x" * 43, "\x00", "\ud800", "é", "Bearer x"):
        assert identity.tokens.actor_of_token(token) is None, token


def test_an_identity_token_for_this_service_becomes_an_access_token(identity: IdentityService, op: ScriptedOp) -> None:
    issued = identity.tokens.redeem_assertion(assertion(op, name="Jane", preferred_username="jane"))
    actor = identity.tokens.actor_of_token(issued.access_token)
    assert actor is not None
    assert (actor.provider, actor.subject, actor.name) == ("scripted", SUBJECT, "Jane")


def test_a_bare_identity_token_does_not_erase_what_the_last_sign_in_said(
    identity: IdentityService, op: ScriptedOp
) -> None:
    identity.start_session(VerifiedClaims("scripted", SUBJECT, "Jane Roe", "jroe", "jane@example.org"))
    actor = identity.tokens.actor_of_token(identity.tokens.redeem_assertion(assertion(op)).access_token)
    assert actor is not None
    assert (actor.name, actor.email) == ("Jane Roe", "jane@example.org")


def test_an_identity_token_works_once(identity: IdentityService, op: ScriptedOp) -> None:
    token = assertion(op)
    identity.tokens.redeem_assertion(token)
    with pytest.raises(OAuthTokenError, match="used here before"):
        identity.tokens.redeem_assertion(token)


def test_an_identity_token_works_once_also_with_its_signature_written_differently(
    identity: IdentityService, op: ScriptedOp
) -> None:
    op.key = ec_key("curve")
    token = assertion(op)
    identity.tokens.redeem_assertion(token)
    with pytest.raises(OAuthTokenError, match="used here before"):
        identity.tokens.redeem_assertion(mirrored(token))


def mirrored(token: str) -> str:
    """The other valid ECDSA signature of the same bytes: (r, n - s)."""
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    other = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    return f"{signed}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}"


def test_an_identity_token_is_remembered_until_its_skew_is_over(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    token = assertion(op)
    identity.tokens.redeem_assertion(token)
    clock.at += timedelta(seconds=300 + 59)
    identity.tokens.redeem_assertion(assertion(op))
    with pytest.raises(OAuthTokenError, match="used here before"):
        identity.tokens.redeem_assertion(token)


ASSERTED = {
    name: lie
    for name, (lie, _) in LIES.items()
    if not name.startswith(
        (
            "oidcc-client-test-nonce",
            "nonce-",
            "at-hash",
            "c-hash",
            "id-token-missing",
            "id-token-number",
            "userinfo",
            "oidcc-client-test-invalid-sub",
        )
    )
}


@pytest.mark.parametrize("lie", ASSERTED.values(), ids=ASSERTED.keys())
def test_every_lie_of_an_id_token_is_also_refused_as_an_assertion(
    adapter: OidcProvider, op: ScriptedOp, lie: Lie
) -> None:
    lie(op)
    with pytest.raises(IdTokenInvalid):
        adapter.check_assertion(assertion(op))


@pytest.mark.parametrize("name", ["expired", "for-another", "from-another", "signed-by-another"])
def test_an_identity_token_that_fails_a_check_gives_no_access_token(
    identity: IdentityService, op: ScriptedOp, name: str
) -> None:
    past = int(op.clock.now().timestamp()) - 400
    change = {"expired": {"iat": past, "exp": past + 300}, "for-another": {"aud": "x"}, "from-another": {"iss": "x"}}
    token = assertion(op, **change.get(name, {}))
    if name == "signed-by-another":
        op.published = [rsa_key("second")]
    with pytest.raises(OAuthTokenError) as refusal:
        identity.tokens.redeem_assertion(token)
    assert refusal.value.error == "invalid_grant"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b",
        "a.b.c",
        "....",
        "é.é.é",
        unsigned({"alg": "none"}, {"iss": "x", "aud": CLIENT}),
        "e30.e30.",
        json.dumps({}),
    ],
)
def test_something_else_than_an_identity_token_is_refused(identity: IdentityService, token: str) -> None:
    with pytest.raises(OAuthTokenError):
        identity.tokens.redeem_assertion(token)
