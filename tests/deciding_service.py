# SPDX-License-Identifier: Apache-2.0
"""A service that decides checks with the real decision over facts that a test wrote: no database behind it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from serving import serving

from mcla.checks.answer import Basis, KindAnswer, PolicyUsed
from mcla.checks.change import Change, parse_change, policy_digest
from mcla.checks.deciding import decide
from mcla.checks.facts import Exemption, Facts, Given, OutboundTerms
from mcla.checks.people import ByAccount, ByAddress, Forge, people_of
from mcla.checks.policy import DEFAULT, PolicyInvalid, parse_policy
from mcla.errors import MclaError
from mcla.verify.standing import AsOf

NOW = datetime(2026, 11, 22, 11, 20, 5, tzinfo=UTC)
FORGES = (Forge("github", "github", "github.com"), Forge("gitlab", "gitlab", "gitlab.com"))
BASIS = Basis("contribution", "mcla-individual", "1.0.0", "2" * 64, 7, NOW)
SIGN = "https://mcla.example.org/sign/mcla-individual"
YES = KindAnswer("covered", "covered", "Signed.", BASIS)
NO = KindAnswer("not-covered", "account-unknown", "Nobody has signed in with this account.")


@dataclass
class Deciding:
    """What the service knows, and what it was asked. `signed` are the ids of GitHub accounts."""

    signed: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)
    """The kind of each file that was given, by digest."""
    size: int | None = None
    server_policy: str | None = None
    exempt: dict[ByAccount | ByAddress, Exemption] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Sent instead, one after the other, before anything is decided."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.headers.append({"authorization": environ.get("HTTP_AUTHORIZATION", "")})
        self.asked.append(json.loads(body))
        if self.answers:
            status, headers, answer = self.answers.pop(0)
        else:
            status, headers, answer = self._decided(body)
        start(f"{status} X", [("Content-Type", "application/json"), *headers.items()])
        return [answer]

    def _decided(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        try:
            change = parse_change(body)
        except MclaError as error:
            return 422, {}, json.dumps({"code": error.code, "detail": error.message}).encode()
        answer = decide(change, people_of(change, FORGES), self._facts(change))
        return 200, {}, json.dumps(answer.to_dict()).encode()

    def _facts(self, change: Change) -> Facts:
        text = self.server_policy if self.server_policy is not None else change.policy
        source = "server" if self.server_policy is not None else "repository" if text is not None else "default"
        try:
            policy, problem = DEFAULT if text is None else parse_policy(text), None
        except PolicyInvalid as error:
            policy, problem = None, error.message
        people = [change.opener, *(each for commit in change.commits for each in (commit.author, *commit.coauthors))]
        ids = {str(n) for n in range(1, 10)} | {each.subject for each in people if each and each.subject}
        return Facts(
            project=change.project,
            as_of=AsOf(42, change.as_of or NOW),
            policy=policy,
            used=PolicyUsed(source, policy_digest(text) if text is not None else None, problem),  # type: ignore[arg-type]
            accounts={ByAccount("github", each): {"code": YES if each in self.signed else NO} for each in ids}
            | {ByAccount("gitlab", each): {"code": NO} for each in ids},
            addresses={},
            exempt=self.exempt,
            given={digest: (self._given(kind),) for digest, kind in self.given.items()},
            sign_urls={"code": SIGN},
        )

    def _given(self, kind: str) -> Given:
        terms = OutboundTerms("listed", ("Apache-2.0",))
        return Given(
            contribution="ctr_1",
            kind=kind,
            schedule="W",
            key_holder="cli",
            basis=BASIS,
            outbound=terms,
            found="file",
            size=self.size,
            proven=True,
            state="in-force",
            sentence="In force.",
        )


@contextmanager
def deciding() -> Iterator[tuple[Deciding, str]]:
    """The service and its address, until the block ends."""
    service = Deciding()
    with serving(service) as origin:
        yield service, origin
