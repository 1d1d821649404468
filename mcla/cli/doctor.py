# SPDX-License-Identifier: Apache-2.0
"""`mcla doctor`: what would stand in the way of signing and verifying, each finding with the command that fixes it.

Reads only. A fault makes the exit code 1, an unreachable service 3; something worth a look ("attention") leaves it 0.
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import click

from mcla.cli.failure import Exit, Failure
from mcla.cli.output import Output, current, plain, speaks
from mcla.errors import MclaError

OLDEST_TRUST = timedelta(days=180)
CLOCK_ATTENTION, CLOCK_FAULT = timedelta(seconds=30), timedelta(minutes=5)
PYTHON = (3, 11)
State = Literal["ok", "attention", "fault"]
COLOURS = {"ok": "green", "attention": "yellow", "fault": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `fix` is a command or an act, empty when nothing is to be done."""

    name: str
    state: State
    detail: str
    fix: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "state": self.state, "detail": self.detail, "fix": self.fix}


@click.command("doctor")
@click.option("--service", "url", metavar="URL", help="Also try this service and compare the clocks.")
@click.option("--trust", type=click.Path(path_type=Path), help="The trust file to look at.")
@speaks
def command(url: str | None, trust: Path | None) -> None:
    """Look for what would stand in the way, with the command that fixes it."""
    output = current()
    now = datetime.now(UTC)
    findings = [python_version(), git(), trust_file(trust, url, now)]
    reached = True
    if url is not None:
        found = service(url, now)
        reached = found[0].state != "fault"
        findings += found
    _report(findings, output)
    if not reached:
        raise click.exceptions.Exit(Exit.UNKNOWN)
    if any(finding.state == "fault" for finding in findings):
        raise click.exceptions.Exit(Exit.NO)


def python_version() -> Finding:
    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= PYTHON:
        return Finding("python", "ok", have)
    return Finding("python", "fault", f"expected 3.11 or newer, got {have}", "Install Python 3.11 or newer.")


def git() -> Finding:
    import shutil
    import subprocess

    place = shutil.which("git")
    if place is None:
        return Finding("git", "attention", "not found; only work in Git checkouts needs it", "apt install git")
    try:
        done = subprocess.run([place, "--version"], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("git", "attention", f"does not start: {error}", "git --version")
    return Finding("git", "ok", done.stdout.strip().removeprefix("git version "))


def trust_file(given: Path | None, url: str | None, now: datetime) -> Finding:
    """Readable, meant as a trust file, and young enough that a replaced key would be in it."""
    from mcla.cli.target import TRUST_PATH, default_trust, read_file
    from mcla.verify.trust import TrustedRoot

    place = given or default_trust()
    fix = f"mkdir -p {place.parent} && curl -fo {place} {url or 'https://SERVICE'}{TRUST_PATH}"
    if not place.exists():
        state: State = "fault" if given else "attention"
        return Finding("trust file", state, f"{place} is missing; mcla verify needs one", fix)
    try:
        TrustedRoot.from_json(read_file(place, "trust file"))
    except MclaError as error:
        return Finding("trust file", "fault", f"{place}: {error.message}", fix)
    age = now - datetime.fromtimestamp(place.stat().st_mtime, UTC)
    days = f"{place}, {max(0, age.days)} days old"
    return (
        Finding("trust file", "attention", f"{days}: keys may have changed", fix)
        if age > OLDEST_TRUST
        else Finding("trust file", "ok", days)
    )


def service(url: str, now: datetime) -> list[Finding]:
    """Whether the service answers, as what it says it is, and how far the two clocks are apart."""
    from mcla.cli.service import Service

    try:
        with Service(url) as there:
            date, status = there.clock()
            origin = there.origin
    except Failure as error:
        if error.exit_code is Exit.USAGE:
            raise
        return [Finding("service", "fault", f"{error.message} {error.why}", f"curl -v {url}/healthz")]
    healthy = Finding("service", "ok", f"{origin} answers")
    if status != 200:
        healthy = Finding(
            "service", "fault", f"{origin}/healthz answers {status}", "Tell the operator: mcla-server doctor"
        )
    return [healthy, clock(date, now)]


def clock(date: str, now: datetime) -> Finding:
    """The difference between this clock and the service's `Date` header (whole seconds)."""
    from email.utils import parsedate_to_datetime

    try:
        difference = now - parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return Finding("clock", "attention", f"the service sent no usable Date header ({date!r})")
    seconds = round(difference.total_seconds())
    text = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} the service" if seconds else "as the service's"
    fix = "sudo timedatectl set-ntp true"
    if abs(difference) > CLOCK_FAULT:
        return Finding("clock", "fault", f"{text}: certificates live 10 minutes", fix)
    return (
        Finding("clock", "attention", text, fix) if abs(difference) > CLOCK_ATTENTION else Finding("clock", "ok", text)
    )


def _report(findings: list[Finding], output: Output) -> None:
    if output.json:
        output.document({"ok": all(f.state != "fault" for f in findings), "findings": [f.to_dict() for f in findings]})
        return
    for finding in findings:
        state = click.style(f"{finding.state:<9}", fg=COLOURS[finding.state])
        output.data(f"{state} {finding.name:<10} {plain(finding.detail, keep='')}")
        if finding.fix and finding.state != "ok":
            output.data(f"{'':<21}{finding.fix}")
