# SPDX-License-Identifier: Apache-2.0
"""Models trained on data: R-COPY-2, R-COPY-3, R-NC-2, R-ND-1, R-DATA-1 and R-PERM-1.

How far the terms of data reach into weights is mostly unsettled, so most of these points are a project's policy. Data
are credited; copies and notices go along with data alone.
"""

from mcla.licences.rules import duties
from mcla.licences.rules.case import ALLOWED, NEEDS_REVIEW, STANCES, Case, Found
from mcla.licences.rules.fitting import COPYLEFT
from mcla.licences.rules.knowing import unknown


def training(case: Case) -> Found:
    """What data under a licence ask of a model that was trained on them."""
    licence = case.licence
    if licence.type == "data-agreement":
        return case.say("R-DATA-1", ALLOWED, "data-train-free")
    found = _debated(case) or _settled(case)
    if licence.id in case.situation.book.results_free:
        return found
    return found + duties.of_credit(case, found[0].rule)


def _debated(case: Case) -> Found:
    licence, situation = case.licence, case.situation
    policy = situation.question.policy
    found: Found = ()
    if licence.share_alike in COPYLEFT | {"file"}:
        found += _share_alike(case)
    if licence.commercial_use == "no":
        found += case.debated("R-NC-2", STANCES[policy.nc_data], "nc-training")
    if licence.derivatives.outbound == "none":
        found += case.say("R-ND-1", NEEDS_REVIEW, "nd-training")
    return found


def _share_alike(case: Case) -> Found:
    """R-COPY-2: allowed where the model is shared alike, else a policy point."""
    offer = case.situation.offer
    if offer.share_alike or case.licence.id in offer.ids:
        return case.say("R-COPY-2", ALLOWED, "sa-training-kept")
    return case.debated("R-COPY-2", STANCES[case.situation.question.policy.sa_data], "sa-training-open")


def _settled(case: Case) -> Found:
    licence = case.licence
    if licence.share_alike == "data":
        return case.say("R-COPY-3", ALLOWED, "sa-data-results")
    if licence.family == "permissive":
        return case.say("R-PERM-1", ALLOWED, "permissive")
    return case.say("R-UNK-3", unknown(case.situation), "data-reach-open")
