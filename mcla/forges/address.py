# SPDX-License-Identifier: Apache-2.0
"""A change named by its page's address, for CI that is no part of the forge: which forge it is, where its API is.

The form of the path tells the forge: `/pull/7` is GitHub, `/pulls/7` Gitea or Forgejo, `/merge_requests/7` GitLab.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from mcla.forges import gitlab
from mcla.forges.asking import api_of
from mcla.forges.errors import ForgeError
from mcla.forges.http import Api
from mcla.forges.job import Job
from mcla.forges.reading import commit_id, member, seen

_PULL = re.compile(r"/([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)/(pull|pulls)/([1-9][0-9]{0,9})/?", re.ASCII)
_REQUEST = re.compile(r"/([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+?)(?:/-)?/merge_requests/([1-9][0-9]{0,9})/?", re.ASCII)
_NO_COMMIT = "0" * 40


class AddressInvalid(ForgeError):
    """An address is not that of a pull or merge request."""

    code = "change-address-invalid"
    hint = "Give the address of its page, such as https://github.com/OWNER/NAME/pull/7."


def job_at(address: str, environ: Mapping[str, str], provider: str | None = None, **clock: Any) -> Job:
    """The change at that address as its forge tells it now; one request. Raises `ForgeError`."""
    job = _named(address, provider)
    with api_of(job, environ, **clock) as api:
        return _asked(job, api)


def _named(address: str, provider: str | None) -> Job:
    """Everything that the address itself says; the commits are asked for."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    pull, request = _PULL.fullmatch(parts.path), _REQUEST.fullmatch(parts.path)
    site = f"{parts.scheme}://{parts.netloc}"
    if not parts.hostname or parts.query or (pull is None and request is None):
        raise AddressInvalid(f"expected the address of a pull or merge request, got {address[:100]!a}")
    start: dict[str, Any] = {"kind": "pull-request", "head": _NO_COMMIT}
    if pull is None:
        assert request is not None  # noqa: S101  # narrows the type
        start |= {"repository": request[1], "number": int(request[2]), "provider": provider or "gitlab"}
        return Job(**start, forge="gitlab", api=f"{site}/api/v4", graphql=f"{site}/api/graphql")
    start |= {"repository": pull[1], "number": int(pull[3])}
    if pull[2] == "pulls":
        return Job(**start, forge="gitea", api=f"{site}/api/v1", provider=provider or "gitea")
    public = parts.netloc.lower() in ("github.com", "www.github.com")
    api = "https://api.github.com" if public else f"{site}/api/v3"
    graphql = f"{api}/graphql" if public else f"{site}/api/graphql"
    return Job(**start, forge="github", api=api, graphql=graphql, provider=provider or "github")


def _asked(job: Job, api: Api) -> Job:
    if job.forge == "gitlab":
        head, base, opener = gitlab.ends(job, api)
        return replace(job, head=head, base=base, opener=opener)
    told = api.get(f"/repos/{job.repository}/pulls/{job.number}")
    return replace(
        job,
        head=commit_id(member(told, "head", "sha"), "the pull request's head"),
        base=commit_id(member(told, "base", "sha"), "the pull request's base"),
        opener=seen(job.provider, member(told, "user")),
    )
