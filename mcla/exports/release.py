# SPDX-License-Identifier: Apache-2.0
"""A release as exports see it: contributions whose proofs hold, with their files where the list of them is at hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcla.artifacts.manifest import Manifest
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.statements.statement import Contribution

MODELS = ("weights", "adapter", "tokenizer")
DATA = ("data", "synthetic", "eval")


@dataclass(frozen=True, slots=True)
class Given:
    """One contribution: what was stated, its files if they are known, and how it stands (a sentence)."""

    statement: Contribution
    manifest: Manifest | None
    standing: str

    @property
    def title(self) -> str:
        told = self.statement.declarations.get("title")
        return told if isinstance(told, str) else f"{self.statement.kind} for {self.statement.project}"

    def text(self, key: str) -> str | None:
        """A declaration that is a text; None where there is none."""
        told = self.statement.declarations.get(key)
        return told if isinstance(told, str) and told else None

    def rows(self, key: str) -> Iterator[Mapping[str, str]]:
        """The entries of a declaration that takes many, such as `bases`."""
        told: Any = self.statement.declarations.get(key)
        for each in told if isinstance(told, list | tuple) else ():
            if isinstance(each, Mapping):
                yield {str(name): str(value) for name, value in each.items()}

    def files(self) -> Iterator[tuple[str, str, int | None]]:
        """Path, SHA-256 (hex) and size of each file that is known by name."""
        if self.manifest is not None:
            yield from ((each.path, each.sha256, each.size) for each in self.manifest.files)
        else:
            yield from ((each.name, each.sha256, None) for each in self.statement.subjects[1:])


@dataclass(frozen=True, slots=True)
class Release:
    """Contributions that go out together under a name and a version."""

    name: str
    version: str
    given: tuple[Given, ...]


def known_licence(text: str) -> Licence | None:
    """The one licence that a text names; None for none, and for one that stands for several."""
    return registry().find(text).one
