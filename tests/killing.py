# SPDX-License-Identifier: Apache-2.0
"""Ends the work in place of a chosen step that changes names on disk, as a kill at that moment does."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Killed(BaseException):
    """The process ends here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """End the process in place of its `step`th change of a name: a link or a rename."""
    left = [step]
    for owner, name in ((os, "link"), (Path, "replace")):
        real = getattr(owner, name)

        def counted(*args: Any, _real: Callable[..., Any] = real) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return _real(*args)

        monkeypatch.setattr(owner, name, counted)
