# SPDX-License-Identifier: Apache-2.0
"""A service that hands its mail in at a real server on loopback, and two people, one of them without an address."""

from collections.abc import Iterator

import pytest
from post_office import PostOffice, mailing, post_office
from signin import person

from app.identity.ports import Actor
from app.platform.settings import Settings
from app.wiring import Services


@pytest.fixture(scope="session")
def only_office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def office(only_office: PostOffice) -> PostOffice:
    """The server as if nothing had happened there."""
    only_office.took.clear()
    only_office.heard.clear()
    only_office.refuses.clear()
    only_office.content = ""
    return only_office


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return mailing(settings, office)


@pytest.fixture
def services(services: Services) -> Services:
    """Without the PDFs, which are no part of these tests and take most of the time."""
    services.worker._handlers.pop("record.issue")  # type: ignore[attr-defined]
    return services


@pytest.fixture
def ada(services: Services) -> Actor:
    return person(services.identity, "ada")


@pytest.fixture
def chris(services: Services) -> Actor:
    return person(services.identity, "chris")
