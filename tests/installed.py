# SPDX-License-Identifier: Apache-2.0
"""Software of others in versions that the project itself does not depend on: installed once a machine, kept apart.

Everything goes into the user's cache folder, so that no second version enters the lock file or the environment.
"""

import os
import subprocess
import sys
from pathlib import Path

from needs import needs, skip_or_fail

SECONDS = 200


def npm_package(package: str, version: str) -> Path:
    """The folder of an npm package of exactly this version, installed without running its scripts."""
    needs("node")
    npm, cache = needs("npm"), _cache(f"{package.replace('/', '-').lstrip('@')}-{version}")
    folder = cache / "node_modules" / package
    if not folder.exists():
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(cache)]
        _run([npm, "install", *options, f"{package}@{version}"], f"the npm package {package} {version}")
    return folder


def python_package(package: str, version: str) -> Path:
    """The Python of a virtual environment that holds a package of exactly this version."""
    cache = _cache(f"{package}-{version}")
    python, done = cache / "bin" / "python", cache / "installed"
    if not done.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        what = f"the Python package {package} {version}"
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(cache)], what)
        _run([uv, "pip", "install", "--quiet", "--python", str(python), f"{package}=={version}"], what)
        done.touch()
    return python


def _cache(name: str) -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcla-tests" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        done = None
    if done is None or done.returncode != 0:
        skip_or_fail(f"needs {what} from a package index")
