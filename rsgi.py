# SPDX-License-Identifier: Apache-2.0
"""The entry of `mcla-server run`: the WSGI application behind the front that waits for bodies in its stead."""

from app.platform.front import Front
from wsgi import application, services

front = Front(application, services.settings.threads)
