# SPDX-License-Identifier: Apache-2.0
"""A program of a project that is told of answers: a real HTTP server on loopback that answers as a test says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from serving import serving
from werkzeug import Request, Response

from app.checks.queueing import DELIVER_JOB
from app.checks.waiting import TEND_JOB
from app.platform.clock_watch import ClockWatch
from app.platform.jobs import Worker
from app.projects.changed import ASK_JOB
from app.wiring import Services


class Message(NamedTuple):
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]


@dataclass
class Receiver:
    """What came in, and the status of each answer."""

    url: str = ""
    status: int = 204
    heads: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.messages.append(Message(headers, request.get_data()))
        return Response("no " * 100_000, self.status, self.heads)(environ, start)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One until the block ends."""
    found = Receiver()
    with serving(found) as url:
        found.url = f"{url}/hook?x=1"
        yield found


def run(services: Services, most: int = 100) -> None:
    """Run the due jobs of checks with the real worker, without those that print records."""
    waiting, webhooks = services.waiting, services.webhooks
    handlers = {ASK_JOB: waiting.ask_again_job, TEND_JOB: waiting.tend_job, DELIVER_JOB: webhooks.deliver_job}
    watch = ClockWatch(services.db, services.clock, ())
    Worker(services.db, services.clock, handlers, watch, timedelta(days=30)).run_due(most)
