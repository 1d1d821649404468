# SPDX-License-Identifier: Apache-2.0
"""A real service for the commands in the documentation."""

from collections.abc import Iterator

import pytest
from running import Running, accept, run_server, running_service

from mcla.feed.starter import starter_entries
from mcla.tiers.example import example


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real service with the demo provider; Ada has accepted the agreement, terms and a feed are published.

    No page's commands look at a record, so none is printed.
    """
    with running_service(home := tmp_path_factory.mktemp("service"), jobs=False) as running:
        accept(running.origin, "Ada Li")
        (terms := home / "terms.toml").write_bytes(example())
        (entries := home / "entries.json").write_bytes(starter_entries())
        run_server(running, "tiers", "publish", str(terms), "--project", "tiny-llm")
        run_server(running, "feed", "publish", str(entries), "--issuer", "Example Foundation")
        yield running
