# SPDX-License-Identifier: Apache-2.0
"""A model card or Croissant file at the command line: what it says is proposed, and a person confirms each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mcla.cli.failure import InputUnreadable, WrongUsage
from mcla.terms.frontmatter import MAX_BYTES
from mcla.terms.metadata import Metadata, MetadataInvalid, propose, read_metadata
from mcla.terms.schedule import Field, Schedule


@dataclass(frozen=True, slots=True)
class Described:
    """What the file of this name said."""

    name: str
    metadata: Metadata

    def proposals(self, fields: Sequence[Field], today: date) -> dict[str, Any]:
        """The answers that it suggests, by question."""
        return propose(self.metadata, Schedule("mcla.schedule/1", "D", "Questions", tuple(fields)), today)


def described_by(path: Path | None, *, asking: bool) -> Described | None:
    """What the file says; raises `WrongUsage` where nobody is there to confirm it, and for a file that is no such."""
    if path is None:
        return None
    if not asking:
        raise WrongUsage(
            f"Nobody is there to confirm what {path.name} says.",
            why="expected a terminal to ask on, because metadata are proposals and no answers",
            hint="Run it on a terminal without --yes, or write the answers into a file: --declarations FILE.",
        )
    try:
        with path.open("rb") as file:
            return Described(path.name, read_metadata(file.read(MAX_BYTES + 1)))
    except OSError as error:
        raise InputUnreadable(
            f"{path} cannot be read.", why=f"expected a readable file, got: {error.strerror}"
        ) from error
    except MetadataInvalid as error:
        raise WrongUsage(f"{path} cannot be used.", why=error.message, hint=error.hint) from error
