# SPDX-License-Identifier: Apache-2.0
"""What a model card or a Croissant file says that a schedule asks for: proposals, which a person has to confirm.

A model card is a Markdown file with YAML between two lines `---` on top, as hubs read it; Croissant (MLCommons, 1.0
and 1.1) is JSON-LD about a data set. Both come from strangers: little is read, and strictly (`mcla.terms.frontmatter`),
and what does not fit a question is left out without a word. People who are named as creators are left out too: answers
are public.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from mcla.errors import MclaError
from mcla.terms.answers import Refused, Row, is_empty
from mcla.terms.declarations import DeclarationsInvalid, check_declarations, read_part
from mcla.terms.frontmatter import BEGIN, FrontMatterInvalid, front_matter, text_of
from mcla.terms.rows import SHAPES, RowType
from mcla.terms.schedule import MAX_ROWS, Field, Schedule

CARD, CROISSANT = "model card", "Croissant file"

_RELATIONS = {"adapter": "adapter", "merge": "merge", "quantized": "quantisation", "finetune": "fine-tune"}
"""`base_model_relation` of a model card -> our word; what it means for ours is confirmed by the person."""


class MetadataInvalid(MclaError):
    """A file is neither a model card nor a Croissant file, or cannot be read as one."""

    code: ClassVar[str] = "metadata-invalid"
    status: ClassVar[int] = 422
    hint = "Give a model card (README.md, YAML between two lines ---) or a Croissant file (JSON-LD), or answer by hand."


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file said, each part as text; `kind` says what sort of file it is."""

    kind: str
    title: str = ""
    licence: str = ""
    languages: str = ""
    period: str = ""
    relation: str = ""
    bases: tuple[Row, ...] = ()
    sources: tuple[Row, ...] = field(default=())


def read_metadata(data: bytes) -> Metadata:
    """Read a model card or a Croissant file, whichever it is; raises `MetadataInvalid`."""
    try:
        text = text_of(data)
        if text.startswith(BEGIN):
            return _card(front_matter(text))
    except FrontMatterInvalid as error:
        raise MetadataInvalid(error.message) from None
    if text.lstrip().startswith("{"):
        return _croissant(_json(text))
    raise MetadataInvalid("expected a line --- or a { at the beginning, got neither")


def propose(found: Metadata, schedule: Schedule | None, today: date) -> dict[str, Any]:
    """The answers to questions of `schedule` that `found` suggests, as `check_declarations` takes them.

    An entry may lack parts, which the person then fills in. Nothing here is an answer before somebody confirms it.
    """
    proposed = {}
    for question in schedule.fields if schedule else ():
        value = _proposal(found, question, today)
        if not is_empty(value):
            proposed[question.key] = value
    return proposed


def _proposal(found: Metadata, asked: Field, today: date) -> Any:
    if asked.type == "bases":
        return _fitting("bases", found.bases, today)
    if asked.type == "sources":
        return _fitting("sources", found.sources, today)
    plain = {
        "title": found.title,
        "licence": found.licence,
        "languages": found.languages,
        "period": found.period,
    }
    if asked.type == "text" and asked.key in plain:
        return _fits(asked, plain[asked.key], today)
    if asked.key == "relation" and asked.type == "choice":
        return _fits(asked, found.relation, today)
    return None


def _fits(asked: Field, value: str, today: date) -> str | None:
    alone = Schedule("mcla.schedule/1", "D", "One question", (asked,))
    try:
        check_declarations(alone, {asked.key: value}, today)
    except DeclarationsInvalid:
        return None
    return value


def _fitting(kind: RowType, rows: Iterable[Row], today: date) -> list[Row]:
    shape = SHAPES[kind]
    fitting = []
    for row in rows:
        kept = {}
        for column in shape.columns:
            try:
                if not is_empty(row.get(column.key)):
                    kept[column.key] = read_part(column, row[column.key], today)
            except Refused:
                continue
        if kept.get("name") and kept not in fitting:
            fitting.append(kept)
    return fitting[:MAX_ROWS]


def _card(said: dict[str, Any]) -> Metadata:
    licence = _first(said.get("license"))
    if licence in ("other", "unknown"):
        licence = _first(said.get("license_name")) or licence
    relation = _RELATIONS.get(_first(said.get("base_model_relation")), "")
    bases = tuple(_base(name, relation) for name in _texts(said.get("base_model")))
    sources = tuple({"name": name} for name in (*_texts(said.get("datasets")), *_texts(said.get("source_datasets"))))
    languages = ", ".join(_texts(said.get("language")))
    title = _first(said.get("pretty_name")) or _first(said.get("model_name"))
    return Metadata(CARD, title, licence, languages, relation=relation, bases=bases, sources=sources)


def _base(name: str, relation: str) -> Row:
    name, _, revision = name.partition("@")
    return {"name": name, "revision": revision, "relation": relation}


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "some level"
        raise MetadataInvalid(f"expected JSON, got something else at {at}") from None
    if not isinstance(value, dict):
        raise MetadataInvalid("expected a JSON object, got something else")
    return value


def _croissant(said: dict[str, Any]) -> Metadata:
    types = _texts(said.get("@type"))
    if not any(each.rpartition(":")[2].rpartition("/")[2] == "Dataset" for each in types):
        raise MetadataInvalid("expected JSON-LD of the type Dataset, got another type")
    licence = _first(said.get("license"))
    digests = [digest for each in _listed(said.get("distribution")) if (digest := _first(_part(each, "sha256")))]
    source = {
        "name": _first(said.get("name")),
        "url": _first(said.get("url")),
        "owner": next(_organisations(said.get("creator")), "") or next(_organisations(said.get("publisher")), ""),
        "licence": licence,
        "sha256": digests[0] if len(digests) == 1 else "",
    }
    languages = ", ".join(_texts(said.get("inLanguage")))
    period = _first(said.get("temporalCoverage"))
    return Metadata(CROISSANT, source["name"], licence, languages, period, sources=(source,))


def _organisations(value: Any) -> Iterator[str]:
    """The names of creators that are said to be organisations; a plain name may be a person's."""
    for each in _listed(value):
        if _first(_part(each, "@type")).rpartition(":")[2].rpartition("/")[2] == "Organization":
            yield _first(_part(each, "name"))


def _part(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _first(value: Any) -> str:
    return next(iter(_texts(value)), "")


def _texts(value: Any) -> list[str]:
    """The texts in a text or list; of an object its address or name, as JSON-LD puts them."""
    found = []
    for each in _listed(value):
        if isinstance(each, dict):
            each = next((each[key] for key in ("@id", "url", "name", "@value") if isinstance(each.get(key), str)), "")
        if isinstance(each, str) and each.strip():
            found.append(each.strip())
    return found
