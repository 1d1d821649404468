# SPDX-License-Identifier: Apache-2.0
"""Set-up without root names the Debian packages that are missing in one line, and stops where nothing can run."""

import shutil
import subprocess
from pathlib import Path

import pytest
from needs import needs

ROOT = Path(__file__).resolve().parents[1]
NEEDED = (
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-dejavu-core",
    "fonts-droid-fallback",
    "fonts-wqy-microhei",
    "python3-venv",
)
# What the script asks a machine: who runs it, which packages it has, whether its Python can make environments.
ANSWERS = {"id": "echo 1000", "dpkg-query": "exit 1", "python3": "exit 1"}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A clone's folder with the script in it, and beside it the tools of a machine that has nothing installed."""
    (tmp_path / "clone" / "scripts").mkdir(parents=True)
    for name in ("scripts/setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / "clone" / name)
    (tmp_path / "bin").mkdir()
    for name, answer in ANSWERS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path / "clone"


def said(clone: Path, *told: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{clone.parent / 'bin'}:/usr/bin:/bin"}
    return subprocess.run([needs("bash"), *told], cwd=clone, env=env, capture_output=True, text=True, timeout=30)


def test_without_root_one_line_names_every_missing_package_and_nothing_is_begun(bare: Path) -> None:
    ran = said(bare, "scripts/setup", "run")
    assert (ran.returncode, ran.stdout) == (1, "")
    line, end = ran.stderr.split("\n")
    assert line.split("apt-get install ")[1].split() == list(NEEDED)
    assert "as root" in line
    assert end == ""
    assert not (bare / ".venv").exists()


def test_what_only_tests_need_is_named_and_stops_nothing(bare: Path) -> None:
    ran = said(bare, "-c", "source scripts/setup; install_packages test chromium qpdf; echo goes on")
    assert (ran.returncode, ran.stdout) == (0, "goes on\n")
    assert ran.stderr.endswith("apt-get install chromium qpdf\n")


def test_what_is_there_is_not_named(bare: Path) -> None:
    (bare.parent / "bin" / "dpkg-query").write_text("#!/bin/sh\necho 'ii '\n")
    (bare.parent / "bin" / "python3").write_text("#!/bin/sh\nexit 0\n")
    ran = said(bare, "-c", f"source scripts/setup; install_packages run {' '.join(NEEDED)}; echo goes on")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "goes on\n", "")


def test_a_whole_chromium_counts_where_the_one_without_windows_would_do(bare: Path) -> None:
    (bare.parent / "bin" / "chromium").write_text("#!/bin/sh\n")
    (bare.parent / "bin" / "chromium").chmod(0o755)
    ran = said(bare, "-c", "source scripts/setup; install_packages test chromium-headless-shell; echo goes on")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "goes on\n", "")
