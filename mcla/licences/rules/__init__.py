# SPDX-License-Identifier: Apache-2.0
"""The table of rules: which are asked for each way of using a base, in which order, and which of the whole.

The order is that of the facts: what is known and which text counts, the party, the way of using the base with its
outbound terms and duties, then conflicts between bases and the fit into the project. A rule is added here and nowhere
else. Its text is in `data/rules.json` under the id that its findings name.
"""

from types import MappingProxyType

from mcla.licences.records import Licence
from mcla.licences.rules.case import (
    CHANGED,
    COPIED,
    DATA,
    MATERIAL,
    OUTPUTS,
    TRAINED,
    Case,
    Found,
    Rule,
    RuleOfTheWhole,
    Situation,
)
from mcla.licences.rules.knowing import nameless, outputs_only, unidentified, unread, version
from mcla.licences.rules.outputs import outputs
from mcla.licences.rules.parties import business, owner, safeguards, territory, thresholds
from mcla.licences.rules.taking import copy, derivative, material, republished
from mcla.licences.rules.training import training
from mcla.licences.rules.whole import copyleft_with_limits, project, two_names, union

_PARTY: tuple[Rule, ...] = (unread, version, thresholds, territory, safeguards)

OF_A_BASE = MappingProxyType(
    {
        **dict.fromkeys(CHANGED, (outputs_only, *_PARTY, owner, business, derivative)),
        **dict.fromkeys(COPIED, (outputs_only, *_PARTY, business, copy)),
        **dict.fromkeys(MATERIAL, (outputs_only, *_PARTY, owner, business, material)),
        **dict.fromkeys(OUTPUTS, (*_PARTY, business, outputs)),
        **dict.fromkeys(TRAINED, (*_PARTY, training)),
        **dict.fromkeys(DATA, (*_PARTY, owner, business, republished)),
        "quantisation": (outputs_only, *_PARTY, owner, business, copy),
    }
)
"""Relation -> the rules asked of a base that is used so."""

OF_THE_WHOLE: tuple[RuleOfTheWhole, ...] = (union, copyleft_with_limits, two_names, nameless, project)

ENDING = frozenset({"no-licence", "outputs-only", "licensor-owns"})
"""Findings after which nothing more is asked of a base: there is no right that terms or duties could shape."""


def rules_of(relation: str, licence: Licence) -> tuple[Rule, ...]:
    """The rules for a base: a service's outputs are outputs also where they are called data, and data are data."""
    if licence.covers == ("output",) and relation in TRAINED | DATA:
        return OF_A_BASE["trained-on-outputs"]
    if licence.covers and set(licence.covers) <= {"data", "docs"} and relation in OUTPUTS:
        return OF_A_BASE["trained-on-data"]
    return OF_A_BASE[relation]


__all__ = ["ENDING", "OF_A_BASE", "OF_THE_WHOLE", "Case", "Found", "Situation", "rules_of", "unidentified"]
