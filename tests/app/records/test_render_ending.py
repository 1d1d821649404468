# SPDX-License-Identifier: Apache-2.0
"""A process that made pages ends without complaint and leaves nothing behind, in whatever order its modules go."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from app.records.render import render_html
from weasyprint.text import fonts
render_html("<!doctype html><html lang='en'><title>Page</title><h1>Page</h1></html>")
sys.kept = [fonts, render_html]
"""
"""What is kept goes after the names in its modules have gone: as it comes about by itself in some commands."""


def test_fonts_that_were_unpacked_are_removed_while_they_can_be(tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
