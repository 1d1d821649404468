# SPDX-License-Identifier: Apache-2.0
"""What stands below every answer on licences: the state of the facts, and that it is screening."""

from typing import Any


def data() -> dict[str, Any]:
    """The digest and the day of the facts, with the notice, for JSON."""
    from mcla.licences.registry import registry

    return {"data": {"digest": f"sha256:{registry().digest}", "as_of": registry().as_of}, "notice": notice()}


def notice() -> str:
    """That it is no legal advice."""
    from mcla.licences.verdict import NOTICE

    return NOTICE
