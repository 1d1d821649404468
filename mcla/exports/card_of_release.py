# SPDX-License-Identifier: Apache-2.0
"""A release's model card: what the declarations of its models and data hold, and what a hub asks for besides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from mcla.errors import MclaError
from mcla.exports.model_card import OTHER, Card, Relation
from mcla.exports.release import Given, Release, known_licence
from mcla.licences.registry import registry
from mcla.licences.rules.case import IN_THE_FILE

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_RELATIONS: dict[str, Relation] = {
    "adapter": "adapter",
    "merge": "merge",
    "quantisation": "quantized",
    "fine-tune": "finetune",
}


class NoModel(MclaError):
    """A release without weights, an adapter or a tokenizer has no model card."""

    code: ClassVar[str] = "no-model"
    status: ClassVar[int] = 422
    hint = "Give the bundle of the model too."


@dataclass(frozen=True, slots=True)
class CardOfRelease:
    """A card, and what stands in none of its keys: key -> why it is missing, or what did not fit."""

    card: Card
    missing: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        missing = [{"key": key, "why": why} for key, why in self.missing]
        return {"card": self.card.to_dict(), "missing": missing}


def card_of(release: Release) -> CardOfRelease:
    """The card of the models in a release; raises `NoModel`."""
    if not release.models:
        raise NoModel("expected a contribution of weights, an adapter or a tokenizer, got none")
    missing: list[tuple[str, str]] = []
    tag, name, link = _licence(release, missing)
    bases, relation = _bases(release, missing)
    card = Card(
        license=(tag,) if tag else (),
        license_name=name,
        license_link=link,
        base_model=bases,
        base_model_relation=relation,
        datasets=_datasets(release, missing),
        language=_languages(release, missing),
        library_name=_library(release, missing),
        model_name=release.name,
    )
    return CardOfRelease(card, tuple(missing))


Missing = list[tuple[str, str]]


def _licence(release: Release, missing: Missing) -> tuple[str, str, str]:
    """The tag of the one licence that every model declares, with its name and the file of its text for `other`."""
    declared = {each.outbound for each in release.models}
    if declared == {None} or len(declared) > 1:
        why = "nobody declared one" if declared == {None} else "the models declare different ones, or one declares none"
        missing.append(("license", why))
        return "", "", ""
    text = str(*declared)
    licence = known_licence(text)
    if licence is None or licence.id in registry().rulebook.no_licence | registry().rulebook.family_tags:
        name = text
    elif licence.hf_tag and known_licence(licence.hf_tag) is licence:
        return licence.hf_tag, "", ""
    else:
        names = (*licence.hf_license_names, licence.id)
        name = next(each for each in names if known_licence(each) is licence)
    link = _licence_file(release)
    missing += [] if link else [("license_link", "no one file of the models is the text of their licence")]
    return OTHER, name, link


def _licence_file(release: Release) -> str:
    paths = {path for each in release.models for path, _, _ in each.files() if _is_licence(path)}
    return paths.pop() if len(paths) == 1 else ""


def _is_licence(path: str) -> bool:
    return "/" not in path and PurePosixPath(path).stem.casefold() in ("license", "licence", "copying")


def _bases(release: Release, missing: Missing) -> tuple[tuple[str, ...], Relation | None]:
    rows = [row for each in release.models for row in each.rows("bases") if row.get("relation") != "trained-on-data"]
    kept = [row for row in rows if row.get("relation") in IN_THE_FILE and _HUB_NAME.fullmatch(row["name"])]
    left = [f"{row['name']} ({row.get('relation', '')})" for row in rows if row not in kept]
    missing += [("base_model", f"no name on a hub, or no relation that a card has: {each}") for each in left]
    if not rows and not all(each.text("relation") == "scratch" for each in release.models):
        missing.append(("base_model", "nobody declared one"))
    relations = {_RELATIONS.get(row["relation"]) for row in kept}
    relation = relations.pop() if len(relations) == 1 else None
    if kept and relation is None:
        missing.append(("base_model_relation", "no one word of a card is true of every base"))
    return tuple(dict.fromkeys(row["name"] for row in kept)), relation


def _datasets(release: Release, missing: Missing) -> tuple[str, ...]:
    names = [row["name"] for each in release.models for row in each.training_data]
    left = [name for name in names if not _HUB_NAME.fullmatch(name)]
    missing += [("datasets", f"no name on a hub: {name}") for name in left]
    missing += [] if names else [("datasets", "nobody declared any")]
    return tuple(dict.fromkeys(name for name in names if name not in left))


def _languages(release: Release, missing: Missing) -> tuple[str, ...]:
    words = [word for each in release.data for word in _words(each)]
    left = [word for word in words if not _LANGUAGE.fullmatch(word)]
    missing += [("language", f"no code of ISO 639: {word}") for word in left]
    missing += [] if words else [("language", "nobody declared any")]
    return tuple(dict.fromkeys(word for word in words if word not in left))


def _words(given: Given) -> Iterator[str]:
    yield from filter(None, re.split(r"[,;\s]+", given.text("languages") or ""))


def _library(release: Release, missing: Missing) -> str:
    """`peft` where an adapter brings the file that it alone writes; nothing else is told by a name."""
    adapters = (each for each in release.models if each.statement.kind == "adapter")
    if any(path == "adapter_config.json" for each in adapters for path, _, _ in each.files()):
        return "peft"
    missing.append(("library_name", "no declaration asks for it"))
    return ""
