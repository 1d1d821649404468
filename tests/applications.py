# SPDX-License-Identifier: Apache-2.0
"""One application for many tests: making one compiles every route and page, which takes longer than most tests.

What a test has of its own (the database, the clock, the home folder) is in the services, which are exchanged.
"""

from pathlib import Path

from apiflask import APIFlask

from app.factory import create_app
from app.platform.keys import load_form_secret
from app.platform.security import limiter
from app.platform.settings import Settings
from app.wiring import Services


class Applications:
    """The applications of a test run, by what each is built from."""

    KEPT = 4

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, Settings], APIFlask] = {}

    def over(self, services: Services) -> APIFlask:
        """An application that answers with `services`, without a call on anybody's account; it must not be changed."""
        settings = services.settings
        key = (load_form_secret(settings.home), settings.model_copy(update={"home": Path(), "database_url": ""}))
        if key not in self._kept:
            if len(self._kept) == self.KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = new_application(services)
        application = self._kept[key]
        application.extensions["mcla"] = services
        limiter.reset()
        return application


def new_application(services: Services) -> APIFlask:
    """An application of a test's own."""
    application = create_app(services)
    application.testing = True
    return application
