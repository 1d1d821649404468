# SPDX-License-Identifier: Apache-2.0
"""The front matter of a model card, as hubs read it: out of a release, and into claims (`mcla.exports.card_claims`).

A card has one place for each thing, so not everything that was declared fits. What does not fit, or was not declared,
is left out and told beside the card, never squeezed in. A licence that no tag of a hub names alone is `other` with its
name, as hubs ask for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from mcla.errors import MclaError
from mcla.terms.frontmatter import FrontMatterInvalid, front_matter, text_of, written

MAX_ENTRIES = 200
MAX_TEXT = 300
Relation: TypeAlias = Literal["adapter", "merge", "quantized", "finetune"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
OTHER = "other"


class ModelCardInvalid(MclaError):
    """The front matter of a model card is not what hubs read."""

    code: ClassVar[str] = "model-card-invalid"
    status: ClassVar[int] = 422
    hint = "Correct the key that is named in the card's front matter, or write the case as JSON."


@dataclass(frozen=True, slots=True)
class Card:
    """What the front matter says, each key under the name that hubs have for it; empty is not told."""

    license: tuple[str, ...] = ()
    license_name: str = ""
    license_link: str = ""
    base_model: tuple[str, ...] = ()
    base_model_relation: Relation | None = None
    datasets: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    library_name: str = ""
    model_name: str = ""

    @property
    def licence(self) -> str:
        """The licence that is told, empty for none; for `other`, its own name. Raises `ModelCardInvalid` for two."""
        if len(self.license) > 1:
            raise ModelCardInvalid(
                f"license: expected one, got {len(self.license)}, and nothing says whether all of them apply"
            )
        tag = self.license[0] if self.license else ""
        return (self.license_name or tag) if tag.casefold() == OTHER else tag

    def to_dict(self) -> dict[str, Any]:
        """The keys that are told, lists of one as a text, as cards are written."""
        return dict(self._told())

    def _told(self) -> Iterator[tuple[str, Any]]:
        for name in ("license", "license_name", "license_link", "base_model", "base_model_relation", "datasets",
                     "language", "library_name", "model_name"):  # fmt: skip
            value = getattr(self, name)
            if not value:
                continue
            plain = isinstance(value, str)
            yield name, value if plain else value[0] if len(value) == 1 else list(value)

    def to_text(self) -> str:
        """The front matter with its two lines; empty where nothing is told."""
        return written(told) if (told := self.to_dict()) else ""


def read_card(data: bytes) -> Card:
    """The card of a Markdown file; raises `ModelCardInvalid`. Keys that say nothing of rights are left alone."""
    try:
        said = front_matter(text_of(data))
    except FrontMatterInvalid as error:
        raise ModelCardInvalid(error.message, hint=error.hint) from None
    return Card(
        license=_several(said, "license"),
        license_name=_one(said, "license_name"),
        license_link=_one(said, "license_link"),
        base_model=_several(said, "base_model"),
        base_model_relation=_relation(said),
        datasets=_several(said, "datasets"),
        language=_several(said, "language"),
        library_name=_one(said, "library_name"),
        model_name=_one(said, "model_name"),
    )


def _relation(said: Mapping[str, Any]) -> Relation | None:
    told = _one(said, "base_model_relation")
    found = next((each for each in RELATIONS if each == told), None)
    if told and found is None:
        raise ModelCardInvalid(f"base_model_relation: expected one of {', '.join(RELATIONS)}, got {told[:60]!a}")
    return found


def _one(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise ModelCardInvalid(f"{name}: expected a text, got {_sort(value)}")
    return _text(name, value)


def _several(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name, "")
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise ModelCardInvalid(f"{name}: expected a text or a list of texts, got {_sort(value)}")
    if len(listed) > MAX_ENTRIES:
        raise ModelCardInvalid(f"{name}: expected at most {MAX_ENTRIES} entries, got {len(listed):,}")
    return tuple(dict.fromkeys(text for each in listed if (text := _text(name, each))))


def _text(name: str, value: str) -> str:
    text = value.strip()
    if len(text) > MAX_TEXT:
        raise ModelCardInvalid(f"{name}: expected at most {MAX_TEXT} characters, got {len(text):,}")
    return text


def _sort(value: object) -> str:
    return "a table" if isinstance(value, dict) else "a list that holds something else"
