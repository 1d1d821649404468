# SPDX-License-Identifier: Apache-2.0
"""A scripted provider, the adapter that talks to it, and an identity service with both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from running import free_port
from scripted_op import CLIENT, ScriptedOp, serving

from app.demo.provider import serve_demo
from app.identity import sessions
from app.identity.oidc import OidcConfig, OidcProvider
from app.identity.ports import FlowSecrets, VerifiedClaims
from app.identity.secret import new_secret
from app.identity.service import IdentityService
from app.platform.clock import Clock, FixedClock
from app.platform.clock_watch import ClockWatch
from app.platform.db import Database
from app.platform.settings import ProviderSettings, Settings
from app.wiring import Services


@pytest.fixture
def op(clock: FixedClock) -> Iterator[ScriptedOp]:
    script = ScriptedOp(clock)
    with serving(script) as origin:
        script.issuer = origin
        yield script


@pytest.fixture(scope="session")
def transport() -> Iterator[httpx2.BaseTransport]:
    """One real transport for all tests here: making one reads every certificate authority of the machine."""
    with httpx2.HTTPTransport() as made:
        yield made


def adapter_for(op: ScriptedOp, clock: Clock, transport: httpx2.BaseTransport) -> OidcProvider:
    config = OidcConfig(
        "scripted", "Scripted", op.issuer, CLIENT, "s3cret", "http://127.0.0.1:8000/login/scripted/callback"
    )
    return OidcProvider(config, transport, clock)


@pytest.fixture
def adapter(op: ScriptedOp, clock: FixedClock, transport: httpx2.BaseTransport) -> OidcProvider:
    return adapter_for(op, clock, transport)


@pytest.fixture
def walk(op: ScriptedOp, adapter: OidcProvider) -> Callable[[], VerifiedClaims]:
    """One walk to the scripted provider and back, through the adapter alone."""

    def go() -> VerifiedClaims:
        flow = FlowSecrets(new_secret(), new_secret(), new_secret() + new_secret())
        return adapter.finish(op.callback(adapter.authorization_url(flow)), flow)

    return go


@pytest.fixture
def identity_settings(tmp_path: Path, op: ScriptedOp) -> Settings:
    """A service with the scripted provider under two names: the same issuer, two registrations."""
    entries = [
        ProviderSettings(name=name, kind="oidc", issuer=op.issuer, client_id=CLIENT, client_secret="s3cret", label=name)
        for name in ("scripted", "second")
    ]
    return Settings(home=tmp_path, providers=tuple(entries))


@pytest.fixture
def identity(
    db: Database, clock: FixedClock, identity_settings: Settings, transport: httpx2.BaseTransport
) -> IdentityService:
    return IdentityService(db, clock, identity_settings, ClockWatch(db, clock, (sessions.cut_short,)), transport)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The demo service, whose demo provider listens on a port that is free now."""
    return settings.model_copy(update={"demo_bind": f"127.0.0.1:{free_port()}"})


@pytest.fixture
def provider(services: Services, clock: FixedClock) -> Iterator[None]:
    server = serve_demo(services.settings, clock)
    yield
    server.stop()
