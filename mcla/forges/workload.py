# SPDX-License-Identifier: Apache-2.0
"""The ID token that a forge makes for one job, so that no secret of the service has to be kept in CI.

GitHub gives it over HTTP to a job with the permission `id-token: write`, which a pull request from a fork never has.
GitLab puts it into a variable that the job's `id_tokens` names; here that is MCLA_ID_TOKEN, for CI of other kinds too.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mcla.forges.errors import ForgeAnswerInvalid
from mcla.forges.http import Api, bearer
from mcla.forges.reading import member

VARIABLE = "MCLA_ID_TOKEN"
ADDRESS, PASS = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # names of variables


def id_token(environ: Mapping[str, str], audience: str, **clock: Any) -> str | None:
    """The job's ID token made for `audience` (the service's origin); None where the job may have none.

    Raises `ForgeError` where the forge promised one and does not give it.
    """
    if given := environ.get(VARIABLE, "").strip():
        return given
    address, word = environ.get(ADDRESS, ""), environ.get(PASS, "")
    if not address or not word:
        return None
    parts = urlsplit(address)
    with Api(f"{parts.scheme}://{parts.netloc}", bearer(word), **clock) as api:
        told = member(api.get(parts.path, **dict(parse_qsl(parts.query)), audience=audience), "value")
    if not isinstance(told, str) or not told:
        raise ForgeAnswerInvalid("The forge sent no ID token where it promised one.")
    return told
