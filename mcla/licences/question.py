# SPDX-License-Identifier: Apache-2.0
"""What is asked: what an artifact rests on, the terms it is to go out under, what is shown, who asks, and the policy.

The input of `mcla licences check` and of `POST /licences/check`. Facts that are not given are not known; no member has
a default that would make an answer milder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mcla.licences.vocabulary import CommercialUse, Metric, ShareAlike, Stance
from mcla.terms import rows

Relation = rows.Relation
TextVersion = Literal["older", "current", "newer", "re-downloaded"]
Publish = Literal["worldwide", "gated", "private"]
Figure = int | float
MAX_BASES = 1_000


@dataclass(frozen=True, slots=True)
class Base:
    """One thing that the artifact rests on, by `relation`, under `licence` (an id, alias or hub tag).

    `text_version` is `older` where the text held at download is not the latest one, `newer` where the licence named is
    later than that, and `re-downloaded` where the files were taken again under the licence named. `retrieved`
    is the day of the download, `licence_sha256` and `sha256` are 64 hex digits.
    """

    licence: str
    relation: Relation
    text_version: TextVersion | None = None
    retrieved: str | None = None
    licence_sha256: str | None = None
    name: str | None = None
    revision: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Outbound terms of one's own. `restrictions` None: not said; given they bind, unless `enforceable` is false.
    `base_licence_kept`: they are for the own part alone, and each base's licence stays beside them. `equivalent_to`:
    licences whose list this one's author says to match."""

    commercial_use: CommercialUse | None = None
    restrictions: frozenset[str] | None = None
    enforceable: bool = True
    share_alike: ShareAlike | None = None
    equivalent_to: frozenset[str] = frozenset()
    base_licence_kept: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ships with the artifact or was done; licences by id."""

    licence_copies: frozenset[str] = frozenset()
    notice_file: bool = False
    modified_notice: bool = False
    attribution_for: frozenset[str] = frozenset()
    docs_retained: bool = False
    includes_base_weights: bool = False
    registered: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency (ISO 4217); the period is that of the metric."""

    value: Figure
    currency: str


Fact = bool | Figure | Money


@dataclass(frozen=True, slots=True)
class Context:
    """Who contributes and where to. None, or a metric that is not in `facts`, is not known."""

    contributor_territory: str | None = None
    project_territory: str | None = None
    publish: Publish | None = None
    multimodal: bool | None = None
    commercial: bool | None = None
    competing_model: bool | None = None
    removes_safeguards: bool | None = None
    project_outbound: tuple[str, ...] = ()
    facts: Mapping[Metric, Fact] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the project says to each debated point; review where it says nothing."""

    nc_data: Stance = "review"
    sa_data: Stance = "review"
    adapter_only: Stance = "review"
    unknown: Stance = "review"
    removed_safeguards: Stance = "review"
    provider_outputs: Stance = "review"


@dataclass(frozen=True, slots=True)
class Question:
    """At least one base, and outbound terms: by id (several with AND and OR, as in SPDX), as `Terms`, or both."""

    bases: tuple[Base, ...]
    kind: str
    declared: str | None
    declared_terms: Terms | None = None
    artifact_name: str | None = None
    evidence: Evidence = Evidence()
    context: Context = Context()
    policy: Policy = Policy()
