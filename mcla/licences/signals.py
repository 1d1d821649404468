# SPDX-License-Identifier: Apache-2.0
"""Signs that a licence was lost on the way: each with its evidence and a sentence, never an accusation.

A signal says what is seen and asks for an explanation; most have an innocent one. What tells equality is equal bytes
(`mcla.artifacts.compare`): weights that were cast or quantised anew match nothing here, and silence proves nothing.
Tensors that everybody has (zeros, ones, masks, tables of positions) are equal by nature, so what counts is how much of
the bytes is equal, each content once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from mcla.artifacts.compare import Comparison
from mcla.licences.identify import Identification, fingerprints
from mcla.licences.offer import Offer, offers
from mcla.licences.question import Base, Relation
from mcla.licences.records import Licence
from mcla.licences.registry import Registry
from mcla.licences.rules.case import COPIED, DATA, IN_THE_FILE, OUTPUTS, begins
from mcla.licences.rules.fitting import fitting
from mcla.licences.rules.whole import asks_for_name
from mcla.licences.verdict import Verdict
from mcla.wording import Worded

Code = Literal[
    "more-permissive-than-base",
    "tensors-of-another",
    "file-of-a-family",
    "copy-under-another-licence",
    "file-differs-from-tag",
    "tag-names-no-text",
    "prefix-missing",
    "licence-newer-than-download",
    "data-without-licence",
    "rules-deny",
    "rules-review",
    "rules-open",
]
"""The last three are no signs: what the rules say of a contribution is told in their form by a check that asks."""


SENTENCES = MappingProxyType(
    {
        "more-permissive-than-base": "Declared is %(declared)s, which is freer than %(licence)s of the base %(base)s.",
        "tensors-of-another": "%(tensors)s of %(of_tensors)s tensors, %(share)s %% of bytes, are equal to %(artifact)s "
        "(%(licence)s), which is not named as a base.",
        "all-tensors": "All tensors are equal to %(artifact)s (%(licence)s), which is not named as a base.",
        "file-of-a-family": "%(path)s is known as a file of %(family)s (%(licence)s), and no base under that licence "
        "is named.",
        "copy-under-another-licence": "A %(relation)s of something under %(licence)s is declared %(declared)s.",
        "file-differs-from-tag": "The licence file has the words of %(licence)s and the tag says %(said)s.",
        "changed-file": "The licence file reads as a changed %(licence)s and the tag says %(said)s.",
        "unknown-file": "The licence file is not the text of %(said)s, which the tag says, and none that is known.",
        "file-differs-from-declared": "%(path)s has the words of %(licence)s, and %(said)s is declared.",
        "changed-beside": "%(path)s reads as a changed %(licence)s, and %(said)s is declared.",
        "unknown-beside": "%(path)s is not the text of %(said)s, which is declared, and none that is known.",
        "base-text-differs": "The licence text of %(base)s has the words of %(licence)s, and %(said)s is named.",
        "tag-names-no-text": "The tag %(tag)s does not say which licence text holds.",
        "prefix-missing": "The name %(name)s does not begin with %(prefix)s, as %(licence)s of a base asks.",
        "licence-newer-than-download": "%(licence)s is of %(text_date)s, and the base was downloaded "
        "before, on %(retrieved)s.",
        "data-without-licence": "No licence is told for training data: %(data)s.",
    }
)
"""What is said of each sign. A licence file that is near a known text is a `changed` one, one near none `unknown`; in a
check it stands beside a contribution. `all-tensors` is said where no tensor differs."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign: its `code`, a sentence, and `evidence` by name."""

    code: Code
    sentence: str
    evidence: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "sentence": str(self.sentence), "evidence": dict(self.evidence)}


LEAST_PER_MILLE = 50
"""Of the bytes, each content once: what is equal below that is no sign. A mask or a table of positions is less than
that of all but the smallest models, and stands in them many times with one content; a layer that was taken is more."""


