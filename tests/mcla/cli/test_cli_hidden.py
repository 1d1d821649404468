# SPDX-License-Identifier: Apache-2.0
"""An embargoed safety patch at the command line: signed from a file, not known to others, ended by its giver."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SAFETY = """\
form = "filter"
protects_against = "A weakness that others do not know"
hazard = "cyber"
dual_use = "none"
severity = "high"
affected_versions = ["tiny 1.0"]
embargo = true
embargo_until = {until}
found = 2026-01-31
reported_to = ["Example Foundation"]
personal_data = "none"
collection = "own"
tests = "Unit tests; all passed."
regressions = "nothing known"
safeguards = "none"
screened = "not-screened"
credit = "no"
no_payload = true

[[sources]]
name = "own work"
licence = "own"
"""


def test_an_embargoed_patch_is_unknown_to_others_and_is_taken_back_by_its_giver(
    sign: Any, mcla: Any, service: Any, browser: Any, note: Path, kept_trust: Path
) -> None:
    declared, today = note.with_name("safety.toml"), datetime.now(UTC).date()
    declared.write_text(SAFETY.format(until=today + timedelta(days=91)))
    late = sign(note, "--kind", "safety", "--declarations", declared)
    assert late.code == 1
    assert "safety.toml, line 8, embargo_until: “Until which day?” takes a day at most 90 days ahead" in late.err
    declared.write_text(SAFETY.format(until=today + timedelta(days=9)))
    ran = sign(note, "--kind", "safety", "--declarations", declared, "--json")
    assert ran.code == 0, ran.err
    verify = ("verify", note, "--trust", kept_trust)
    assert mcla(*verify).code == 0  # the giver's own proof lies beside the file
    note.with_name(f"{note.name}.sigstore.json").unlink()
    asked = mcla(*verify, "--service", service.origin)
    assert (asked.code, "proof-hidden" in asked.err) == (3, True)
    ended = mcla("withdraw", json.loads(ran.out)["id"], "--service", service.origin, "--yes", **browser("Ada Li"))
    assert ended.code == 0, ended.err
