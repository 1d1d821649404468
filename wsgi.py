# SPDX-License-Identifier: Apache-2.0
"""The WSGI entry for any server: `mcla-server run`, or `gunicorn --threads 8 --no-control-socket wsgi:application`."""

import gc
import threading

from app.factory import create_app
from app.platform.server_input import with_server_input
from app.platform.settings import load_settings
from app.wiring import build_services

services = build_services(load_settings())
services.log.recover()  # refuses to serve a log that lost its newest entries
services.feed.begin()
application = create_app(services)
application.wsgi_app = with_server_input(application.wsgi_app)  # type: ignore[assignment, method-assign]
# What is there now stays: to look through all of it for garbage again takes 0.16 s, in which nobody is answered.
gc.freeze()


def work() -> None:
    """What a process does beside answering."""
    services.records.maker.probe_at_start()
    services.worker.run_forever()


if services.settings.jobs_in_process:
    threading.Thread(target=work, name="jobs", daemon=True).start()