@dataclass(frozen=True, slots=True)
class Match:
    """How much of the artifact is equal to tensors of `artifact`, which is known under `licence`: contents, each once,
    out of `of_tensors`, and their bytes out of `of_bytes`. All 0: everything is equal, and it was not counted."""

    artifact: str
    licence: str | None
    tensors: int
    of_tensors: int
    bytes: int
    of_bytes: int

    @classmethod
    def of(cls, artifact: str, licence: str | None, comparison: Comparison) -> "Match":
        """What a comparison of all the tensors found."""
        kept = {tensor.sha256: tensor.size for tensor in comparison.kept}
        new = {tensor.sha256: tensor.size for tensor in comparison.new.tensors}
        return cls(artifact, licence, len(kept), len(new), sum(kept.values()), sum(new.values()))

    @property
    def per_mille(self) -> int:
        """The share of the bytes, rounded down: 1000 means every one."""
        if self.tensors == self.of_tensors:
            return 1000
        return min(999, self.bytes * 1000 // max(1, self.of_bytes))


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose digest is that of a file of `family` (a model, or `sha256:HEX` of an artifact), known under
    `licence`. One file may be known of several. `source` is told where a list of somebody says so."""

    path: str
    sha256: str
    family: str
    licence: str | None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an artifact: `declared` outbound terms, `tag` on its hub, its licence file told by its words,
    the bases that were named, equal tensors and known files, and the licence of each training data set (None: none).

    `upstream` are all artifacts that it is known to rest on, also by way of others.
    """

    declared: str | None = None
    tag: str | None = None
    licence_file: Identification | None = None
    name: str | None = None
    bases: tuple[Base, ...] = ()
    upstream: frozenset[str] = frozenset()
    tensors: tuple[Match, ...] = ()
    files: tuple[Known, ...] = ()
    data: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))


def signals(seen: Seen, registry: Registry) -> tuple[Signal, ...]:
    """Every sign in what is seen, in a fixed order; raises `QuestionInvalid` where `declared` is no expression."""
    choices = offers(registry, seen.declared) if seen.declared else ()
    found = [
        *_more_permissive(seen, registry, choices),
        *_tensors(seen, registry, choices),
        *_files(seen, registry, choices),
        *_copies(seen, registry, choices),
        *_licence_file(seen, registry),
        *_tag(seen, registry),
        *_prefixes(seen, registry),
        *_newer(seen, registry),
        *_data(seen),
    ]
    return tuple(found)


_EVERY: tuple[Relation, ...] = get_args(Relation)


def _records(seen: Seen, registry: Registry, relations: Iterable[str] = _EVERY) -> list[tuple[Base, Licence]]:
    found = ((base, registry.find(base.licence).one) for base in seen.bases if base.relation in relations)
    return [(base, licence) for base, licence in found if licence]


def _more_permissive(seen: Seen, registry: Registry, choices: tuple[Offer, ...]) -> Iterable[Signal]:
    for base, licence in _records(seen, registry, IN_THE_FILE | DATA | OUTPUTS):
        if base.relation in OUTPUTS and licence.derivatives.distilled_from_outputs != "yes":
            continue  # the text does not count a student as made from it
        offer = next((each for each in choices if licence.id not in each.ids and _drops(licence, each, registry)), None)
        if offer is None:
            continue
        parts = {"declared": offer.label, "licence": licence.id, "base": base.name or base.licence}
        yield _signal("more-permissive-than-base", parts)


def _drops(licence: Licence, offer: Offer, registry: Registry) -> bool:
    """Whether the terms that go out drop something that the base's licence asks of them."""
    return max(each.verdict for each in fitting(licence, offer, registry.rulebook)) == Verdict.DENIED


def _tensors(seen: Seen, registry: Registry, choices: tuple[Offer, ...]) -> Iterable[Signal]:
    named = seen.upstream | {name for base in seen.bases for name in (base.name, base.sha256) if name}
    for match in seen.tensors:
        licence = _id(match.licence, registry)
        if not {match.artifact, match.artifact.removeprefix("sha256:")}.isdisjoint(named):
            continue
        if match.per_mille < LEAST_PER_MILLE or _offered(licence, choices):
            continue
        parts: dict[str, Any] = {
            "artifact": match.artifact,
            "licence": licence or "?",
            "tensors": match.tensors,
            "of_tensors": match.of_tensors,
            "bytes": match.bytes,
            "per_mille_of_bytes": match.per_mille,
            "share": f"{match.per_mille / 10:g}",
        }
        yield _signal("tensors-of-another", parts, "all-tensors" if match.per_mille == 1000 else None)


def _offered(licence: str | None, choices: tuple[Offer, ...]) -> bool:
    return bool(choices) and all(licence in offer.ids for offer in choices)


