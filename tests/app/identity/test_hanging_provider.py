# SPDX-License-Identifier: Apache-2.0
"""A provider that takes a connection and says nothing holds up its own sign-ins, for seconds, and nobody else's."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cli_codes import assertion
from scripted_op import CLIENT, SUBJECT, ScriptedOp, ec_key, serving
from werkzeug.wrappers import Request

from app.identity import http, kept
from app.identity.errors import IdentityError, ProviderUnreachable
from app.identity.oidc import OidcProvider
from app.identity.ports import FlowSecrets, VerifiedClaims
from app.identity.service import IdentityService
from app.platform.clock import FixedClock
from app.platform.settings import ProviderSettings, Settings

DISCOVERY = "/.well-known/openid-configuration"
FLOW = FlowSecrets("s", "n", "v" * 43)
HOUR = timedelta(hours=1, seconds=1)


class Hang:
    """Silence on some paths of a provider until it ends."""

    def __init__(self, op: ScriptedOp) -> None:
        self._op, self._over = op, threading.Event()

    def begin(self, path: str) -> None:
        self._op.override[path] = self._wait

    def _wait(self, _request: Request) -> None:
        self._over.wait(60)

    def end(self) -> None:
        self._op.override.clear()
        self._over.set()


@pytest.fixture
def hang(op: ScriptedOp) -> Iterator[Hang]:
    silence = Hang(op)
    yield silence
    silence.end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A few seconds in place of many; who answers does it within the first, also on a busy machine."""
    monkeypatch.setattr(kept, "WAIT", 1)
    monkeypatch.setattr(http, "TIMEOUT", httpx2.Timeout(3))
    return monkeypatch


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever waits is seen to wait."""
    monkeypatch.setattr(kept, "WAIT", 60)
    monkeypatch.setattr(http, "TIMEOUT", httpx2.Timeout(60))


@pytest.fixture
def both(
    identity_settings: Settings, identity: IdentityService, clock: FixedClock
) -> Iterator[tuple[IdentityService, ScriptedOp]]:
    """The service with one more provider, `calm`, that answers."""
    calm = ScriptedOp(clock)
    with serving(calm) as calm.issuer:
        entry = ProviderSettings(name="calm", kind="oidc", issuer=calm.issuer, client_id=CLIENT, client_secret="s3cret")
        settings = identity_settings.model_copy(update={"providers": (*identity_settings.providers, entry)})
        yield IdentityService(identity._db, clock, settings, identity._watch), calm


def ask(adapter: OidcProvider) -> str:
    return adapter.authorization_url(FLOW)


def refused(use: Callable[[], object]) -> IdentityError:
    with pytest.raises(ProviderUnreachable, match="answer") as refusal:
        use()
    return refusal.value


def at_once(use: Callable[[], Any]) -> Any:
    """What `use` returns; fails, and does not wait, where it would wait."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(use).result(10)


def ended(adapter: Any) -> bool:
    """Wait for the end of the fetch under way; whether it brought a document."""
    return adapter._document._fetch.outcome.exception(30) is None


@pytest.mark.usefixtures("impatient")
def test_many_sign_ins_at_a_hanging_provider_make_one_request_and_the_other_provider_is_untouched(
    both: tuple[IdentityService, ScriptedOp], op: ScriptedOp, hang: Hang
) -> None:
    identity, calm = both
    hang.begin(DISCOVERY)
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda _: refused(lambda: identity.begin("scripted", "browser")), range(16)))
        url = threads.submit(identity.begin, "calm", "browser").result(5).url
        assert identity.finish("calm", calm.callback(url), "browser").session_secret
    assert not ended(identity.providers["scripted"])
    assert op.hits == [DISCOVERY]
    assert len(set(map(id, told))) == 16  # each is told its own way back
    assert "another provider" in told[0].hint


@pytest.mark.usefixtures("patient")
def test_the_last_good_document_serves_at_once_while_the_next_one_hangs(
    adapter: OidcProvider, op: ScriptedOp, hang: Hang, clock: FixedClock
) -> None:
    ask(adapter)
    hang.begin(DISCOVERY)
    clock.at += HOUR
    for _ in range(3):
        assert at_once(lambda: ask(adapter)).startswith(f"{op.issuer}/authorize?")
    op.discovery["authorization_endpoint"] = f"{op.issuer}/moved"
    hang.end()
    assert ended(adapter)
    assert ask(adapter).startswith(f"{op.issuer}/moved?")
    assert op.hits.count(DISCOVERY) == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("step", [timedelta(days=1, seconds=1), timedelta(seconds=-1)])
def test_no_document_serves_for_longer_than_a_day_nor_after_the_clock_was_set_back(
    adapter: OidcProvider, hang: Hang, clock: FixedClock, step: timedelta
) -> None:
    ask(adapter)
    hang.begin(DISCOVERY)
    clock.at += step
    refused(lambda: ask(adapter))


@pytest.mark.usefixtures("patient")
def test_a_token_under_a_known_key_does_not_wait_for_one_under_an_unknown_key(
    adapter: OidcProvider, op: ScriptedOp, hang: Hang, clock: FixedClock
) -> None:
    known = assertion(op)
    adapter.check_assertion(known)
    hang.begin("/jwks")
    clock.at += timedelta(minutes=1)
    op.key = ec_key("unknown")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(adapter.check_assertion, assertion(op))
        assert at_once(lambda: adapter.check_assertion(known)).claims.subject == SUBJECT
        assert not waiting.done()
        hang.end()
        assert waiting.result(10).claims.subject == SUBJECT


@pytest.mark.usefixtures("impatient")
def test_no_key_is_believed_for_longer_than_an_hour_because_its_provider_hangs(
    adapter: OidcProvider, op: ScriptedOp, hang: Hang, clock: FixedClock
) -> None:
    adapter.check_assertion(assertion(op))
    hang.begin("/jwks")
    clock.at += HOUR
    refused(lambda: adapter.check_assertion(assertion(op)))


def test_a_fetch_that_hung_until_its_end_is_not_begun_again_at_once(
    adapter: OidcProvider, op: ScriptedOp, hang: Hang, impatient: pytest.MonkeyPatch
) -> None:
    hang.begin(DISCOVERY)
    refused(lambda: ask(adapter))
    assert not ended(adapter)
    with pytest.raises(ProviderUnreachable):
        ask(adapter)
    assert op.hits == [DISCOVERY]
    hang.end()
    impatient.setattr(kept, "PAUSE", 0)
    assert ask(adapter)
    assert op.hits == [DISCOVERY] * 2


def test_a_fetch_that_failed_quickly_is_tried_again_by_the_next_caller(
    op: ScriptedOp, walk: Callable[[], VerifiedClaims]
) -> None:
    op.discovery["issuer"] = "https://other.example"
    with pytest.raises(IdentityError, match="another issuer"):
        walk()
    op.discovery.clear()
    assert walk().subject == SUBJECT
