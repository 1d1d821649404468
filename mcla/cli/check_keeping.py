# SPDX-License-Identifier: Apache-2.0
"""`mcla check --answer FILE`: the service's answer as it came, with its signature, for a merge gate to keep.

`mcla verify FILE` checks it. What is kept is the whole answer about the change, also where less was asked about.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mcla.cli.check_formats.report import ChangeTold
from mcla.cli.failure import Undecided
from mcla.cli.writing import write_whole


class AnswerNotKept(Undecided):
    """The answer was to be kept, and is not: a gate that wants evidence has none."""

    code = "answer-not-kept"


def keep_answers(place: Path, changes: Sequence[ChangeTold], answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the answer about each change by its head; of several each has its number in the file's name.

    Raises `AnswerNotKept`, also where the service did not sign.
    """
    for change in changes:
        if (answer := answers.get(change.head)) is None:
            continue  # it was empty, so nobody was asked
        if not isinstance(answer.get("envelope"), dict):
            why, hint = (
                "expected an answer with its envelope, got one without",
                "Update the service, or leave --answer out.",
            )
            raise AnswerNotKept("The service did not sign its answer.", why=why, hint=hint)
        mark = f".{change.number or change.head[:12]}" if len(changes) > 1 else ""
        _write(place.with_name(f"{place.stem}{mark}{place.suffix}"), answer)


def _write(place: Path, answer: Mapping[str, Any]) -> None:
    try:
        write_whole(place, json.dumps(answer, indent=2, sort_keys=True).encode() + b"\n")
    except OSError as error:
        why = f"expected to write {place}, got: {error.strerror or error}"
        raise AnswerNotKept(
            "The answer could not be kept.", why=why, hint="Name another place: --answer FILE"
        ) from error
