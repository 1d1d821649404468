# SPDX-License-Identifier: Apache-2.0
"""Asks the forge that runs this job about its change: finds the forge, the job and the token, and asks once."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcla.checks.change import Commit
from mcla.forges import gitea, github, gitlab
from mcla.forges.errors import ForgeError
from mcla.forges.http import Api, bearer, checked_token
from mcla.forges.job import Forge, Job, token_of
from mcla.forges.told import Proposal, Told

ASKS = {"github": github.ask, "gitea": gitea.ask, "gitlab": gitlab.ask}


def ask(job: Job, environ: Mapping[str, str], commits: Sequence[Commit] = (), **clock: Any) -> Told:
    """What the forge tells about `job`, and about the co-authors of `commits` as Git shows them.

    A forge that cannot be asked at all is told as the problem.
    """
    try:
        with api_of(job, environ, **clock) as api:
            return ASKS[job.forge](job, api, commits)
    except ForgeError as error:
        return Told((Proposal(job.head, job.base, job.opener, job.number),), problem=error)


def api_of(job: Job, environ: Mapping[str, str], **clock: Any) -> Api:
    """The forge's API with the job's token, or as anybody where it has none."""
    token = token_of(environ, job.forge)
    headers = github.HEADERS if job.forge == "github" else {}
    return Api(job.api, _header(job.forge, token) if token else None, headers, job.graphql, **clock)


def _header(forge: Forge, token: str) -> tuple[str, str]:
    # Tokens of GitLab's projects and people go into a header of their own; OAuth tokens would go as a bearer.
    return ("PRIVATE-TOKEN", checked_token(token)) if forge == "gitlab" else bearer(token)
