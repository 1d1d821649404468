# SPDX-License-Identifier: Apache-2.0
"""Which build of the product makes the pages: its version, and a digest of everything that a page is made from.

An installed product does not know its commit; whoever has the commit computes the same digest from it.
"""

import hashlib
from functools import cache
from pathlib import Path

from mcla import __version__

APP = Path(__file__).parents[1]
PARTS = ("*/templates/**/*.html", "platform/static/**/*.js", "platform/static/**/*.css", "translations/**/*.po")
"""What stands on pages, what runs in them, and what they say in other languages."""


@cache
def page_build() -> str:
    """Such as `0.1.0+4f1d2c3b5a69`: twelve hex digits of the SHA-256 over `<sha256>  <path>` lines, sorted by path."""
    files = sorted({path for pattern in PARTS for path in APP.glob(pattern)}, key=lambda path: path.as_posix())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(APP).as_posix()}\n" for path in files)
    return f"{__version__}+{hashlib.sha256(''.join(lines).encode()).hexdigest()[:12]}"
