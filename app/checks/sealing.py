# SPDX-License-Identifier: Apache-2.0
"""Signs answers to checks, certified for `<origin>/checks`; stores nothing."""

from typing import Any

from app.signing.ports import Ports
from app.signing.sealing import seal
from mcla.checks.answer import Answer
from mcla.checks.svr import PURPOSE, result_of


class AnswerSeal:
    """Signs answers with the keys of the moment."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def sign(self, answer: Answer, head: str) -> dict[str, Any]:
        """The envelope of an answer about a change with this head; raises `ClockUnsteady`."""
        return seal(self._ports, PURPOSE, lambda origin, now: result_of(answer, head, origin, now))
