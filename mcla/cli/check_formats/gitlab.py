# SPDX-License-Identifier: Apache-2.0
"""GitLab's Code Quality report: a list of findings, each with a place in a file. People are put at the policy."""

from typing import Any

from mcla.artifacts.digest import sha256_hex
from mcla.checks.git.question import POLICY_NAME
from mcla.cli.check_formats.report import SIGN, Report, shown

SEVERITIES = {"not-covered": "blocker", "unknown": "major"}


def findings_of(report: Report) -> list[dict[str, Any]]:
    """One object for each problem and each sign; `fingerprint` stays the same from run to run."""
    return [
        {
            "description": each.text,
            "check_name": f"mcla/{each.code}",
            "fingerprint": sha256_hex(f"{each.code}\0{each.title}".encode()),
            "severity": SEVERITIES[each.word],
            "location": {"path": each.path or POLICY_NAME, "lines": {"begin": 1}},
        }
        for each in report.problems
    ] + [
        {
            "description": f"{shown(each.sentence)} {SIGN}",
            "check_name": f"mcla/{each.code}",
            "fingerprint": sha256_hex(f"{each.code}\0{shown(each.contribution)}".encode()),
            "severity": "info",
            "location": {"path": each.paths[0] if each.paths else POLICY_NAME, "lines": {"begin": 1}},
        }
        for each in report.signs
    ]
