# SPDX-License-Identifier: Apache-2.0
"""`mcla doctor`: each finding tells its state and, where something is wrong, the command that fixes it."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from mcla.cli.doctor import clock, git, python_version, trust_file

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def findings(ran: Any) -> dict[str, dict[str, str]]:
    document = json.loads(ran.out)
    assert set(document) == {"ok", "findings"}
    assert all(set(each) == {"name", "state", "detail", "fix"} for each in document["findings"])
    return {each["name"]: each for each in document["findings"]}


def test_a_good_set_up_is_all_ok(mcla: Any, service: Any, trust: Path) -> None:
    ran = mcla("doctor", "--service", service.origin, "--trust", trust, "--json")
    found = findings(ran)
    assert ran.code == 0
    assert {name: each["state"] for name, each in found.items()} == dict.fromkeys(found, "ok")
    assert set(found) == {"python", "git", "trust file", "service", "clock"}


def test_a_missing_trust_file_is_worth_attention_and_names_the_command(mcla: Any) -> None:
    ran = mcla("doctor")
    assert ran.code == 0
    assert "attention" in ran.out
    assert "curl -fo " in ran.out


def test_a_named_trust_file_that_is_missing_is_a_fault(mcla: Any) -> None:
    assert mcla("doctor", "--trust", "nowhere.json").code == 1


def test_a_broken_trust_file_is_a_fault(mcla: Any, trust: Path) -> None:
    trust.write_text("{}")
    ran = mcla("doctor", "--trust", trust, "--json")
    assert ran.code == 1
    assert findings(ran)["trust file"]["state"] == "fault"
    assert json.loads(ran.out)["ok"] is False


def test_a_service_that_does_not_answer_is_unknown(mcla: Any) -> None:
    ran = mcla("doctor", "--service", "http://127.0.0.1:9", "--json")
    assert ran.code == 3
    assert findings(ran)["service"]["fix"] == "curl -v http://127.0.0.1:9/healthz"


def test_an_address_that_is_none_is_wrong_usage(mcla: Any) -> None:
    assert mcla("doctor", "--service", "http://mcla.example.org").code == 2


def test_a_page_that_is_no_service_is_unknown(mcla: Any, service: Any) -> None:
    # The demo provider answers 404 at /healthz: something is there, but no MCLA service.
    assert mcla("doctor", "--service", service.provider).code == 3


def test_an_old_trust_file_is_worth_attention(trust: Path) -> None:
    past = time.time() - 200 * 86400
    os.utime(trust, (past, past))
    finding = trust_file(trust, "https://m.example", datetime.now(UTC))
    assert finding.state == "attention"
    assert "https://m.example/.well-known/mcla/trusted_root.json" in finding.fix


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [
        (0, "ok", "as the service's"),
        (29, "ok", "29 s ahead"),
        (-29, "ok", "29 s behind"),
        (31, "attention", "31 s ahead"),
        (-299, "attention", "299 s behind"),
        (301, "fault", "301 s ahead"),
        (-86400, "fault", "86400 s behind"),
    ],
)
def test_the_clock_is_compared_with_the_services(seconds: int, state: str, words: str) -> None:
    finding = clock(format_datetime(NOW, usegmt=True), NOW + timedelta(seconds=seconds))
    assert (finding.state, words in finding.detail) == (state, True)
    assert bool(finding.fix) == (state != "ok")


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Nov 2026 12:00:00 GMT", "2026-11-22"])
def test_a_date_header_that_is_none_is_worth_attention(date: str) -> None:
    assert clock(date, NOW).state == "attention"


def test_git_that_is_missing_or_broken_is_worth_attention(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git().fix == "apt install git"
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert (git().state, git().fix) == ("attention", "git --version")


def test_this_python_is_new_enough() -> None:
    assert python_version().state == "ok"
