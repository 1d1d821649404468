# SPDX-License-Identifier: Apache-2.0
"""A service that is reached at a host name, and people with a passkey in software."""

import pytest
from passkeys import ORIGIN, SoftPasskey, add
from signin import person

from app.identity.ports import Actor
from app.passkeys.values import PasskeyInfo
from app.platform.settings import Settings
from app.wiring import Services


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Browsers make passkeys for names only, so the service has one."""
    return settings.model_copy(update={"origin": ORIGIN})


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def bela(services: Services) -> Actor:
    return person(services.identity, "bela")


@pytest.fixture
def passkey() -> SoftPasskey:
    return SoftPasskey(ORIGIN)


@pytest.fixture
def added(services: Services, ada: Actor, passkey: SoftPasskey) -> PasskeyInfo:
    """Ada's passkey for the demo's foundation."""
    return add(services, ada, passkey)
