# SPDX-License-Identifier: Apache-2.0
"""What fills the fields of the training-content template: declarations of what trains, or is trained on.

Each function gives what was declared and what is missing of which contribution.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from mcla.exports.evidence import Evidence
from mcla.exports.release import Given, Release
from mcla.licences.rules.case import IN_THE_FILE

Found: TypeAlias = tuple[list[Evidence], list[str]]
Fill: TypeAlias = Callable[[Release], Found]
_BUILT_ON = IN_THE_FILE | {"distillation", "trained-on-outputs"}
COLLECTED = {
    "own": "made by those who gave it",
    "licensed": "bought or licensed from others",
    "public-set": "taken from public data sets",
    "crawled": "crawled from the web",
    "users": "given by users",
    "generated": "made by a model",
}
_OPT_OUTS = {
    "not-from-web": "nothing came from the web",
    "respected": "site terms and machine-readable signals were respected",
    "by-source": "those who published the sources say that they respected opt-outs",
    "not-checked": "could not be checked",
}
_SCREENED = {
    "screened": "screened by whoever gave it",
    "by-source": "screened by those who published the sources",
    "not-screened": "not screened",
}


def nothing(release: Release) -> Found:
    """What no declaration asks for."""
    del release
    return [], []


def _says(given: Given, text: str) -> Evidence:
    return Evidence(f"{given.title}: {text}", given.statement.root)


def _data(release: Release) -> list[Given]:
    """Data that is trained on: test sets are not."""
    return [each for each in release.data if each.statement.kind != "eval"]


def _collected(release: Release, how: str) -> list[Given]:
    return [each for each in _data(release) if _how(each) == how]


def _how(given: Given) -> str | None:
    return "generated" if given.statement.kind == "synthetic" else given.text("collection")


def _each(several: Iterable[Given], tell: Callable[[Given], str]) -> Found:
    """What `tell` has of each contribution; those of which it has nothing are missing."""
    told = [(given, tell(given)) for given in several]
    return [_says(given, text) for given, text in told if text], [given.title for given, text in told if not text]


def models(release: Release) -> Found:
    whole = [Evidence(f"{release.name} {release.version}")] if release.weights else []
    return [*whole, *(Evidence(each.title, each.statement.root) for each in release.weights)], []


def dependencies(release: Release) -> Found:
    def tell(given: Given) -> str:
        rows = [f"{_named(row)} ({row['relation']})" for row in given.rows("bases") if row.get("relation") in _BUILT_ON]
        return "; ".join(rows) or ("none, it was made from scratch" if given.text("relation") == "scratch" else "")

    return _each(release.weights, tell)


def _named(row: Mapping[str, str]) -> str:
    revision = f"@{row['revision']}" if row.get("revision") else ""
    return row["name"] + revision


def modalities(release: Release) -> Found:
    found, missing = _each(_data(release), lambda given: given.shown("modality"))
    return found, [*missing, *_undescribed(release)]


def _undescribed(release: Release) -> list[str]:
    """Models whose training data is named and not among the data of the release, so that nothing describes it."""
    return [f"{each.title}: the data that it was trained on" for each in release.weights if _trained(each)]


def _trained(given: Given) -> bool:
    return given.text("compute_known") != "nothing-trained" and not _is_only_changed(given)


def _is_only_changed(given: Given) -> bool:
    return given.text("relation") in ("merge", "quantisation", "format-conversion")


def sizes(release: Release) -> Found:
    def tell(given: Given) -> str:
        size, kinds = given.shown("size"), given.shown("modality")
        return f"{size} of {kinds}" if size and kinds else size

    found, missing = _each(_data(release), tell)
    return found, [*missing, *_undescribed(release)]


def contents(release: Release) -> Found:
    found, missing = _each(_data(release), lambda given: given.text("intended_use") or given.title)
    return found, [*missing, *_undescribed(release)]


def latest_day(release: Release) -> Found:
    def tell(given: Given) -> str:
        return max(_days(given), default="")

    return _each([*_data(release), *filter(_trained, release.weights)], tell)


def _days(given: Given) -> Iterator[str]:
    for key in ("sources", "training_data"):
        yield from (row["retrieved"] for row in given.rows(key) if row.get("retrieved"))


def languages(release: Release) -> Found:
    found, missing = _each(_data(release), lambda given: given.text("languages") or "")
    return found, [*missing, *_undescribed(release)]


def characteristics(release: Release) -> Found:
    words = {"period": "from when to when", "bias": "known gaps", "personal_data": "data about people"}

    def tell(given: Given) -> str:
        return "; ".join(f"{label}: {told}" for key, label in words.items() if (told := given.shown(key)))

    return _each([*_data(release), *filter(_trained, release.weights)], tell)


def unsorted(release: Release) -> Found:
    """What the weights name as training data: whether it is public, licensed or private, no declaration says."""
    found = [_says(each, _source(row)) for each in release.weights for row in each.training_data]
    return [*found, *(_says(each, "how it was collected is not told") for each in _data(release) if not _how(each))], []


def _source(row: Mapping[str, str]) -> str:
    parts = [row[name] for name in ("url", "owner", "licence", "retrieved") if row.get(name)]
    return f"{row['name']} ({', '.join(parts)})" if parts else row["name"]


def used(how: str) -> Fill:
    """Yes where somebody declared it; never no."""
    return lambda release: ([_says(each, f"yes: {COLLECTED[how]}") for each in _collected(release, how)], [])


def modalities_of(how: str) -> Fill:
    """The modalities of data that was collected in one way."""
    return lambda release: _each(_collected(release, how), lambda given: given.shown("modality"))


def sources_of(how: str) -> Fill:
    """The sources of data that was collected in one way."""

    def tell(given: Given) -> str:
        return "; ".join(map(_source, given.rows("sources")))

    return lambda release: _each(_collected(release, how), tell)


def told_of(how: str, key: str) -> Fill:
    """One answer about data that was collected in one way."""
    return lambda release: _each(_collected(release, how), lambda given: given.text(key) or "")


def days_of(how: str) -> Fill:
    """From the first to the last day on which the sources were got."""

    def tell(given: Given) -> str:
        days = sorted(_days(given))
        return f"{days[0]} to {days[-1]}" if days else ""

    return lambda release: _each(_collected(release, how), tell)


def synthetic(release: Release) -> Found:
    def tell(given: Given) -> str:
        told = given.statement.declarations.get("synthetic_share")
        none = isinstance(told, Mapping) and not str(told.get("value")).strip("0.")
        if told and not none:
            return f"yes: {given.shown('synthetic_share')} of it"
        return "yes" if _is_made(given) else ""

    found, _ = _each(_data(release), tell)
    return found, []


def _is_made(given: Given) -> bool:
    return _how(given) == "generated" or any(True for _ in _makers(given))


def _makers(given: Given) -> Iterator[Mapping[str, str]]:
    for key in ("generators", "generated_by"):
        yield from given.rows(key)


def generators(release: Release) -> Found:
    made = filter(_is_made, _data(release))

    def tell(given: Given) -> str:
        return "; ".join(f"{_named(row)} ({row.get('licence', 'terms not told')})" for row in _makers(given))

    return _each(made, tell)


def opt_outs(release: Release) -> Found:
    def tell(given: Given) -> str:
        said = _OPT_OUTS.get(given.text("opt_outs") or "", "")
        return "; ".join(filter(None, (said, given.text("crawler"))))

    return _each(_all(release), tell)


def screening(release: Release) -> Found:
    def tell(given: Given) -> str:
        said = _SCREENED.get(given.text("screened") or "", "")
        checks = [_check(each) for each in given.entries("screening")]
        images = given.shown("known_images")
        compared = f"compared with known abuse images: {images.casefold()}" if images else ""
        return "; ".join(filter(None, (said, *checks, compared)))

    return _each(_all(release), tell)


def _check(row: Mapping[str, str]) -> str:
    return f"{row.get('method', '')} on {row.get('date', 'a day not told')}: {row.get('result', '')}"


def processing(release: Release) -> Found:
    words = {"changes": "changes", "annotators": "annotators", "memorisation_tested": "tested for what it repeats"}

    def tell(given: Given) -> str:
        return "; ".join(f"{label}: {told}" for key, label in words.items() if (told := given.shown(key)))

    found, _ = _each(_all(release), tell)
    return found, []


def _all(release: Release) -> list[Given]:
    return [*_data(release), *filter(_trained, release.weights)]
