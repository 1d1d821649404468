# SPDX-License-Identifier: Apache-2.0
"""The WSGI entry for any server: `granian --interface wsgi wsgi:application`, `gunicorn wsgi:application`."""

from app.factory import create_app
from app.platform.settings import load_settings
from app.wiring import build_services

services = build_services(load_settings())
services.log.recover()
application = create_app(services)
