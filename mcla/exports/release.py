# SPDX-License-Identifier: Apache-2.0
"""A release as exports see it: contributions whose proofs hold, with their files where the list of them is at hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from mcla.artifacts.manifest import Manifest
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.statements.parts import TENSOR_KINDS
from mcla.statements.statement import Contribution
from mcla.terms.words import plain_lines

MODELS = ("weights", "adapter", "tokenizer")
DATA = ("data", "synthetic", "eval")
_TRAINS = ("weights", "adapter", "data", "synthetic")


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

    @property
    def outbound(self) -> str | None:
        """The licence that it goes out under as declared: of its release, else of an earlier publication."""
        return self.text("outbound") or self.text("licence")

    @property
    def trains(self) -> bool:
        """Whether it is something that was trained, or that is trained on."""
        return self.statement.kind in _TRAINS

    @property
    def place(self) -> str:
        """Where the service tells of it."""
        return f"{self.statement.service}/api/v1/artifacts/sha256:{self.statement.root}"

    def shown(self, key: str) -> str:
        """A declaration as people read it; empty where there is none."""
        told = self.statement.declarations.get(key)
        return "" if told is None else "; ".join(plain_lines(told))

    def text(self, key: str) -> str | None:
        """A declaration that is a text; None where there is none."""
        told = self.statement.declarations.get(key)
        return told if isinstance(told, str) and told else None

    def flop(self, key: str) -> Decimal | None:
        """A declared figure of computing in FLOP; zero where nothing was trained, None where it is not known so."""
        if key == "compute" and self.text("compute_known") == "nothing-trained":
            return Decimal(0)
        told: Any = self.statement.declarations.get(key)
        if not isinstance(told, Mapping) or told.get("unit") != "FLOP":
            return None
        try:
            figure = Decimal(str(told.get("value")))
        except InvalidOperation:
            return None
        return figure if figure.is_finite() and figure >= 0 else None

    @property
    def computing(self) -> Decimal:
        """What training it took in FLOP, with its base, as far as that is declared."""
        return (self.flop("compute") or Decimal(0)) + (self.flop("base_compute") or Decimal(0))

    def entries(self, key: str) -> Iterator[Mapping[str, str]]:
        """The entries of a declaration that takes many, such as `screening`."""
        told: Any = self.statement.declarations.get(key)
        for each in told if isinstance(told, list | tuple) else ():
            if isinstance(each, Mapping):
                yield {str(name): str(value) for name, value in each.items()}

    def rows(self, key: str) -> Iterator[Mapping[str, str]]:
        """The entries that have a name, such as those of `bases`."""
        yield from (each for each in self.entries(key) if each.get("name"))

    @property
    def training_data(self) -> tuple[Mapping[str, str], ...]:
        """The data sets that it was trained on, whether named as such or as a base."""
        named = (row for row in self.rows("bases") if row.get("relation") == "trained-on-data")
        return (*self.rows("training_data"), *named)

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

    @property
    def models(self) -> tuple[Given, ...]:
        """Those that are a model or a part of one."""
        return tuple(each for each in self.given if each.statement.kind in MODELS)

    @property
    def weights(self) -> tuple[Given, ...]:
        """Those that hold weights."""
        return tuple(each for each in self.given if each.statement.kind in TENSOR_KINDS)

    @property
    def data(self) -> tuple[Given, ...]:
        """Those that are data."""
        return tuple(each for each in self.given if each.statement.kind in DATA)


def known_licence(text: str) -> Licence | None:
    """The one licence that a text names; None for none, and for one that stands for several."""
    return registry().find(text).one
