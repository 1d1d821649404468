# SPDX-License-Identifier: Apache-2.0
"""The rule for each term: which class a change of its value has, from the signer's side.

What widens what a signer gives or promises, or narrows what a signer gets, is `material`, or `scoped` where the term
concerns some kinds only. What only relaxes is `notice`. A term without a rule here is `material` however it changes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mcla.terms.changes import MATERIAL, NOTICE, Verdict, scoped
from mcla.terms.kinds import PROMISE_KINDS

Rule = Callable[[Any, Any], Verdict]
SETS = frozenset(
    {
        "scope.kinds",
        "grant.to",
        "grant.patent.retaliation",
        "grant.data_rights.allowed",
        "outbound.licences",
        "privacy.public_fields",
        "company.second_release",
    }
)
"""Lists whose order says nothing."""
STANDARDS = ("off", "knowledge", "checked", "flat")


def verdict_on(key: str, old: Any, new: Any) -> Verdict:
    """The class of a change of the term `key` from `old` to `new`, two different values that the vocabulary allows."""
    promise = key.removeprefix("representations.")
    if promise != key:
        stricter = STANDARDS.index(new or "off") > STANDARDS.index(old or "off")
        return scoped(PROMISE_KINDS[promise]) if stricter else NOTICE
    rule = RULES.get(key)
    return MATERIAL if rule is None or old is None or new is None else rule(old, new)


def _told(_old: Any, _new: Any) -> Verdict:
    return NOTICE


def _if_more(old: Any, new: Any) -> Verdict:
    """A larger number is better for the signer, and yes better than no."""
    return NOTICE if new > old else MATERIAL


def _if_fewer(old: Any, new: Any) -> Verdict:
    """A smaller number is better for the signer."""
    return NOTICE if new < old else MATERIAL


def _if_only_removed(old: Sequence[Any], new: Sequence[Any]) -> Verdict:
    return NOTICE if set(new) < set(old) else MATERIAL


def _rising(*steps: str | tuple[str, ...]) -> Rule:
    """`steps` from the worst for the signer to the best; of values on one step neither is known to be better."""
    rank = {value: at for at, step in enumerate(steps) for value in (step if isinstance(step, tuple) else (step,))}

    def rule(old: Any, new: Any) -> Verdict:
        return NOTICE if rank.get(new, -1) > rank.get(old, len(steps)) else MATERIAL

    return rule


def _kinds(old: Sequence[Any], new: Sequence[Any]) -> Verdict:
    """A kind that comes in was never accepted; one that goes out asks nothing of anybody."""
    return scoped(set(new) - set(old))


def _either_way(old: Sequence[Any], new: Sequence[Any]) -> Verdict:
    return scoped(set(old) ^ set(new))


RULES: dict[str, Rule] = {
    "scope.kinds": _kinds,
    "grant.data_rights.allowed": lambda _old, _new: scoped(("data", "synthetic", "eval")),
    "outbound.promise": _rising("any", "open-only", "listed", "current-only"),
    "outbound.licences": _if_only_removed,
    "outbound.change": _rising("steward-decides", "notice", "contributor-vote", "none"),
    "safety.embargo_days": lambda _old, _new: scoped(("safety",)),
    "safety.hazard_max": lambda _old, _new: scoped(("safety",)),
    "safety.good_faith_no_claim": _if_more,
    "withdrawal.convenience_days": _if_more,
    "withdrawal.after_merge": _rising("none", "for-cause"),
    "withdrawal.unlearning": _rising("none", ("best-effort", "next-training"), "within-days"),
    "takedown.first_answer_days": _told,
    "privacy.public_fields": _if_only_removed,
    "privacy.retention": _rising("distribution-plus-limitation", "distribution"),
    "company.managers": _if_fewer,
    "company.second_release": _either_way,
    "company.own_signature": _rising("needed", "not-needed"),
}
