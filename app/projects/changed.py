# SPDX-License-Identifier: Apache-2.0
"""Noting that something changed which a check may have to answer otherwise: one job, in the transaction of the fact.

Facts arise in nouns far below checks, which none of them knows; they leave a job here and whoever asks again takes it.
Every fact leaves its own, also while another waits: only a job that was committed with its fact is sure to see it.
"""

from sqlalchemy.orm import Session

from app.platform.clock import Clock
from app.platform.jobs import add_job

ASK_JOB = "checks.ask-again"
EVERYWHERE = "*"


def note_change(session: Session, clock: Clock, of: str) -> None:
    """Let the checks that wait be asked again: those of one project or of a foundation, by id, or `EVERYWHERE`."""
    add_job(session, clock, ASK_JOB, {"of": of})
