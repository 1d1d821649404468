# SPDX-License-Identifier: Apache-2.0
"""The file that somebody needs who claims the AI Act's exemption for open models: its items, what proven contributions
show for each or against it, and what is missing.

The Act knows no certified licence. What it knows is Art. 53(2), with the conditions that the Commission's guidelines
read from it, and two duties that stay. An item is never called met: whoever gives the file answers for it. Evidence
names the contribution that it stands in, by the root of its manifest, so that it can be proven again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from mcla.exports import safe_harbour_duties as duties
from mcla.exports.ai_act import ACT, DISCLAIMER, GUIDELINES, State, exemption, rests_on, says
from mcla.exports.evidence import Evidence, Item, counts, of
from mcla.exports.release import MODELS, Given, Release, known_licence
from mcla.exports.safe_harbour_compute import NO_WEIGHTS, modification, systemic_risk
from mcla.licences.rules.case import IN_THE_FILE
from mcla.wording import Worded

CONDITION = Worded("%(act)s, %(part)s; %(guidelines)s", act=ACT, part="Art. 53(2)", guidelines=GUIDELINES)


def items_of(release: Release, vouched: Sequence[duties.Vouched] = ()) -> tuple[Item, ...]:
    """Every item of the file for a release, in the order of the Act, with what others have `vouched` for."""
    return (*(item(release) for item in _ITEMS), duties.certification(release, vouched))


def told(release: Release, vouched: Sequence[duties.Vouched] = ()) -> dict[str, Any]:
    """The file as JSON values, with what it rests on."""
    items = items_of(release, vouched)
    return {
        "release": {"name": release.name, "version": release.version},
        "items": [each.to_dict() for each in items],
        "counts": counts(items),
        "rests_on": rests_on(),
        "disclaimer": DISCLAIMER,
    }


_READS: Mapping[State, str] = {
    "met": Worded("which likely keeps the exemption"),
    "lost": Worded("which limits use or distribution as no open-source licence does"),
    "open": Worded("of which it is not settled whether it keeps the exemption"),
}


def _reads(name: str) -> State:
    licence = known_licence(name)
    return exemption([name], [licence] if licence else [])[0]


def _licences(release: Release) -> Item:
    evidence: list[Evidence] = []
    against: list[Evidence] = []
    missing: list[str] = []
    for each in release.given:
        if each.outbound is None:
            missing.append(says(each, Worded("the licence it goes out under")))
            continue
        state = _reads(each.outbound)
        found = of(each, Worded("goes out under %(licence)s, %(reads)s", licence=each.outbound, reads=_READS[state]))
        (against if state == "lost" else evidence).append(found)
        if state == "open":
            missing.append(says(each, Worded("a reading of this licence by somebody who may say so")))
    asks = Worded("Does its licence let everybody use, change and pass on the model?")
    return Item("licence", asks, CONDITION, tuple(evidence), tuple(against), tuple(missing))


_LICENCE_FILES = ("license", "licence", "copying")


def _licence_texts(release: Release) -> Item:
    evidence, missing = [], []
    for each in release.given:
        files = [(path, sha256) for path, sha256, _ in each.files() if _is_named(path, _LICENCE_FILES)]
        for path, sha256 in files:
            evidence.append(_file(each, path, sha256))
        if not files:
            missing.append(says(each, Worded("the text of its licence, among its files")))
    asks = Worded("Which licence texts go along?")
    return Item("licence-text", asks, CONDITION, tuple(evidence), (), tuple(missing))


def _file(given: Given, path: str, sha256: str) -> Evidence:
    return of(given, Worded("%(path)s is among its files, sha256:%(sha256)s", path=path, sha256=sha256))


def _is_named(path: str, stems: tuple[str, ...]) -> bool:
    return PurePosixPath(path).name.casefold().partition(".")[0].startswith(stems)


def _bases(release: Release) -> Item:
    evidence: list[Evidence] = []
    against: list[Evidence] = []
    missing: list[str] = []
    for each in release.given:
        for row in each.rows("bases"):
            state, told = _base(each, row)
            (against if state == "lost" else evidence).append(told)
            missing += [says(each, lack) for lack in _lacks(row)]
        if each.statement.kind in MODELS and each.text("relation") is None:
            missing.append(says(each, Worded("whether it was made from a base")))
        if each.text("relation") == "scratch":
            evidence.append(of(each, Worded("was made from scratch, without a base")))
    asks = Worded("What does it rest on, and under which terms?")
    return Item("bases", asks, CONDITION, tuple(evidence), tuple(against), tuple(missing))


def _base(given: Given, row: Mapping[str, str]) -> tuple[State, Evidence]:
    """What is declared of a base, and whether its terms, where they reach the model, lose the exemption."""
    parts = {name: row.get(name, "") for name in ("name", "relation", "licence")}
    if parts["relation"] not in IN_THE_FILE:
        return "open", of(given, Worded("rests on %(name)s (%(relation)s) under %(licence)s", **parts))
    state = _reads(parts["licence"])
    sentence = Worded("rests on %(name)s (%(relation)s) under %(licence)s, %(reads)s", reads=_READS[state], **parts)
    return state, of(given, sentence)


def _lacks(row: Mapping[str, str]) -> Iterator[str]:
    base = row["name"]
    if known_licence(row.get("licence", "")) is None:
        yield Worded("which licence text %(base)s was taken under", base=base)
    if "licence_sha256" not in row:
        yield Worded("the fingerprint of the licence text of %(base)s", base=base)
    if "retrieved" not in row:
        yield Worded("the day on which %(base)s was downloaded", base=base)


def _weights(release: Release) -> Item:
    evidence, missing = [], []
    for each in release.weights:
        files, size = each.statement.manifest.files, each.statement.manifest.bytes
        found = Worded("every file has its fingerprint; files: %(files)s, bytes: %(bytes)s", files=files, bytes=size)
        evidence.append(of(each, found))
        if published := each.text("published_at"):
            evidence.append(of(each, Worded("comes from %(place)s", place=published)))
        else:
            missing.append(says(each, Worded("the address where everybody can get the weights")))
    missing += [] if evidence else [NO_WEIGHTS]
    asks = Worded("Are the weights public?")
    return Item("weights", asks, CONDITION, tuple(evidence), (), tuple(missing))


def _declared(release: Release, keys: Mapping[str, str]) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """For each model, which of the declarations `keys` (key -> words for it) are there, and which are not."""
    evidence, missing = [], []
    for each in release.weights:
        for key, words in keys.items():
            if told := each.shown(key):
                evidence.append(of(each, Worded("%(what)s: %(told)s", what=words, told=told)))
            else:
                missing.append(says(each, words))
    return tuple(evidence), tuple(missing if release.weights else [NO_WEIGHTS])


_ARCHITECTURE = {"architecture": Worded("architecture"), "parameters": Worded("number of parameters")}
_USAGE = {
    "evaluation": Worded("evaluation"),
    "safeguards": Worded("safeguards"),
    "intended_use": Worded("what it is meant for"),
    "limits": Worded("what it should not be used for"),
}
_CARDS = ("readme", "model_card", "modelcard")


def _architecture(release: Release) -> Item:
    evidence, missing = _declared(release, _ARCHITECTURE)
    asks = Worded("Is its architecture public?")
    return Item("architecture", asks, CONDITION, evidence, (), missing)


def _usage(release: Release) -> Item:
    evidence, missing = _declared(release, _USAGE)
    cards = [
        _file(each, path, sha256)
        for each in release.weights
        for path, sha256, _ in each.files()
        if _is_named(path, _CARDS)
    ]
    missing += () if cards else (Worded("a model card or manual, among the files"),)
    asks = Worded("Is there public information on how to use it?")
    return Item("usage", asks, CONDITION, (*evidence, *cards), (), missing)


def _money(release: Release) -> Item:
    del release  # no declaration speaks of it
    missing = (Worded("how the model is offered, and for what"), Worded("which personal data its users have to give"))
    asks = Worded("Is it offered without money, and without personal data as the price?")
    return Item("no-monetisation", asks, CONDITION, missing=missing)


_ITEMS: tuple[Callable[[Release], Item], ...] = (
    duties.provider,
    _licences,
    _licence_texts,
    _bases,
    _weights,
    _architecture,
    _usage,
    _money,
    systemic_risk,
    modification,
    duties.copyright_policy,
    duties.training_summary,
    duties.rights,
    duties.code_of_practice,
)
