# SPDX-License-Identifier: Apache-2.0
"""What other systems write: one reader for each, chosen by the system's name."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.claims.formats.cla_assistant import read_cla_assistant
from app.claims.formats.cla_lite import read_cla_lite
from app.claims.formats.clabot import read_clabot
from app.claims.formats.easycla import read_easycla
from app.claims.values import Parsed, System

READERS: Mapping[System, Callable[[bytes, datetime], Parsed]] = {
    "cla-assistant": read_cla_assistant,
    "cla-lite": read_cla_lite,
    "clabot": read_clabot,
    "easycla": read_easycla,
}
"""Each takes a file's bytes and the present time; raises `ClaimsFileUnfit` when nothing of the file can be read."""
