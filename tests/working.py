# SPDX-License-Identifier: Apache-2.0
"""The due jobs of a service without those that print records, which take seconds: for tests that look at none."""

from datetime import timedelta

from app.platform.jobs import Worker
from app.records.outcomes import RECORD_JOB, UPGRADE_JOB
from app.wiring import Services


def run_all_but_records(services: Services) -> None:
    """Run them with the real worker; those that print go on waiting."""
    handlers = {kind: do for kind, do in services._handlers().items() if kind not in (RECORD_JOB, UPGRADE_JOB)}
    Worker(services.db, services.clock, handlers, services.watch, timedelta(days=30)).run_due()
