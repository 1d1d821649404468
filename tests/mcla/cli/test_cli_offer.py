# SPDX-License-Identifier: Apache-2.0
"""`mcla sign --agreement` against the real service, and `mcla verify` before and after the counter-signature."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
from running import ROOT, accept

STAFF = "350377"  # Chris; Bela signs nothing here


def server(service: Any, *words: str) -> Any:
    env = os.environ | {"MCLA_HOME": str(service.home), "MCLA_DEMO": "true", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(command, env=env | {"MCLA_ORIGIN": service.origin}, cwd=ROOT, capture_output=True, text=True)


def test_an_offer_is_signed_and_is_no_yes_until_the_foundation_has_signed_too(
    sign: Any, mcla: Any, service: Any, note: Path, kept_trust: Path
) -> None:
    refused = sign(note, "--kind", "code", "--agreement", "mcla-individual")
    assert (refused.code, "signed for everything that somebody gives" in refused.err) == (1, True)
    ran = sign(note, "--kind", "code", "--agreement", "mcla-grant", "--json")
    assert ran.code == 0, ran.err
    assert "it counts once the foundation counter-signs it, within 30 days" in ran.err
    given = json.loads(ran.out)["id"]

    def verify(*args: Any) -> Any:
        return mcla("verify", note, "--trust", kept_trust, *args)

    alone = verify()
    assert (alone.code, alone.out.startswith("Unknown: ")) == (3, True)
    assert "Signed, not in force yet" in alone.out.splitlines()[0]
    assert verify("--service", service.origin).code == 3

    accept(service.origin, "Chris Doe")  # who acts for the foundation has signed in once
    assert server(service, "staff", "add", "example", "demo", STAFF).returncode == 0
    done = server(service, "grants", "countersign", given, "--as", "demo", STAFF)
    assert done.returncode == 0, done.stderr

    asked = verify("--service", service.origin, "--require-in-force")
    assert (asked.code, asked.out.startswith("Verified: ")) == (0, True), asked.out
    assert "counter-signed it in time" in asked.out
    answer = note.with_name(f"{note.name}.answer.sigstore.json")
    answer.write_bytes(httpx2.get(f"{service.origin}/api/v1/contributions/{given}/answer", trust_env=False).content)
    assert verify().code == 0
    assert verify("--counter-signature", answer).code == 0
    own = note.with_name(f"{note.name}.sigstore.json")
    wrong = verify("--counter-signature", own)
    assert (wrong.code, "the answer to the offer is not proven" in wrong.err + wrong.out) == (1, True)