def _files(seen: Seen, registry: Registry, choices: tuple[Offer, ...]) -> Iterable[Signal]:
    """A file that came under the terms of a named base, the own ones or permissive ones from somewhere is no sign."""
    named = {licence.id for _, licence in _records(seen, registry, IN_THE_FILE)}
    several: dict[str, list[tuple[Known, str | None]]] = {}
    for known in seen.files:
        several.setdefault(known.sha256, []).append((known, _id(known.licence, registry)))
    for found in several.values():
        if any(
            licence in named or _leads_to(known, seen) or _offered(licence, choices) or _free(licence, registry)
            for known, licence in found
        ):
            continue
        known, licence = found[0]
        parts = {"path": known.path, "sha256": known.sha256, "family": known.family, "licence": licence or "?"}
        yield _signal("file-of-a-family", parts | ({"source": known.source} if known.source else {}))


def _leads_to(known: Known, seen: Seen) -> bool:
    """Whether the claims lead to the family by way of others; one that is itself named under another licence does not
    explain its file."""
    direct = {base.name.partition("@")[0] for base in seen.bases if base.name}
    return known.family not in direct and known.family in {name.partition("@")[0] for name in seen.upstream}


def _free(licence: str | None, registry: Registry) -> bool:
    record = registry.by_id(licence) if licence else None
    return record is not None and record.family == "permissive"


def _copies(seen: Seen, registry: Registry, choices: tuple[Offer, ...]) -> Iterable[Signal]:
    for base, licence in _records(seen, registry, COPIED):
        offer = next((each for each in choices if each.ids != {licence.id}), None)
        if offer is None:
            continue
        parts = {"relation": base.relation, "licence": licence.id, "declared": offer.label}
        yield _signal("copy-under-another-licence", parts)


def _licence_file(seen: Seen, registry: Registry) -> Iterable[Signal]:
    told, said = seen.licence_file, seen.tag or seen.declared
    if told is None or not said:
        return
    tagged = {licence.id for licence in registry.find(said).licences}
    if told.licence in tagged:
        return
    if not told.likeness and not (tagged and all(map(fingerprints().of, tagged))):
        return  # neither the file's words nor those of the tag are known
    near = told.likeness[0].licence if told.likeness else None
    parts = {"said": said, "sure": told.sure, "licence": near or "?", "sha256": told.sha256}
    sentence = "file-differs-from-tag" if told.sure == "same" else "changed-file" if near else "unknown-file"
    yield _signal("file-differs-from-tag", parts, sentence)


def _tag(seen: Seen, registry: Registry) -> Iterable[Signal]:
    if seen.tag is None:
        return
    match = registry.find(seen.tag)
    if match.one and match.one.id not in registry.rulebook.family_tags | registry.rulebook.no_licence:
        return
    parts = {"tag": seen.tag, "several": ", ".join(licence.id for licence in match.licences)}
    yield _signal("tag-names-no-text", parts)


def _prefixes(seen: Seen, registry: Registry) -> Iterable[Signal]:
    for base, licence in _records(seen, registry, IN_THE_FILE | OUTPUTS):
        prefix = licence.flow_down.name_prefix
        if not prefix or seen.name is None or not asks_for_name(licence, base.relation):
            continue
        if begins(seen.name, prefix):
            continue
        parts = {"name": seen.name, "prefix": prefix, "licence": licence.id}
        yield _signal("prefix-missing", parts)


def _newer(seen: Seen, registry: Registry) -> Iterable[Signal]:
    for base, licence in _records(seen, registry):
        if not licence.newer_than(base.retrieved):
            continue
        parts = {"licence": licence.id, "text_date": licence.text_date or "", "retrieved": base.retrieved or ""}
        yield _signal("licence-newer-than-download", parts)


def _data(seen: Seen) -> Iterable[Signal]:
    bare = sorted(name for name, licence in seen.data.items() if not licence)
    if bare:
        parts = {"data": ", ".join(bare[:20]), "number": len(bare)}
        yield _signal("data-without-licence", parts)


def _signal(code: Code, parts: Mapping[str, Any], sentence: str | None = None) -> Signal:
    return Signal(code, Worded(SENTENCES[sentence or code], **parts), parts)


def _id(licence: str | None, registry: Registry) -> str | None:
    known = registry.find(licence).one if licence else None
    return known.id if known else licence
