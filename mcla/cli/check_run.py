# SPDX-License-Identifier: Apache-2.0
"""One run of `mcla check`: look at the change, ask about it, and make a report, whatever happens on the way."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mcla.artifacts.listing import Listed, parse_listing
from mcla.checks.answer import Answer, Said, read_answer
from mcla.checks.change import Change
from mcla.checks.git.program import Repository, opened
from mcla.cli.check_answers import joined
from mcla.cli.check_asking import Asking
from mcla.cli.check_formats.report import ChangeTold, Notice, Report
from mcla.cli.check_looking import Seen, Wanted, look
from mcla.cli.failure import Exit, Failure, ServiceRefused, WrongUsage, code_of, exit_code_of
from mcla.cli.service import Service
from mcla.cli.target import read_file
from mcla.errors import MclaError

SLEEP = time.sleep
"""How to wait for a busy service."""
NOTHING = Said("covered", "nothing-to-check", "Nothing to check: no commit and no file differs.")
WRONG = frozenset({"base-missing", "repository-missing", "head-unborn", "group-apart", "project-unknown"})
"""What a caller got wrong: no such question can be asked."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for, and where."""

    wanted: Wanted
    project: str
    url: str
    as_of: datetime | None
    listing: Path | None
    token: str | None
    repository: Path


def report_of(run: Run, environment: Mapping[str, str]) -> Report:
    """The report; raises `WrongUsage` for a question that cannot be asked, and nothing else."""
    try:
        with Service(run.url, run.token, sleep=SLEEP) as service, opened(run.repository, environment) as repository:
            seen = look(repository, run.wanted, environment)
            return _report(run, seen, repository, service)
    except MclaError as error:
        if _is_wrong(error, run.wanted):
            raise _wrong(error) from error
        return Report(_unknown(error))


def _report(run: Run, seen: Seen, repository: Repository, service: Service) -> Report:
    told = tuple(ChangeTold(each.range.base, each.range.head, each.number) for each in seen.changes)
    asked_about = [each for each in seen.changes if not each.empty]
    if not asked_about:
        return Report(NOTHING, notices=seen.notices, changes=told)
    asking = Asking(lambda change: _sent(service, change), run.project, run.wanted.only, run.as_of, _listing(run))
    asked = [asking.ask(each, repository) for each in asked_about]
    answer = joined([each.answer for each in asked])
    notices = [*seen.notices, *dict.fromkeys(notice for each in asked for notice in each.notices)]
    return Report(_capped(answer.said, seen.problem), answer, tuple(notices), told)


def _sent(service: Service, change: Change) -> Answer:
    return read_answer(service.post("/api/v1/checks", change.to_dict(), again=True))


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
    return Said("unknown", code_of(error), f"{error.message} {why}".strip(), error.hint or None)
