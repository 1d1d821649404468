# SPDX-License-Identifier: Apache-2.0
"""The last line of a run: how many tests were skipped for what the machine lacks, and why."""

import gc
from collections import Counter
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """After everything else has been printed: the last line says how many tests were skipped and why."""
    yield
    gc.unfreeze()  # what ends later than the modules it needs says so on the terminal
    gc.collect()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        reporter.write_line(_skipped([_reason(report) for report in reporter.stats.get("skipped", [])]))


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")


def _skipped(reasons: list[str]) -> str:
    told = "; ".join(f"{count} × {reason}" for reason, count in sorted(Counter(reasons).items()))
    return f"{len(reasons)} skipped for what this machine lacks: {told or 'nothing'}"
