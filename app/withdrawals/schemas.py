# SPDX-License-Identifier: Apache-2.0
"""JSON of the public notices about contributions that were taken back. Field names are a contract; nobody is named."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.platform.bodies import Answer
from app.withdrawals.cases import MOST, Case
from mcla.artifacts.digest import format_digest
from mcla.statements.parts import EndReason, Stage, format_time
from mcla.terms.taking_back import STEPS

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class PageQuery(BaseModel):
    """Which part of the list."""

    after: int = Field(default=-1, ge=-1, le=2**62, description="The log index of the last notice you have.")
    limit: int = Field(default=MOST, ge=1, le=MOST)


class StepOut(Answer):
    """One thing that the foundation does about it."""

    code: str = Field(json_schema_extra={"enum": list(STEPS)})
    sentence: str


class NoticeOut(Answer):
    """One contribution that was taken back: what, when, why, how far it had come, and what is done about it."""

    id: str
    contribution: str
    project: str
    kind: str
    root: Digest = Field(description="Root of the contribution's file list.")
    log_index: int = Field(ge=0, description="Of the withdrawal: it counts from there on.")
    time: datetime
    reason: EndReason
    stage: Stage | None = Field(description="How far it had come: decided or recorded by the foundation, else as told.")
    stage_from: Literal["foundation", "signer"] | None
    state: Literal["waiting", "allowed", "refused", "never-bound"] = Field(
        description="The foundation's answer; `never-bound`: an offer that it had not counter-signed needs none."
    )
    terms_say: Literal["yes", "no", "depends"] = Field(description="What the agreement's terms say of it.")
    due: datetime | None = Field(description="When the first answer is due; null where none is needed.")
    decided: datetime | None
    steps: list[StepOut]
    replacement: Digest | None
    bundle_url: str
    url: str


class RestingOut(Answer):
    """An artifact that claims say was made from what was taken back, `steps` away."""

    artifact: str
    name: str
    steps: int = Field(ge=1)
    taken_under: list[str] = Field(description="The licences under which it says to have taken it, directly.")
    ended_at: datetime | None


class NoticeWithRestOut(NoticeOut):
    """A notice with whom it concerns: everything downstream, as public contributions claim it."""

    downstream: list[RestingOut] = Field(description="Nearest first.")
    downstream_whole: bool


class NoticesOut(Answer):
    """Notices in the order of the log; `next` is the address of those after them."""

    notices: list[NoticeOut]
    next: str | None


def notice_out(case: Case, origin: str) -> dict[str, Any]:
    """The JSON of one notice."""
    decided = case.decided
    known = case.decided is not None or case.recorded_stage is not None
    return {
        "id": case.id,
        "contribution": case.contribution_id,
        "project": case.project,
        "kind": case.kind,
        "root": format_digest(case.root),
        "log_index": case.log_index,
        "time": format_time(case.signed_at),
        "reason": case.reason,
        "stage": case.stage,
        "stage_from": "foundation" if known else "signer" if case.claimed_stage else None,
        "state": case.state,
        "terms_say": case.said.answer,
        "due": None if case.never_bound else format_time(case.due_at),
        "decided": format_time(decided.decided_at) if decided else None,
        "steps": [{"code": each, "sentence": STEPS[each]} for each in (decided.steps if decided else ())],
        "replacement": format_digest(decided.replacement) if decided and decided.replacement else None,
        "bundle_url": f"{origin}/api/v1/withdrawals/{case.id}/bundle",
        "url": f"{origin}/withdrawals/{case.id}",
    }


def rest_out(rest: Any) -> dict[str, Any]:
    """The JSON of what rests on it."""
    return {
        "downstream": [
            {
                "artifact": each.node,
                "name": each.name,
                "steps": each.steps,
                "taken_under": list(each.under),
                "ended_at": format_time(each.ended_at) if each.ended_at else None,
            }
            for each in rest.several
        ],
        "downstream_whole": rest.whole,
    }
