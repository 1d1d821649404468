# SPDX-License-Identifier: Apache-2.0
"""Training computing as declared, held against what the AI Act and its guidelines count from."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from mcla.exports.ai_act import ACT, says
from mcla.exports.evidence import Evidence, Item, of
from mcla.exports.release import Given, Release
from mcla.wording import Worded

SYSTEMIC_FLOP = Decimal("1e25")
"""Training computing above which a model is presumed to carry systemic risk (Art. 51(2)): the exemption is lost."""
NO_WEIGHTS = Worded("a contribution of weights or of an adapter")


def systemic_risk(release: Release) -> Item:
    evidence: list[Evidence] = []
    against: list[Evidence] = []
    missing: list[str] = [] if release.weights else [NO_WEIGHTS]
    for each in release.weights:
        took, base = _flop(each, "compute"), _flop(each, "base_compute")
        whole = (took or 0) + (base or 0)
        told = Worded("took %(flop)s FLOP, with its base as far as declared", flop=f"{whole:.3g}")
        if whole > SYSTEMIC_FLOP:
            against.append(of(each, told))
        elif took is None or (base is None and each.text("relation") != "scratch"):
            missing.append(says(each, Worded("its training computing in FLOP, with that of its base")))
        else:
            evidence.append(of(each, told))
    asks = Worded("Is it below the computing of 10^25 FLOP from which systemic risk is presumed?")
    return Item("systemic-risk", asks, f"{ACT}, Art. 51(2), 53(2)", tuple(evidence), tuple(against), tuple(missing))


def modification(release: Release) -> Item:
    evidence: list[Evidence] = []
    missing: list[str] = [] if release.weights else [NO_WEIGHTS]
    for each in release.weights:
        took, base = _flop(each, "compute"), _flop(each, "base_compute")
        if each.text("relation") == "scratch":
            evidence.append(of(each, Worded("was made from scratch, without a base")))
        elif took is None or not base:
            missing.append(says(each, Worded("its training computing and that of its base, both in FLOP")))
        elif took > base / 3:
            evidence.append(of(each, Worded("took more than a third of the computing of its base")))
        else:
            evidence.append(of(each, Worded("took not more than a third of the computing of its base")))
    asks = Worded(
        "Did the change take more than a third of the computing of its base, so that its maker is a provider?"
    )
    source = Worded("Commission's guidelines on general-purpose models, on who modifies one")
    return Item("modification", asks, source, tuple(evidence), (), tuple(missing))


def _flop(given: Given, key: str) -> Decimal | None:
    """A declared figure of computing in FLOP; zero where nothing was trained, None where it is not known so."""
    if key == "compute" and given.text("compute_known") == "nothing-trained":
        return Decimal(0)
    told: Any = given.statement.declarations.get(key)
    if not isinstance(told, Mapping) or told.get("unit") != "FLOP":
        return None
    try:
        figure = Decimal(str(told.get("value")))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() and figure >= 0 else None
