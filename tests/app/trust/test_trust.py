# SPDX-License-Identifier: Apache-2.0
"""The page of keys: every one by its name, the feed's in the form in which it is pinned, and how that changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from feeds import entry
from flask.testing import FlaskClient


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_key_is_shown_and_each_change_of_the_feeds(own_keys: Path, client: FlaskClient, services: Any) -> None:
    del own_keys  # the change of a key stays in this test
    first = services.feed.key
    assert "No feed is published yet" in client.get("/trust").text
    draft = json.dumps({"schema": "mcla.feed-entries/1", "entries": [entry()]}).encode()
    digest = services.feed.publish(draft, "Example", 60).digest
    services.feed.rotate()
    page = client.get("/trust").text
    assert services.feed.key.id != first.id
    for told in (first.id, services.feed.key.id, services.feed.key.base64, f"sha256:{digest}", "From serial 2 on"):
        assert told in page
    assert page.count("signs no more") == 1
    assert client.get(f"/.well-known/mcla/feeds/sha256:{digest}.json").status_code == 200
    assert client.get("/.well-known/mcla/feeds/sha256:nothing.json").status_code == 404
