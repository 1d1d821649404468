# SPDX-License-Identifier: Apache-2.0
"""The entries that some questions take many of: where data comes from, what weights build on, what was checked.

A schedule says only that it asks for `sources`, `bases`, `generators` or `checks`; which columns an entry has is fixed
here, for every agreement alike, so that a base can be read as an edge of a graph whoever asked for it. An entry of
`bases` is such an edge: from the files given to the model `name`, at `revision` or with the digest `sha256`, by
`relation`, under `licence` as its text stood with the digest `licence_sha256` on the day `retrieved`.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from mcla.terms.strict import Pattern

Value = Annotated[str, Pattern(r"[a-z0-9][a-z0-9-]{0,39}", "a value such as fine-tune")]
Label = Annotated[str, Pattern(r"\S(.{0,198}\S)?", "a text of 1 to 200 characters")]
RowType = Literal["sources", "bases", "generators", "checks"]
ColumnType = Literal["text", "url", "choice", "date", "digest"]

Relation = Literal[
    "fine-tune",
    "adapter",
    "merge",
    "quantisation",
    "format-conversion",
    "verbatim-copy",
    "distillation",
    "trained-on-outputs",
    "trained-on-data",
    "dataset-derived",
    "tokenizer",
    "code",
    "recipe",
    "eval-set",
    "safety-patch",
]
RELATIONS: MappingProxyType[Relation, str] = MappingProxyType(
    {
        "fine-tune": "Fine-tuned",
        "adapter": "Adapter for it",
        "merge": "Merged in",
        "quantisation": "Quantised",
        "format-conversion": "Another file format",
        "verbatim-copy": "Unchanged copy",
        "distillation": "Distilled from it",
        "trained-on-outputs": "Trained on its output",
        "trained-on-data": "Trained on these data",
        "dataset-derived": "Data made from these data",
        "tokenizer": "Uses its tokenizer",
        "code": "Uses its code",
        "recipe": "Uses its recipe",
        "eval-set": "Uses its test set",
        "safety-patch": "Changes its safeguards",
    }
)
"""How files relate to a base: value in the statement -> words. Rules about licences ask by the same values."""


@dataclass(frozen=True)
class Option:
    """One answer of a choice: `value` goes into the statement, `label` is shown."""

    value: Value
    label: Label


@dataclass(frozen=True)
class Column:
    """One part of an entry. A date is a day in the past; a digest is a SHA-256; `example` stands in files and hints."""

    key: str
    label: str
    type: ColumnType
    required: bool = False
    example: str = ""
    options: tuple[Option, ...] = ()
    max_length: int = 200


@dataclass(frozen=True)
class Shape:
    """The columns of an entry. Of the columns in `either`, at least one is filled in."""

    noun: str
    columns: tuple[Column, ...]
    either: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


_LICENCE = Column("licence", "Licence or other ground", "text", required=True, example="CC-BY-4.0")
_LICENCE_DIGEST = Column("licence_sha256", "SHA-256 of the licence text", "digest")
_DAY = Column("retrieved", "Day you got it", "date", example="2026-01-31")
_RELATION = Column(
    "relation",
    "How your files relate to it",
    "choice",
    required=True,
    example="fine-tune",
    options=tuple(Option(value, label) for value, label in RELATIONS.items()),
)

SHAPES: MappingProxyType[RowType, Shape] = MappingProxyType(
    {
        "sources": Shape(
            "source",
            (
                Column("name", "Name or description", "text", required=True, example="Birds of Europe"),
                Column("url", "Address", "url", max_length=500),
                Column("owner", "Owner", "text"),
                _LICENCE,
                _LICENCE_DIGEST,
                Column("sha256", "SHA-256 of what you used", "digest"),
                _DAY,
            ),
        ),
        "bases": Shape(
            "base",
            (
                Column("name", "Name, as on its hub", "text", required=True, example="example/tiny-7b"),
                Column("revision", "Revision (commit or tag)", "text", example="main-2026-01"),
                Column("sha256", "SHA-256 of the file", "digest"),
                _RELATION,
                _LICENCE,
                _LICENCE_DIGEST,
                _DAY,
            ),
            either=("revision", "sha256"),
        ),
        "generators": Shape(
            "model",
            (
                Column("name", "Name, as on its hub", "text", required=True, example="example/tiny-7b"),
                Column("revision", "Version", "text", required=True, example="2026-01"),
                Column("licence", "Licence or terms of use", "text", required=True, example="Apache-2.0"),
                Column("licence_sha256", "SHA-256 of these terms", "digest"),
            ),
        ),
        "checks": Shape(
            "check",
            (
                Column("method", "Method or tool", "text", required=True, example="hash list of known images"),
                Column("date", "Day", "date", required=True, example="2026-01-31"),
                Column("result", "What you found", "text", required=True, example="nothing", max_length=1000),
            ),
        ),
    }
)
"""What an entry of each type consists of."""
