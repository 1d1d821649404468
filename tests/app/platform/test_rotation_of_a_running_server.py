# SPDX-License-Identifier: Apache-2.0
"""Every key is replaced under a real server with two processes that is asked all the while: no request fails."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest
from click.testing import CliRunner
from running import Running, accept

from app.cli.main import main
from app.platform.keys.values import KINDS
from mcla.statements.canonical import canonical_json
from mcla.verify.trust import TrustedRoot
from mcla.verify.verifier import verify_bundle

TRUST = "/.well-known/mcla/trusted_root.json"
ASKED = (TRUST, "/log/checkpoint", "/readyz", "/sign/mcla-individual")


@contextmanager
def asked_all_the_while(origin: str, answers: list[int]) -> Iterator[None]:
    """Two callers who ask for pages and files until the block ends; what they are answered goes into `answers`."""
    stop = threading.Event()

    def ask() -> None:
        with httpx2.Client(base_url=origin, trust_env=False, timeout=60) as client:
            while not stop.is_set():
                answers.extend(client.get(path).status_code for path in ASKED)

    with ThreadPoolExecutor(2) as pool:
        callers = [pool.submit(ask) for _ in range(2)]
        try:
            yield
        finally:
            stop.set()
        for caller in callers:
            caller.result()


def test_a_server_takes_up_new_keys_under_load_and_verifies_what_the_old_ones_signed(
    own_server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCLA_HOME", str(own_server.home))
    monkeypatch.setenv("MCLA_ORIGIN", own_server.origin)
    answers: list[int] = []
    with asked_all_the_while(own_server.origin, answers):
        bundles = [accept(own_server.origin, "Ada Li")]
        for kind in (each for each in KINDS if each != "feed"):  # which hands over by a command of its own
            told = CliRunner().invoke(main, ["keys", "rotate", kind])
            assert told.exit_code == 0, told.output
        bundles.append(accept(own_server.origin, "Bela Novak"))
    assert set(answers) <= {200, 302, 303}, answers
    assert len(answers) >= 2 * len(ASKED)
    trust = TrustedRoot.from_json(httpx2.get(own_server.origin + TRUST, trust_env=False).content)
    assert [len(part) for part in (trust.logs, trust.authorities, trust.ct_logs, trust.timestampers)] == [2, 2, 2, 2]
    for bundle in bundles:
        assert verify_bundle(canonical_json(bundle), trust).verified
    first, last = (json.dumps(bundle["verificationMaterial"]["tlogEntries"][0]["logId"]) for bundle in bundles)
    assert first != last
