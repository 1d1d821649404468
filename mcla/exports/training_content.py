# SPDX-License-Identifier: Apache-2.0
"""The Commission's template for the public summary of training content: every field, with what declarations hold.

The summary is due for open models too (Regulation (EU) 2024/1689, Art. 53(1)(d)). Declarations fill a part of it, each
under the contribution that it stands in; every other field is there as missing, for the provider to fill. No question
is ever answered with no: that nobody declared something says nothing. Fields have the numbers of the template, in words
of our own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcla.exports import training_content_fill as fill
from mcla.exports.ai_act import ACT
from mcla.exports.evidence import Evidence
from mcla.exports.release import Release

TEMPLATE = "Commission communication C(2025) 8311 of 5 December 2025, the template first published on 24 July 2025"
SOURCE = f"{ACT}, Art. 53(1)(d); {TEMPLATE}"
DISCLAIMER = (
    "A draft from declarations, not the summary: the provider fills in what is missing and answers for all of it."
)
State = Literal["filled", "in-part", "missing", "optional"]
STATES: tuple[State, ...] = ("filled", "in-part", "missing", "optional")


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of the template: its section, its words, and what fills it from a release."""

    section: str
    key: str
    words: str
    reads: Callable[[Release], fill.Found] = fill.nothing
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field with what was declared for it, and of which contributions it is missing."""

    ask: Ask
    declared: tuple[Evidence, ...]
    missing: tuple[str, ...]

    @property
    def state(self) -> State:
        """`filled` is that something was declared and nothing is known to be missing: the provider judges it."""
        if self.declared:
            return "in-part" if self.missing else "filled"
        return "optional" if self.ask.optional else "missing"

    def to_dict(self) -> dict[str, Any]:
        return {
            "section": self.ask.section,
            "key": self.ask.key,
            "asks": self.ask.words,
            "state": self.state,
            "declared": [each.to_dict() for each in self.declared],
            "missing": list(self.missing),
        }


SECTIONS = {
    "0": "The summary itself",
    "1.1": "Provider",
    "1.2": "Model",
    "1.3": "Modalities, size and other characteristics of all training data",
    "2": "Sources that no declaration sorts",
    "2.1": "Publicly available data sets",
    "2.2.1": "Data sets licensed for money by those who hold the rights",
    "2.2.2": "Private data sets from other third parties",
    "2.3": "Data crawled and scraped from the web",
    "2.4": "Data of users",
    "2.5": "Synthetic data",
    "2.6": "Other sources",
    "3.1": "Reservations of rights against text and data mining",
    "3.2": "Removal of illegal content",
    "3.3": "Other information",
}

_ASKS = (
    Ask("0", "summary-version", "Version of the summary"),
    Ask("0", "last-update", "Day of its last update"),
    Ask("1.1", "provider", "Name and contact of the provider"),
    Ask("1.1", "representative", "Name and contact of the authorised representative, if there is one"),
    Ask("1.2", "model-names", "Names of the models, with their versions", fill.models),
    Ask("1.2", "dependencies", "Models that it is built on, with links to their summaries", fill.dependencies),
    Ask("1.2", "placed-on-market", "Day on which it was placed on the Union market"),
    Ask("1.3", "modalities", "Which of text, image, audio, video or others it was trained on", fill.modalities),
    Ask("1.3", "sizes", "How much of each", fill.sizes),
    Ask("1.3", "contents", "Types of content of each", fill.contents),
    Ask("1.3", "latest-day", "Latest day on which data was got", fill.latest_day),
    Ask("1.3", "trained-on", "Whether it goes on being trained on newer data"),
    Ask("1.3", "languages", "Languages of the data", fill.languages),
    Ask("1.3", "characteristics", "Other characteristics of the data", fill.characteristics),
    Ask("2", "unsorted", "Sources that were declared without what the template sorts by", fill.unsorted, optional=True),
    Ask("2.1", "public-used", "Whether public data sets were used", fill.used("public-set")),
    Ask("2.1", "public-modalities", "Their modalities", fill.modalities_of("public-set")),
    Ask("2.1", "public-large", "The large ones, with their names and links", fill.sources_of("public-set")),
    Ask("2.1", "public-others", "The others, described in general"),
    Ask("2.2.1", "licensed-used", "Whether licences were agreed for money", fill.used("licensed")),
    Ask("2.2.1", "licensed-modalities", "Their modalities", fill.modalities_of("licensed")),
    Ask("2.2.2", "private-used", "Whether private data sets of others were got in another way"),
    Ask("2.2.2", "private-modalities", "Their modalities"),
    Ask("2.2.2", "private-known", "Those that are publicly known, and the others described in general"),
    Ask("2.3", "crawled-used", "Whether crawlers were used by the provider or for it", fill.used("crawled")),
    Ask("2.3", "crawlers", "Names of the crawlers, and how they behaved", fill.told_of("crawled", "crawler")),
    Ask("2.3", "crawl-purpose", "What each crawler was for"),
    Ask("2.3", "crawl-period", "From when to when", fill.days_of("crawled")),
    Ask("2.3", "crawl-content", "What was crawled, from which kinds of sites", fill.sources_of("crawled")),
    Ask("2.3", "crawl-modalities", "Modalities of what was crawled", fill.modalities_of("crawled")),
    Ask("2.3", "crawl-domains", "The most relevant domains, by the share that the template names"),
    Ask("2.4", "users-of-model", "Whether what users did with the model was used"),
    Ask("2.4", "users-of-services", "Whether data of users of other services was used", fill.used("users")),
    Ask("2.4", "users-content", "Which services, described in general", fill.sources_of("users")),
    Ask("2.4", "users-modalities", "Modalities of that data", fill.modalities_of("users")),
    Ask("2.5", "synthetic-used", "Whether data was made by models for this training", fill.synthetic),
    Ask("2.5", "synthetic-modalities", "Modalities of that data", fill.modalities_of("generated")),
    Ask("2.5", "generators", "The models that made it", fill.generators),
    Ask("2.6", "others-used", "Whether there were other sources", fill.used("own")),
    Ask("2.6", "others-content", "What they are", fill.sources_of("own")),
    Ask("3.1", "code-of-practice", "Whether the provider has signed the code of practice with its copyright chapter"),
    Ask("3.1", "opt-outs", "What was done to respect reservations, and which signals were read", fill.opt_outs),
    Ask("3.2", "illegal-content", "What was done against illegal content", fill.screening),
    Ask("3.3", "processing", "Anything else about how data was processed", fill.processing, optional=True),
)


def fields_of(release: Release) -> tuple[Field, ...]:
    """Every field of the template, in its order."""
    return tuple(_filled(ask, release) for ask in _ASKS)


def _filled(ask: Ask, release: Release) -> Field:
    declared, missing = ask.reads(release)
    return Field(ask, tuple(declared), tuple(missing))


def counts(fields: Sequence[Field]) -> dict[State, int]:
    """How many fields stand how."""
    return {word: sum(each.state == word for each in fields) for word in STATES}


def told(release: Release) -> dict[str, Any]:
    """The template as JSON values."""
    fields = fields_of(release)
    return {
        "release": {"name": release.name, "version": release.version},
        "template": SOURCE,
        "sections": SECTIONS,
        "fields": [each.to_dict() for each in fields],
        "counts": counts(fields),
        "disclaimer": DISCLAIMER,
    }
