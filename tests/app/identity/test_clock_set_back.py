# SPDX-License-Identifier: Apache-2.0
"""A wall clock that is set back, or forward and back again, gives nothing with an end a longer life (4.2, case 23)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import httpx2
import pytest
from cli_codes import assertion, code_for, redeem
from flask.testing import FlaskClient
from scripted_op import ScriptedOp
from signin import sign_in
from signing_walk import bearer
from structlog.testing import capture_logs

from app.identity import sessions
from app.identity.errors import FlowInvalid, OAuthTokenError
from app.identity.ports import VerifiedClaims
from app.identity.service import FLOW_LIFE, IdentityService
from app.identity.tokens import CODE_LIFE, TOKEN_LIFE
from app.platform.clock import APART, FixedClock
from app.platform.clock_watch import EVERY, ClockWatch
from app.platform.db import Database
from app.platform.settings import Settings
from app.wiring import Services

Use = Callable[[], bool]
"""Whether the thing still works; using a one-use thing uses it up only if it does."""
SESSION_LIFE = timedelta(hours=12)
ADA = VerifiedClaims("scripted", "1", "Ada", "ada")


def a_session(identity: IdentityService, _op: ScriptedOp) -> Use:
    secret = identity.start_session(ADA)
    return lambda: identity.actor_of_session(secret) is not None


def a_token(identity: IdentityService, _op: ScriptedOp) -> Use:
    token = redeem(identity, _code(identity))
    return lambda: identity.tokens.actor_of_token(token) is not None


def a_code(identity: IdentityService, _op: ScriptedOp) -> Use:
    code = _code(identity)
    return lambda: _works(lambda: redeem(identity, code), OAuthTokenError)


def a_sign_in_under_way(identity: IdentityService, op: ScriptedOp) -> Use:
    params = op.callback(identity.begin("scripted", "browser").url)
    return lambda: _works(lambda: identity.finish("scripted", params, "browser"), FlowInvalid)


def _code(identity: IdentityService) -> str:
    actor = identity.actor_of_session(identity.start_session(ADA))
    assert actor is not None
    return code_for(identity, actor)


def _works(use: Callable[[], object], refusal: type[Exception]) -> bool:
    with suppress(refusal):
        use()
        return True
    return False


ENDING = {
    "session": (a_session, SESSION_LIFE),
    "token": (a_token, TOKEN_LIFE),
    "code": (a_code, CODE_LIFE),
    "sign-in": (a_sign_in_under_way, FLOW_LIFE),
}
BEGUN = pytest.mark.parametrize(("begin", "life"), ENDING.values(), ids=ENDING.keys())
Begin = Callable[[IdentityService, ScriptedOp], Use]


@BEGUN
def test_nothing_lives_longer_by_a_clock_set_back_and_nothing_comes_alive_again(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock, begin: Begin, life: timedelta
) -> None:
    works, begun = begin(identity, op), clock.at
    clock.at += life - timedelta(minutes=1)
    identity.actor_of_session("anybody who calls, so that the time is seen")
    clock.at -= timedelta(hours=2)
    for later in (timedelta(0), begun - clock.at, life / 2):
        clock.at += max(later, timedelta(0))
        assert not works(), clock.at


@BEGUN
def test_a_clock_that_ran_a_day_ahead_and_was_set_right_leaves_nothing_of_that_day_or_before(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock, begin: Begin, life: timedelta
) -> None:
    before = begin(identity, op)
    clock.at += timedelta(days=1)
    ahead = begin(identity, op)
    clock.at -= timedelta(days=1)
    assert not before()
    assert not ahead()
    after, usable = begin(identity, op), begin(identity, op)
    clock.at += life - timedelta(seconds=1)
    assert usable()
    clock.at += timedelta(seconds=1)
    assert not after()
    clock.at += timedelta(days=1) - life
    assert not before()
    assert not ahead()


@BEGUN
def test_clocks_of_several_machines_may_be_a_little_apart(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock, begin: Begin, life: timedelta
) -> None:
    works = begin(identity, op)
    clock.at -= APART
    assert works()


def test_a_smaller_step_back_than_is_noticed_gives_no_more_than_itself(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    works = a_session(identity, op)
    for _ in range(20):  # together more than the smallest step that is noticed: the mark does not follow
        clock.at -= timedelta(seconds=1)
        works()
    assert not works()
    assert timedelta(minutes=1) >= EVERY + APART


def test_an_identity_token_works_once_also_when_its_use_seemed_long_ago(
    identity: IdentityService, op: ScriptedOp, clock: FixedClock
) -> None:
    used = assertion(op)
    identity.tokens.redeem_assertion(used)
    clock.at += timedelta(days=1)
    identity.tokens.redeem_assertion(assertion(op))
    clock.at -= timedelta(days=1)
    with pytest.raises(OAuthTokenError, match="used here before"):
        identity.tokens.redeem_assertion(used)


def test_two_processes_notice_one_step_and_end_what_is_open_once(
    identity: IdentityService,
    op: ScriptedOp,
    clock: FixedClock,
    db: Database,
    identity_settings: Settings,
    transport: httpx2.BaseTransport,
) -> None:
    other = IdentityService(db, clock, identity_settings, ClockWatch(db, clock, (sessions.cut_short,)), transport)
    old = a_session(other, op)
    clock.at -= timedelta(hours=2)
    with capture_logs() as lines:
        new = a_session(identity, op)
        with ThreadPoolExecutor(8) as pool:
            assert not any(pool.map(lambda _: old(), range(8)))
        assert new()
    assert [(line["event"], line["log_level"]) for line in lines if line["event"] == "clock.set_back"] == [
        ("clock.set_back", "error")
    ]


def test_a_step_back_is_noticed_also_if_nobody_called_for_hours(services: Services, clock: FixedClock) -> None:
    secret = services.identity.start_session(ADA)
    for _ in range(3):
        clock.at += timedelta(hours=1)
        services.worker.run_due()
    clock.at -= timedelta(minutes=30)
    assert services.identity.actor_of_session(secret) is None


def test_over_http_a_session_and_a_token_are_over_and_signing_in_again_works(
    client: FlaskClient, services: Services, clock: FixedClock
) -> None:
    token = bearer(services, sign_in(client, services))
    clock.at -= timedelta(hours=2)
    unsigned = "/api/v1/signings/sng_" + "0" * 26
    assert client.get("/account").headers["Location"].startswith("/login")
    assert services.identity.tokens.actor_of_token(token["Authorization"].removeprefix("Bearer ")) is None
    sign_in(client, services)
    assert client.get("/account").status_code == 200
    assert client.get(unsigned).status_code == 404
