# SPDX-License-Identifier: Apache-2.0
"""Training computing as declared, held against what the AI Act and its guidelines count from."""

from mcla.exports.ai_act import ACT, SYSTEMIC_FLOP, says
from mcla.exports.evidence import Evidence, Item, of
from mcla.exports.release import Release
from mcla.wording import Worded

NO_WEIGHTS = Worded("a contribution of weights or of an adapter")


def systemic_risk(release: Release) -> Item:
    evidence: list[Evidence] = []
    against: list[Evidence] = []
    missing: list[str] = [] if release.weights else [NO_WEIGHTS]
    for each in release.weights:
        took, base, whole = each.flop("compute"), each.flop("base_compute"), each.computing
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
        took, base = each.flop("compute"), each.flop("base_compute")
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
