# SPDX-License-Identifier: Apache-2.0
"""Ten thousand files at once, over the API and through the page without JavaScript: signed, found, in little time."""

import hashlib
import html
import re
import time
from typing import Any

from flask.testing import FlaskClient
from signin import person, sign_in
from signing_walk import Holder, accept, bearer

from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message

COUNT = 10_000
SECONDS = 30.0
FILES = [ManifestEntry(f"data/part-{n:05d}.bin", hashlib.sha256(b"%d" % n).hexdigest(), n) for n in range(COUNT)]
ROOT = Manifest.of(FILES).root
MIDDLE = f"sha256:{FILES[COUNT // 2].sha256}"


def verdict_on(client: FlaskClient, digest: str) -> str:
    return str(client.get(f"/api/v1/artifacts/{digest}").get_json()["verdict"])


def test_ten_thousand_files_are_given_over_the_api(client: FlaskClient, services: Any) -> None:
    ada, began = person(services.identity), time.monotonic()
    accept(services, ada)
    headers, holder = bearer(services, ada), Holder()
    listed = [entry.to_dict() for entry in FILES]
    asked = {"type": "contribution", "project": "tiny-llm", "kind": "code", "files": listed, "declarations": {}}
    draft = client.post("/api/v1/signings", json=asked | {"key_holder": "cli"}, headers=headers).get_json()
    at, digest = f"/api/v1/signings/{draft['id']}", draft["statement_sha256"]
    proof = encode_base64(holder._sign(possession_message(draft["id"], digest)))
    key = {"public_key": encode_base64(holder.spki), "proof": proof, "statement_sha256": digest}
    assert client.post(f"{at}/certificate", json=key, headers=headers).status_code == 200
    signature = {"signature": encode_base64(holder.signature(draft["statement"].encode())), "consent": True}
    assert client.post(f"{at}/signature", json=signature, headers=headers).status_code == 201
    assert [verdict_on(client, MIDDLE), verdict_on(client, f"sha256:{ROOT}")] == ["verified", "verified"]
    assert time.monotonic() - began < SECONDS


def test_ten_thousand_files_are_given_on_the_page(client: FlaskClient, services: Any) -> None:
    ada, began = sign_in(client, services), time.monotonic()
    accept(services, ada)
    files = "\n".join(f"{entry.sha256} {entry.size} {entry.path}" for entry in FILES)
    review = press(client, "/contributions/new", project="tiny-llm", kind="code", files=files)
    page = client.get(review.headers["Location"]).text
    assert ROOT in html.unescape(page)
    assert len(page) < 1_000_000
    done = press(client, review.headers["Location"], consent="yes")
    assert "/contributions/ctr_" in done.headers["Location"]
    assert len(client.get(done.headers["Location"]).text) < 1_000_000
    assert verdict_on(client, MIDDLE) == "verified"
    assert time.monotonic() - began < SECONDS


def press(client: FlaskClient, path: str, **fields: str) -> Any:
    """Send a form as our own page would."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token
    return client.post(path, data={"csrf_token": token[1], **fields}, headers={"Sec-Fetch-Site": "same-origin"})
