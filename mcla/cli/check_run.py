# SPDX-License-Identifier: Apache-2.0
"""One run of `mcla check`: look at the change, ask about it, and make a report, whatever happens on the way."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcla.artifacts.listing import Listed, parse_listing
from mcla.checks.answer import Answer, Said, read_answer
from mcla.checks.change import Change
from mcla.checks.git.program import Repository, opened
from mcla.cli.check_answers import joined
from mcla.cli.check_asking import Asking, Send
from mcla.cli.check_beside import bots_in, keep_comment, with_job_token
from mcla.cli.check_evidence import check_not_brought
from mcla.cli.check_formats.report import ChangeTold, Notice, Report
from mcla.cli.check_keeping import keep_answers
from mcla.cli.check_looking import Seen, Wanted, look
from mcla.cli.failure import Exit, Failure, ServiceRefused, Unreachable, WrongUsage, code_of, exit_code_of
from mcla.cli.service import Service
from mcla.cli.target import read_file
from mcla.errors import MclaError

if TYPE_CHECKING:
    from mcla.cli.check_offline import Folder

SLEEP = time.sleep
"""How to wait for a busy service."""
NOTHING = Said("covered", "nothing-to-check", "Nothing to check: no commit and no file differs.")
WRONG = frozenset({"base-missing", "repository-missing", "head-unborn", "group-apart", "project-unknown", "time-unfit"})
"""What a caller got wrong: no such question can be asked."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for, and of whom: a service, a folder of proofs, or of that where the service is away."""

    wanted: Wanted
    project: str
    url: str | None
    as_of: datetime | None
    listing: Path | None
    token: str | None
    repository: Path
    folder: "Folder | None" = None
    comment: bool = False
    answer: Path | None = None
    """Where the answer is kept, signed by the service."""


def report_of(run: Run, environment: Mapping[str, str]) -> Report:
    """The report; raises `WrongUsage` for a question that cannot be asked, and nothing else."""
    try:
        with contextlib.ExitStack() as stack:
            service = stack.enter_context(Service(run.url, run.token, sleep=SLEEP)) if run.url else None
            repository = stack.enter_context(opened(run.repository, environment))
            seen = look(repository, run.wanted, environment)
            notices = with_job_token(service, run.project, environment) if service else ()
            report = _report(run, seen, repository, service)
            report = replace(report, notices=(*report.notices, *notices, *bots_in(report, seen.bots)))
            return keep_comment(report, seen.job, environment) if run.comment else report
    except MclaError as error:
        if _is_wrong(error, run.wanted):
            raise _wrong(error) from error
        return Report(_unknown(error))


def _report(run: Run, seen: Seen, repository: Repository, service: Service | None) -> Report:
    told = tuple(ChangeTold(each.range.base, each.range.head, each.number) for each in seen.changes)
    if all(each.empty for each in seen.changes):
        return Report(NOTHING, notices=seen.notices, changes=told)
    measures = [run.wanted.policy, *([run.folder.trust, run.folder.withdrawals] if run.folder else ())]
    check_not_brought(repository, seen.changes[0].range.base, seen.changes[-1].range.head, measures)
    if service is None:
        return _asked(run, seen, repository, _of_folder(run))
    kept: dict[str, dict[str, Any]] = {}
    try:
        report = _asked(run, seen, repository, lambda change: _of_service(service, change, kept))
    except (Unreachable, ServiceRefused) as error:
        if run.folder is None or exit_code_of(error) is not Exit.UNKNOWN:
            raise
        return replace(_unanswered(error, run, seen, repository), changes=told)
    if run.answer is not None:
        keep_answers(run.answer, told, kept)
    return report


def _asked(run: Run, seen: Seen, repository: Repository, send: Send) -> Report:
    asking = Asking(send, run.project, run.wanted.only, run.as_of, _listing(run), signed=run.answer is not None)
    asked = [asking.ask(each, repository) for each in seen.changes if not each.empty]
    answer = joined([each.answer for each in asked])
    told_first = [seen.problem] if seen.problem else []
    notices = [*told_first, *seen.notices, *dict.fromkeys(notice for each in asked for notice in each.notices)]
    told = tuple(ChangeTold(each.range.base, each.range.head, each.number) for each in seen.changes)
    return Report(_capped(answer.said, seen.problem), answer, tuple(notices), told)


def _of_service(service: Service, change: Change, kept: dict[str, dict[str, Any]]) -> Answer:
    """The answer; where it was to be signed it is `kept` by the change's head, as it came, the last one of two."""
    told = service.post("/api/v1/checks", change.to_dict(), again=True)
    if change.head is not None:
        kept[change.head] = told
    return read_answer(told)


def _of_folder(run: Run) -> Send:
    folder = run.folder
    assert folder is not None  # noqa: S101 - the command demands one of both
    return folder.answer


def _unanswered(error: MclaError, run: Run, seen: Seen, repository: Repository) -> Report:
    """The service is away: unknown, and whether the files at least are proven without it."""
    alone = replace(run, wanted=replace(run.wanted, only="artifacts"))
    files = [replace(each, commits=()) for each in seen.changes if each.files]
    step = "Ask without the service:  mcla check --only artifacts --bundles … --trust …"
    try:
        found = _asked(alone, replace(seen, changes=tuple(files)), repository, _of_folder(run)) if files else None
    except MclaError as fault:
        return Report(_unknown(error), notices=(Notice(fault.code, f"Nor do the bundles tell: {fault.message}"),))
    if found is None or not found.artifacts:
        return Report(_unknown(error), notices=(Notice("bundles-not-asked", "No file had to be proven by a bundle."),))
    if found.said.word == "covered":
        message = f"The bundles alone prove {found.counted}; about people they say nothing."
        return Report(_unknown(error), notices=(Notice("bundles-suffice", message, step),))
    short = Notice("bundles-insufficient", f"The bundles alone do not suffice: {found.said.reason}")
    return Report(_unknown(error), notices=(short,))


def _listing(run: Run) -> tuple[Listed, ...]:
    return parse_listing(read_file(run.listing, "listing")) if run.listing else ()


def _capped(said: Said, problem: Notice | None) -> Said:
    """Where the forge's word is not whole, there is no yes."""
    if problem is None or said.word == "not-covered":
        return said
    return Said("unknown", problem.code, problem.message, problem.next)


def _is_wrong(error: MclaError, wanted: Wanted) -> bool:
    by_hand = bool(wanted.names.base or wanted.names.head)
    wrong = WRONG | {"revision-unknown"} if by_hand else WRONG  # what a job names and the clone lacks is to be fetched
    return exit_code_of(error) is Exit.USAGE or code_of(error) in wrong


def _wrong(error: MclaError) -> MclaError:
    if isinstance(error, ServiceRefused):
        error.exit_code = Exit.USAGE
        return error
    return error if isinstance(error, WrongUsage) else WrongUsage(error.message, hint=error.hint)


def _unknown(error: MclaError) -> Said:
    """Why nothing is known."""
    why = error.why if isinstance(error, Failure) else ""
    reason = f"{error.message.rstrip('.')}: {why}" if why else error.message
    return Said("unknown", code_of(error), reason, error.hint or None)
