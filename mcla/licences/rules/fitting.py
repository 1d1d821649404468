# SPDX-License-Identifier: Apache-2.0
"""Whether what is made from a licence's material may go out under an offer of terms: the heart of the rules.

`fitting` answers with one finding for each property of the base that governs its outbound terms (copyleft,
non-commercial, no derivatives, use restrictions, a base part that stays), named whether it is met or not. Pure
functions of a record and an offer, so that the fit of a part into a project is the same question.
"""

from collections.abc import Callable
from typing import Any

from mcla.licences.meanings import RESTRICTIONS
from mcla.licences.offer import UNREAD, Offer
from mcla.licences.records import Licence
from mcla.licences.rulebook import Rulebook
from mcla.licences.rules.case import ALLOWED, DENIED, NEEDS_REVIEW, Found
from mcla.licences.verdict import Finding, Verdict
from mcla.wording import Joined

Fit = Callable[[Licence, Offer, Rulebook], Found]
COPYLEFT = frozenset({"work", "network", "model"})
_PASSED_ON = frozenset({"at-least-same", "same-or-equivalent", "whole-licence", "pass-to-users"})
_STAYS = frozenset({"own-terms-but-base-part-stays", "same"})


def fitting(licence: Licence, offer: Offer, book: Rulebook) -> Found:
    """What governs derivatives of `licence`, held against `offer`; never empty."""
    found: Found = ()
    for fit in governing(licence):
        found += fit(licence, offer, book)
    return found


def governing(licence: Licence) -> list[Fit]:
    """The rules of outbound terms that a record falls under."""
    outbound = licence.derivatives.outbound
    if licence.type == "data-agreement":
        return [kept_back]
    found: list[Fit] = []
    if licence.share_alike == "data":
        found.append(data_share_alike)
    elif licence.share_alike != "none":
        found.append(copyleft)
    if licence.commercial_use == "no":
        found.append(noncommercial)
    if outbound == "none":
        found.append(no_derivatives)
    if found:
        return found
    if is_permissive(licence):
        return [permissive]
    return [base_part] if outbound in _STAYS and licence.family != "rail" else [use_restricted]


def is_permissive(licence: Licence) -> bool:
    """Whether any outbound terms will do: a permissive text with a condition on them (C-UDA) is none."""
    return licence.family == "permissive" and licence.derivatives.outbound == "any"


def permissive(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-PERM-1: any outbound licence."""
    return _say(licence, offer, "R-PERM-1", ALLOWED, "permissive")


def copyleft(licence: Licence, offer: Offer, book: Rulebook) -> Found:
    """R-COPY-1: the same licence, or one that the text names, with nothing added to it."""
    if same_or_named(licence, offer, book):
        return _say(licence, offer, "R-COPY-1", ALLOWED, "copyleft-kept")
    return _say(licence, offer, "R-COPY-1", DENIED, "copyleft-broken")


def same_or_named(licence: Licence, offer: Offer, book: Rulebook) -> bool:
    """Whether the offer keeps a copyleft licence: itself, beside permissive parts alone, or one that it names."""
    if offer.adds_limits:
        return False
    if licence.id in offer.ids:
        return not offer.unrecorded and all(is_permissive(each) for each in offer.records if each.id != licence.id)
    return len(offer.ids) == 1 and offer.ids <= book.named_by_text.get(licence.id, frozenset())


def data_share_alike(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-COPY-3: republished or derived data stay under the same agreement."""
    if offer.ids == {licence.id} and not offer.adds_limits:
        return _say(licence, offer, "R-COPY-3", ALLOWED, "sa-data-kept")
    return _say(licence, offer, "R-COPY-3", DENIED, "sa-data-broken")


def noncommercial(licence: Licence, offer: Offer, book: Rulebook) -> Found:
    """R-NC-1: non-commercial outbound; where that holds, what else the text asks of them if they fall short of it."""
    if offer.noncommercial is False:
        return _say(licence, offer, "R-NC-1", DENIED, "nc-broken")
    if offer.noncommercial is None:
        return _say(licence, offer, "R-NC-1", NEEDS_REVIEW, "nc-unknown")
    kept = _say(licence, offer, "R-NC-1", ALLOWED, "nc-kept")
    if licence.derivatives.outbound in _STAYS and licence.share_alike == "none":
        return kept + _unmet(base_part(licence, offer, book))
    if licence.flow_down.use_restrictions in _PASSED_ON:
        return kept + _unmet(use_restricted(licence, offer, book))
    return kept


def no_derivatives(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-ND-1: what was adapted may not be shared, under whatever terms."""
    return _say(licence, offer, "R-ND-1", DENIED, "nd-shared")


def kept_back(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-DATA-1: no right to pass the data on."""
    return _say(licence, offer, "R-DATA-1", DENIED, "data-kept-back")


def use_restricted(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-RAIL-1: at least the base's list, as a term that can be enforced."""
    if licence.id in offer.ids and not (offer.own and not offer.own.enforceable):
        return _say(licence, offer, "R-RAIL-1", ALLOWED, "list-carried")
    if licence.flow_down.use_restrictions == "none":
        return _say(licence, offer, "R-RAIL-1", ALLOWED, "list-free")
    if offer.own and not offer.own.enforceable:
        return _say(licence, offer, "R-RAIL-1", DENIED, "list-unenforceable")
    lost = set(licence.restrictions) - {UNREAD} - offer.restrictions
    verdict, code = _of_the_list(licence, offer, lost)
    named = Joined("; ", (RESTRICTIONS[each] for each in sorted(lost)))
    return _say(licence, offer, "R-RAIL-1", verdict, code, lost=named)


def _of_the_list(licence: Licence, offer: Offer, lost: set[str]) -> tuple[Verdict, str]:
    unread = UNREAD in licence.restrictions or not licence.knows("restrictions")
    if not lost and not unread:
        return ALLOWED, "list-carried"
    equivalent = offer.own is not None and licence.id in offer.own.equivalent_to
    if equivalent and licence.flow_down.use_restrictions == "same-or-equivalent":
        return NEEDS_REVIEW, "list-equivalent"
    if not offer.restrictions_known:
        return NEEDS_REVIEW, "list-unknown"
    if lost:
        return DENIED, "list-lost"
    return (NEEDS_REVIEW, "list-unknown") if offer.restrictions else (DENIED, "list-lost-unread")


def base_part(licence: Licence, offer: Offer, book: Rulebook) -> Found:  # noqa: ARG001
    """R-SCALE-1: the base part stays under its licence; own terms stand beside it where the text lets them."""
    beside = offer.own is not None and offer.own.base_licence_kept and licence.derivatives.outbound != "same"
    if licence.id in offer.ids or beside:
        return _say(licence, offer, "R-SCALE-1", ALLOWED, "base-part-kept")
    return _say(licence, offer, "R-SCALE-1", DENIED, "base-part-relabelled")


def _unmet(found: Found) -> Found:
    return tuple(finding for finding in found if finding.verdict > ALLOWED)


def _say(licence: Licence, offer: Offer, rule: str, verdict: Verdict, code: str, **parts: Any) -> Found:
    return (Finding(rule, verdict, code, {"licence": licence.id, "declared": offer.label, **parts}),)
