# SPDX-License-Identifier: Apache-2.0
"""What each way of taking a base itself asks for: derivatives, copies, data again, code.

A rule of outbound terms that governs is named whether it is met or not; one that looks for a fault only where it is.
"""

from dataclasses import replace

from mcla.licences.records import Licence
from mcla.licences.registry import LATER
from mcla.licences.rules import duties
from mcla.licences.rules.case import ALLOWED, DENIED, NEEDS_REVIEW, STANCES, Case, Found
from mcla.licences.rules.fitting import fitting, same_or_named


def derivative(case: Case) -> Found:
    """Changed weights or a component of them: the outbound terms, what ships along, and the name."""
    return _with_duties(case, _adapter(case, _fitting(case))) + duties.of_name(case)


def republished(case: Case) -> Found:
    """Data taken on: the outbound terms and what ships along."""
    return _with_duties(case, _fitting(case))


def copy(case: Case) -> Found:
    """R-QUANT-1: nothing was made, so the base's licence stays. Quantising adapts all the same (R-ND-1)."""
    licence, offer = case.licence, case.situation.offer
    no_quantising = licence.derivatives.outbound == "none" and case.base.relation == "quantisation"
    if licence.family == "permissive" or licence.type == "data-agreement" or no_quantising:
        return _with_duties(case, _fitting(case)) + duties.of_name(case)
    if offer.ids == {licence.id} and not offer.adds_limits:
        found = case.say("R-QUANT-1", ALLOWED, "copy-kept")
    else:
        found = case.say("R-QUANT-1", DENIED, "copy-relabelled", declared=offer.label)
    return _with_duties(case, found) + duties.of_name(case)


def material(case: Case) -> Found:
    """Code and recipes: as derivatives, but that a RAIL binds the model alone and a file copyleft its own files."""
    licence, offer = case.licence, case.situation.offer
    if licence.family not in ("permissive", "copyleft") and not {"code", "docs"} & set(licence.covers):
        return case.say("R-UNK-3", NEEDS_REVIEW, "not-covered")
    if licence.family == "rail":
        found = case.say("R-RAIL-1", ALLOWED, "list-not-for-code")
    elif licence.share_alike == "file" and not same_or_named(licence, offer, case.situation.book):
        found = case.say("R-COPY-1", NEEDS_REVIEW, "copyleft-files")
    else:
        found = _fitting(case)
    return _with_duties(case, found)


def _fitting(case: Case) -> Found:
    """What governs the base; of one that is given under any later version, under the one that suits best."""
    situation = case.situation
    versions = [fitting(each, situation.offer, situation.book) for each in (case.licence, *_later(case))]
    found = min(versions, key=lambda each: max(finding.verdict for finding in each))
    return tuple(replace(finding, base=case.place) for finding in found)


def _later(case: Case) -> list[Licence]:
    if not case.base.licence.strip().casefold().endswith(LATER):
        return []
    registry = case.situation.registry
    return [registry.get(each) for each in sorted(case.situation.book.later.get(case.licence.id, ()))]


def _with_duties(case: Case, found: Found) -> Found:
    if found[0].code == "data-kept-back":  # no duty makes up for a right that is not given
        return found
    return found + duties.of_what_ships(case, found[0].rule)


def _adapter(case: Case, found: Found) -> Found:
    """R-ADAPT-1: own terms for an adapter that holds no base weights, where the text does not name adapters."""
    situation, licence = case.situation, case.licence
    if case.base.relation != "adapter" or all(finding.verdict == ALLOWED for finding in found):
        return found
    named = licence.derivatives.adapter == "yes" or situation.question.evidence.includes_base_weights
    if named or licence.id in situation.offer.ids or licence.type == "data-agreement":
        return found
    return case.debated("R-ADAPT-1", STANCES[situation.question.policy.adapter_only], "adapter-own-terms")
