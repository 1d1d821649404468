# SPDX-License-Identifier: Apache-2.0
"""What no base shows alone: merges whose parts bar each other, two names that both come first, and the project.

R-MERGE-1, R-MERGE-2, R-MERGE-3 and R-PROJ-1.
"""

from itertools import combinations

from mcla.licences.offer import UNREAD, Offer, offers
from mcla.licences.records import Licence
from mcla.licences.rules.case import (
    ALLOWED,
    DENIED,
    IN_THE_FILE,
    NEEDS_REVIEW,
    NOTHING,
    OUTPUTS,
    Found,
    Situation,
    folded,
)
from mcla.licences.rules.fitting import COPYLEFT, fitting, is_permissive
from mcla.licences.rules.knowing import OF_WEIGHTS
from mcla.licences.verdict import Finding, Verdict


def union(situation: Situation) -> Found:
    """R-MERGE-3: named for every merge of several parts; what it asks for stands in their findings."""
    relations = [base.relation for base in situation.question.bases if base.relation in IN_THE_FILE]
    if len(relations) < 2 or not (situation.question.kind == "merge" or "merge" in relations):
        return NOTHING
    return (Finding("R-MERGE-3", ALLOWED, "merge-union", {}),)


def copyleft_with_limits(situation: Situation) -> Found:
    """R-MERGE-1: copyleft weights in one file with others that bring in limits which it does not have itself."""
    parts = situation.in_the_file.values()
    for licence in parts if len(parts) > 1 else ():
        if licence.share_alike in COPYLEFT:
            for other in parts:
                if other is not licence and _limits(other, licence):
                    return (Finding("R-MERGE-1", DENIED, "merge-copyleft", _two(licence, other)),)
    return NOTHING


def _limits(other: Licence, copyleft: Licence) -> bool:
    """Whether `other` limits use, scale or business beyond what the copyleft text does itself."""
    noncommercial = other.commercial_use != "yes" and copyleft.commercial_use == "yes"
    scale = bool(other.thresholds) or other.family == "commercial-scale"
    use = bool(set(other.restrictions) - set(copyleft.restrictions)) or UNREAD in other.restrictions
    return noncommercial or scale or use or other.derivatives.outbound == "none"


def _two(licence: Licence, other: Licence) -> dict[str, str]:
    return {"licence": licence.id, "other": other.id}


def two_names(situation: Situation) -> Found:
    """R-MERGE-2: two names that both come first, neither of which begins with the other."""
    asking = {
        case.licence.flow_down.name_prefix: case.licence
        for case in situation.cases
        if case.licence.flow_down.name_prefix and asks_for_name(case.licence, case.base.relation)
    }
    for (one, licence), (two, other) in combinations(asking.items(), 2):
        short, long = sorted((folded(one or ""), folded(two or "")), key=len)
        if not long.startswith(short):
            parts = {**_two(licence, other), "prefixes": f"{one}, {two}"}
            return (Finding("R-MERGE-2", DENIED, "merge-names", parts),)
    return NOTHING


def asks_for_name(licence: Licence, relation: str) -> bool:
    """Whether the name that a licence asks for is asked of what was made from its material in this way."""
    if relation not in OUTPUTS:
        return relation in IN_THE_FILE
    return licence.output_training == "allowed-with-name" or licence.derivatives.distilled_from_outputs == "yes"


def project(situation: Situation) -> Found:
    """R-PROJ-1: what goes out with the part fits what the project gives out under; one of several is enough."""
    outbound = situation.question.context.project_outbound
    if not outbound:
        return NOTHING
    verdict = min(_into(situation, each) for each in outbound)
    if verdict == ALLOWED:
        return NOTHING
    code = "project-limits" if verdict == DENIED else "project-unknown"
    return (Finding("R-PROJ-1", verdict, code, {"project": ", ".join(outbound)}),)


def _into(situation: Situation, project: str) -> Verdict:
    return max(_part_into(situation, each) for each in offers(situation.registry, project))


def _part_into(situation: Situation, project: Offer) -> Verdict:
    part, book = situation.offer, situation.book
    known = [finding.verdict for each in part.records for finding in fitting(each, project, book)]
    known += [_limits_into(each) for each in part.records if each.id not in project.ids]
    return max((*known, _unrecorded_into(part, project)))


def _limits_into(licence: Licence) -> Verdict:
    """What a text takes from parties by size, business or place, which a project's other terms do not; and whether
    anything that it may take is unknown."""
    if licence.territory_excluded or (licence.knows("thresholds") and _takes_rights(licence)):
        return DENIED
    sure = is_permissive(licence) or all(map(licence.knows, OF_WEIGHTS))
    return ALLOWED if sure else NEEDS_REVIEW


def _takes_rights(licence: Licence) -> bool:
    return any(limit.effect != "display-required" for limit in licence.thresholds)


def _unrecorded_into(part: Offer, project: Offer) -> Verdict:
    """The same for terms of which no record tells the limits."""
    own, strange = part.own, part.ids - {record.id for record in part.records} - project.ids
    if part.closed or (own and own.restrictions and not own.restrictions <= project.restrictions):
        return DENIED if part.closed or project.restrictions_known else NEEDS_REVIEW
    if own and own.commercial_use == "no" and project.noncommercial is False:
        return DENIED
    said = own is not None and own.restrictions is not None and own.commercial_use is not None
    return NEEDS_REVIEW if (strange or not part.ids) and not said else ALLOWED
