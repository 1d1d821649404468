# SPDX-License-Identifier: Apache-2.0
"""Parts that a test needs from the machine: found, or the test is skipped with a reason that the last line counts.

With `CI=true` such a skip is a failure: there, everything must run.
"""

import os
import shutil
from pathlib import Path

import pytest

INSTALL = {
    "chromium": "Debian's chromium-headless-shell, or its chromium (apt-get install chromium-headless-shell)",
    "node": "Node.js 20 or newer with npm",
    "npm": "Node.js 20 or newer with npm",
    "javac": "a Java 17 development kit (apt-get install default-jdk-headless)",
    "pdfsig": "Poppler's tools (apt-get install poppler-utils)",
    "pdftotext": "Poppler's tools (apt-get install poppler-utils)",
    "pdftoppm": "Poppler's tools (apt-get install poppler-utils)",
    "pdfdetach": "Poppler's tools (apt-get install poppler-utils)",
    "qpdf": "qpdf (apt-get install qpdf)",
    "mutool": "MuPDF's tools (apt-get install mupdf-tools)",
    "zbarimg": "ZBar's tools (apt-get install zbar-tools)",
    "strace": "strace (apt-get install strace)",
    "go": "Go (apt-get install golang-go)",
    "softhsm2-util": "SoftHSM2 (apt-get install softhsm2)",
    "faketime": "libfaketime (apt-get install faketime)",
    "nginx": "nginx (apt-get install nginx)",
    "redis-server": "Redis (apt-get install redis-server)",
    "git": "Git (apt-get install git)",
    "openssl": "OpenSSL's command (apt-get install openssl)",
}
SHARED = Path(__file__).resolve().parents[2] / "shared"


def needs(tool: str) -> str:
    """The path of `tool`; skips the test (or fails it in CI) when the machine has none."""
    path = shutil.which(tool)
    if path is None:
        skip_or_fail(f"needs {INSTALL.get(tool, tool)}")
        raise AssertionError
    return path


def needs_chromium() -> str:
    """The path of Chromium, at best the one without windows: the same engine for half the CPU seconds."""
    return shutil.which("chromium-headless-shell") or needs("chromium")


def needs_root() -> None:
    """Skip unless the test may mount file systems and make namespaces."""
    if os.geteuid() != 0:
        skip_or_fail("needs root")


def skip_or_fail(reason: str) -> None:
    """Skip the running test for `reason`, which the summary counts; in CI fail instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true nothing may be skipped", pytrace=False)
    pytest.skip(reason)


def shared(*parts: str) -> Path:
    """A path below the folder of public test vectors beside the project; skips when it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the vectors beside the project ({'/'.join(parts)})")
    return path
