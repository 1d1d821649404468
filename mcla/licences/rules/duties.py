# SPDX-License-Identifier: Apache-2.0
"""What goes along with an artifact because of a base, as far as nothing shows that it does.

Duties are told also where the verdict is denied: whoever mends the terms sees at once what else is due. They come under
the rule that governs the outbound terms; the name of a model has a rule of its own (R-SCALE-2).
"""

import re
from functools import lru_cache

from mcla.licences.meanings import DUTIES
from mcla.licences.rules.case import MATERIAL, NEEDS_NOTICE, NOTHING, Case, Found, folded
from mcla.wording import Joined


def of_what_ships(case: Case, rule: str) -> Found:
    """Copies, notices, credit and documentation for what contains or derives from the base."""
    licence, situation, relation = case.licence, case.situation, case.base.relation
    flow, evidence = licence.flow_down, situation.question.evidence
    missing = []
    if flow.licence_copy and licence.id not in situation.copies:
        missing.append("licence_copy")
    if flow.notice_file and not evidence.notice_file:
        missing.append("notice_file")
    if flow.modified_notice and not evidence.modified_notice and relation != "verbatim-copy":
        missing.append("modified_notice")
    if _credit_is_due(case):
        missing.append("attribution_display")
    if flow.doc_retention and not evidence.docs_retained and relation not in MATERIAL:
        missing.append("doc_retention")
    return _missing(case, rule, missing)


def of_credit(case: Case, rule: str) -> Found:
    """Credit alone: what a model owes to data that it was trained on, and to outputs."""
    return _missing(case, rule, ["attribution_display"] if _credit_is_due(case) else [])


def of_name(case: Case) -> Found:
    """R-SCALE-2: the name begins with the words asked for; a name that is not given begins with none."""
    prefix = case.licence.flow_down.name_prefix
    if prefix is None or case.situation.is_named(prefix):
        return NOTHING
    return case.say("R-SCALE-2", NEEDS_NOTICE, "name-prefix", (f"name_prefix:{prefix}",), prefix=prefix)


def _missing(case: Case, rule: str, duties: list[str]) -> Found:
    if not duties:
        return NOTHING
    missing = tuple(f"{duty}:{case.licence.id}" for duty in duties)
    return case.say(rule, NEEDS_NOTICE, "duties", missing, duties=Joined("; ", (DUTIES[each] for each in duties)))


def _credit_is_due(case: Case) -> bool:
    display = case.licence.flow_down.attribution_display
    if display is None or case.licence.id in case.situation.attributed:
        return False
    condition = display_condition(display)
    return condition is None or (bool(condition) and condition in case.situation.name)


@lru_cache(maxsize=256)
def display_condition(display: str) -> str | None:
    """What limits a display: nothing, a threshold ("", see R-SCALE-3), or the models of one name, folded."""
    limited = re.search(r"\((?:only above threshold|(.+) models only)\)$", display)
    return folded(limited.group(1) or "") if limited else None
