# SPDX-License-Identifier: Apache-2.0
"""What `mcla check` does beside the question in a CI job: a token for it, one comment about it, a word on bots.

None of it makes an answer better. What fails here is a notice, and without an answer no comment is made or edited: what
does not answer now may answer in a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcla.cli.check_formats.markdown import text_of
from mcla.cli.check_formats.report import Notice, Report, shown
from mcla.cli.failure import code_of
from mcla.cli.service import Service
from mcla.errors import MclaError
from mcla.forges.asking import api_of
from mcla.forges.comment import keep_one, thread_of
from mcla.forges.errors import ForgeError
from mcla.forges.job import Job
from mcla.forges.workload import id_token


def with_job_token(service: Service, project: str, environ: Mapping[str, str], **clock: Any) -> tuple[Notice, ...]:
    """Exchange the job's ID token for one of the project, where the forge gives any; a notice where that failed."""
    if service.token is not None:
        return ()
    try:
        given = id_token(environ, service.origin, **clock)
        if given is not None:
            asked = {"project": project, "subject_token": given}
            service.token = str(service.post("/api/v1/tokens/exchange", asked)["access_token"])
    except (MclaError, KeyError) as error:
        why = error.message if isinstance(error, MclaError) else "the service sent no token"
        code = code_of(error) if isinstance(error, MclaError) else "answer-invalid"
        step = "Asked without a token: authors without an account stay unknown."
        return (Notice(code, f"This job's ID token brought no access: {shown(why)}", step),)
    return ()


def keep_comment(report: Report, job: Job | None, environ: Mapping[str, str], **clock: Any) -> Report:
    """Make, edit or leave the comment on the job's pull request; the report says where that failed.

    A run that a newer commit has overtaken leaves the comment to that one's.
    """
    overtaken = any(each.code == "head-moved" for each in report.notices)
    if report.answer is None or overtaken or job is None or job.kind != "pull-request":
        return report
    try:
        with api_of(job, environ, **clock) as api:
            wanted = report.said.word != "covered"
            keep_one(thread_of(job, api), report.answer.project, text_of(report), wanted=wanted)
    except ForgeError as error:
        notice = Notice("comment-not-kept", f"The comment could not be kept: {shown(error.message)}", error.hint)
        return replace(report, notices=(*report.notices, notice))
    return report


def bots_in(report: Report, bots: frozenset[str]) -> Sequence[Notice]:
    """What to do about accounts that the forge says are no persons, where they are in the way."""
    return [
        Notice(
            "bot-account",
            f"{shown(each.label)} is a bot's account, which cannot sign.",
            f"Let the project's staff exempt it: {each.account.provider}:{each.account.subject}.",
        )
        for each in report.subjects
        if each.said.word != "covered" and each.account is not None and each.account.subject in bots
    ]
