# SPDX-License-Identifier: Apache-2.0
"""The WSGI entry for any server: `mcla-server run`, or `gunicorn --threads 8 --no-control-socket wsgi:application`."""

import threading

from app.factory import create_app
from app.platform.settings import load_settings
from app.wiring import build_services

services = build_services(load_settings())
services.log.recover()  # refuses to serve a log that lost its newest entries
application = create_app(services)
if services.settings.jobs_in_process:
    threading.Thread(target=services.worker.run_forever, name="jobs", daemon=True).start()
