# SPDX-License-Identifier: Apache-2.0
"""What the rules and the signs say of one contribution as a node of a lineage."""

from app.licences.origins import Given, Origins
from mcla.licences import claimed
from mcla.licences.claimed import NOTHING, Judged


def judge(given: Given, around: Origins | None = None) -> Judged:
    """Judge one by its claims, its project's stance, and what is known beside them where that was looked for."""
    beside = around.beside.get(given.id, NOTHING) if around else NOTHING
    return claimed.judge(given.outbound, given.title, given.bases, beside, given.stance.policy)
