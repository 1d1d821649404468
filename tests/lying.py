# SPDX-License-Identifier: Apache-2.0
"""A service whose drafts say something else than what was asked."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from mcla.cli.service import Service


class Liar(Service):
    """The real service, whose answer to a draft is changed on its way by `lie`."""

    lie: Callable[[dict[str, Any]], None]

    def post(self, path: str, body: Any, *, again: bool = False) -> dict[str, Any]:
        answer = super().post(path, body, again=again)
        if path == "/api/v1/signings":
            self.lie(answer)
        return answer


def restated(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """A lie in the statement, with the digest that belongs to the false text."""

    def lie(answer: dict[str, Any]) -> None:
        statement = json.loads(answer["statement"])
        change(statement)
        text = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        answer |= {"statement": text, "statement_sha256": hashlib.sha256(text.encode()).hexdigest()}

    return lie
