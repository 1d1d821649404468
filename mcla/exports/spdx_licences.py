# SPDX-License-Identifier: Apache-2.0
"""Declared licences as SPDX says them: an expression of ids where every one is known, no assertion otherwise."""

import re
from collections.abc import Iterator

from mcla.exports.release import known_licence
from mcla.exports.spdx_graph import Names, Part, relationship
from mcla.licences.asking import QuestionInvalid
from mcla.licences.offer import offers
from mcla.licences.records import Licence
from mcla.licences.registry import registry

NO_ASSERTION = "expandedlicensing_NoAssertionLicense"
NONE = "expandedlicensing_NoneLicense"


def declared(names: Names, package: str, text: str | None) -> Iterator[Part]:
    """The one declared licence of a package, and the one concluded: none, because nothing is concluded here."""
    to, comment = NO_ASSERTION, "Nobody declared a licence."
    if text:
        comment = f"Declared as: {text}"
        if (said := expression(text)) is not None:
            to = NONE if said == NONE else names.of("licence", said)
    if to not in (NO_ASSERTION, NONE):
        yield _element(names, said or "", text or "")
    yield relationship(names, package, "hasDeclaredLicense", [to], comment)
    yield relationship(names, package, "hasConcludedLicense", [NO_ASSERTION])


def expression(text: str) -> str | None:
    """`text` as a licence expression of SPDX (annex B); `NONE` where it says that there is no licence; None where some
    part is not known, or stands for several texts."""
    whole = known_licence(text)
    if whole is not None:
        return NONE if whole.id in registry().rulebook.no_licence else _id(whole)
    words = re.findall(r"[()]|[^\s()]+", text)
    found = {word: _id(licence) for word in words if (licence := known_licence(word)) is not None}
    if not {"AND", "OR"} & set(words) or not all(word in found or word in ("(", ")", "AND", "OR") for word in words):
        return None
    try:
        offers(registry(), text)
    except QuestionInvalid:
        return None
    if None in found.values():
        return None
    said = " ".join(found.get(word) or word for word in words)
    return said.replace("( ", "(").replace(" )", ")")


def _id(licence: Licence) -> str | None:
    """The id in an expression: SPDX's own, else a reference; None for a name that only stands for a family."""
    book = registry().rulebook
    if licence.id in book.family_tags | book.no_licence:
        return None
    return licence.spdx or "LicenseRef-" + licence.id.removeprefix("LicenseRef-")


def _element(names: Names, said: str, text: str) -> Part:
    known = known_licence(text)
    name = known.name if known else said
    return names.element("simplelicensing_LicenseExpression", "licence", said, name=name,
                         simplelicensing_licenseExpression=said)  # fmt: skip
