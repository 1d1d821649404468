# SPDX-License-Identifier: Apache-2.0
"""A signed decision (`mcla.verify.svr`): one use of these files under these terms, for a gateway to demand.

Its subjects are the files, or the folder's root; it binds the outcome, the facts and what was looked at of bases, and
ends soon. A property says that the use is permitted for certain; what is denied, uncertain or hangs on a licence has
none. Another says that the bases of every file were looked at and bar nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.jsontext import canonical_json, parse_json
from mcla.artifacts.manifest import Manifest
from mcla.artifacts.paths import MANIFEST_NAME
from mcla.errors import MclaError
from mcla.statements.parts import StatementInvalid, format_time, parse_time
from mcla.tiers.errors import FactsInvalid
from mcla.tiers.terms import Terms
from mcla.verify.svr import Proven, Purpose, SignedAnswerInvalid, proven, statement_of
from mcla.verify.trust import TrustedRoot

T = TypeVar("T")
SCHEMA = "mcla.decision/1"
PURPOSE = Purpose("decisions", "mclaDecision", "decisions on uses")
USE_PERMITTED, USE_PERMITTED_WITH_DUTY = "MCLA_USE_PERMITTED", "MCLA_USE_PERMITTED_WITH_DUTY"
BASES_KEPT = "MCLA_BASES_KEPT"
"""Every file was given here, and nothing that its givers declare of its bases stands against the licence."""
LIFE = timedelta(hours=24)
"""How long a decision counts."""
MAX_SUBJECTS = 512
MAX_BYTES = 4 * 1024 * 1024
_PROPERTIES = {"permit": USE_PERMITTED, "permit-with-duty": USE_PERMITTED_WITH_DUTY}


class DecisionExpired(MclaError):
    """A signed decision does not count any more: facts, feed or terms may have changed since."""

    code = "decision-expired"
    hint = "Ask the service for a new decision on the same use."


class DecisionOther(MclaError):
    """A signed decision is about other files, other facts or other terms."""

    code = "decision-other"
    hint = "Ask the service for a decision on these files, facts and terms; a licence by the facts of the same release."


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """A decision whose signature holds: what came out, for which facts and files, by whom, from when until when."""

    document: Mapping[str, Any]
    digests: frozenset[str]
    origin: str
    time: datetime
    expires: datetime

    @property
    def effect(self) -> str:
        return str(self.document["outcome"]["effect"])

    @property
    def permits(self) -> bool:
        """Whether it says yes for certain, with or without duties."""
        return not {USE_PERMITTED, USE_PERMITTED_WITH_DUTY}.isdisjoint(_properties(self.document))

    @property
    def signs(self) -> list[dict[str, Any]]:
        """The signs of a lost licence that it tells, with `contribution`, `code` and `sentence`; what it only counts is
        one more of its own."""
        told = (self.document.get("bases") or {}).get("signs") or {"count": 0, "first": []}
        more = told["count"] - len(told["first"])
        beyond = {"contribution": "", "code": "signs-beyond", "sentence": f"{more} more signs are not told one by one."}
        return [*map(dict, told["first"]), *([beyond] if more > 0 else [])]

    def check_for(self, files: Manifest, use: Mapping[str, Any], terms: Terms, now: datetime) -> None:
        """Raise `DecisionExpired` or `DecisionOther` unless it counts now, for these files, facts and terms.

        Whoever asks a service for a decision names all three, so none of them may be taken from the decision.
        """
        if not counts_at(self.time, self.expires, now):
            raise DecisionExpired(f"expected a decision that counts at {now:%Y-%m-%d %H:%M} UTC, until {self.expires}")
        if self.document["use"] != use_digest(use):
            raise DecisionOther("expected a decision on the facts that were given, got one on others")
        named = self.document["outcome"]["terms"]
        if (named["id"], named["digest"]) != (terms.id, terms.digest):
            got = f"{str(named['id'])[:80]!a} sha256:{str(named['digest'])[:64]!a}"
            raise DecisionOther(f"expected a decision on the terms {terms.id} sha256:{terms.digest}, got one on {got}")
        missing = [each.path for each in files.files if each.sha256 not in self.digests]
        if files.root not in self.digests and missing:
            raise DecisionOther(f"expected a decision on every file, got one without {missing[0]}")


def use_digest(use: Mapping[str, Any]) -> str:
    """What names facts about a use, 64 hex; what is null counts as left out."""
    try:
        return sha256_hex(canonical_json({name: each for name, each in use.items() if each is not None}))
    except MclaError as error:
        raise FactsInvalid(error.message) from error


def document_of(
    outcome: Mapping[str, Any],
    use: Mapping[str, Any],
    now: datetime,
    bases: Mapping[str, Any],
    life: timedelta = LIFE,
    *,
    terms_claimed: bool = False,
) -> dict[str, Any]:
    """What is decided, as it is bound: `outcome` is an `Outcome.to_dict`, `bases` what `mcla.tiers.bases.look` found.

    It says what it rests on: what the asker claimed, which nobody looked at, the contributions whose givers declared
    something, and what the service itself knows. `terms_claimed`: the asker sent the terms.
    """
    facts = [f"use.{name}" for name, each in use.items() if each is not None and name not in ("schema", "date")]
    claimed = sorted(["files", *facts, *(["terms"] if terms_claimed else [])])
    own = {"terms": None if terms_claimed else outcome["terms"], "feed": outcome["feed"], "day": outcome["as_of"]}
    declared = [each["contribution"] for each in bases["looked_at"]]
    document = {"schema": SCHEMA, "outcome": dict(outcome), "use": use_digest(use), "bases": dict(bases)}
    rests_on = {"claimed": claimed, "declared": declared, "own": own}
    return document | {"rests_on": rests_on, "expires": format_time(now + life)}


def subjects_of(files: Manifest) -> list[dict[str, Any]]:
    """The files by digest, or the root over all of them where they are many."""
    if len(files.files) > MAX_SUBJECTS:
        return [{"name": MANIFEST_NAME, "digest": {"sha256": files.root}}]
    return [{"name": each.path, "digest": {"sha256": each.sha256}} for each in files.files]


def decision_statement(
    document: Mapping[str, Any], subjects: Sequence[Mapping[str, Any]], origin: str, now: datetime
) -> bytes:
    """The statement (RFC 8785) that is signed for a decision."""
    outcome = document["outcome"]
    policies = [{"uri": f"mcla:terms/{outcome['terms']['id']}", "digest": {"sha256": outcome["terms"]["digest"]}}]
    if outcome["feed"]["digest"]:
        policies.append({"uri": "mcla:feed", "digest": {"sha256": outcome["feed"]["digest"]}})
    bound = {"decision": {"sha256": sha256_hex(canonical_json(document))}, "expires": document["expires"]}
    bound["bases"] = document["bases"]["word"]
    return statement_of(PURPOSE, origin, now, subjects, policies, _properties(document), bound)


def verify_decision(data: bytes, trust: TrustedRoot) -> SignedDecision:
    """Read a decision with its `envelope` and check that the trust file's service signed exactly it.

    Whether it counts for some files now is `check_for`. Raises `SignedAnswerInvalid`, or what the failing part raises.
    """

    def read(document: Mapping[str, Any], result: Proven, expires: datetime) -> SignedDecision:
        if result.predicate[PURPOSE.extension].get("bases") != _bases_word(document):
            raise SignedAnswerInvalid("expected what the statement says of bases, got something else")
        return SignedDecision(document, _digests(result), result.origin, result.time, expires)

    return opened(data, trust, PURPOSE, _properties, read)


def opened(
    data: bytes,
    trust: TrustedRoot,
    purpose: Purpose,
    properties: Callable[[Mapping[str, Any]], tuple[str, ...]],
    read: Callable[[Mapping[str, Any], Proven, datetime], T],
) -> T:
    """What `read` makes of a document with its `envelope`, of its result and its end, where exactly it was signed.

    Raises `SignedAnswerInvalid`, or what the failing part raises.
    """
    value = parse_json(data, max_bytes=MAX_BYTES)
    if not isinstance(value, dict) or "envelope" not in value:
        raise SignedAnswerInvalid("expected a decision with its envelope, got something else")
    document = {name: each for name, each in value.items() if name != "envelope"}
    result = proven(value["envelope"], trust, purpose)
    bound = result.predicate[purpose.extension]
    if bound.get("decision") != {"sha256": sha256_hex(canonical_json(document))}:
        raise SignedAnswerInvalid("expected the decision that was signed, got one that was changed")
    try:
        if list(result.predicate["properties"]) != list(properties(document)):
            raise SignedAnswerInvalid("expected the properties of this decision, got others")
        return read(document, result, parse_time(document["expires"]))
    except (KeyError, TypeError, StatementInvalid) as error:
        raise SignedAnswerInvalid("expected a decision in its one form, got another") from error


def counts_at(time: datetime, expires: datetime, now: datetime) -> bool:
    """Whether what was decided at `time` counts now; clocks may differ by five minutes."""
    return time - timedelta(minutes=5) <= now < expires


def _properties(document: Mapping[str, Any]) -> tuple[str, ...]:
    outcome = document["outcome"]
    held = _PROPERTIES.get(outcome["effect"]) if outcome["certain"] is True else None
    kept = BASES_KEPT if _bases_word(document) == "kept" else None
    return tuple(each for each in (held, kept) if each)


def _bases_word(document: Mapping[str, Any]) -> str | None:
    """What it says of bases; None of one that is older than that."""
    bases = document.get("bases")
    return bases.get("word") if isinstance(bases, dict) else None


def _digests(result: Proven) -> frozenset[str]:
    return frozenset(str(each["digest"]["sha256"]) for each in result.subjects)
