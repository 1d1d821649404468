# SPDX-License-Identifier: Apache-2.0
"""The answer: a word, a stable code, a sentence and the next step, for the whole change and for each part of it.

`not-covered` outweighs `unknown`: more knowledge would not mend a known no. Answers are printed in public CI logs, so
an address is never told in full.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from mcla.artifacts.jsontext import parse_json
from mcla.checks.change import MAX_BYTES, MAX_VALUES, Account, parse_moment
from mcla.errors import MclaError
from mcla.statements.parts import KINDS, Kind, format_time
from mcla.verify.standing import AsOf

Word = Literal["covered", "not-covered", "unknown"]
Role = Literal["opener", "author", "co-author", "committer"]
IdentifiedBy = Literal["account", "noreply", "verified-email", "nothing"]
Found = Literal["file", "member", "same-tensors"]
"""How a file was found: as a contribution's only file, as one of its files, or by equal tensors in other bytes."""
PolicySource = Literal["server", "repository", "default"]
BasisPath = Literal["individual", "company", "contribution"]

WORDS: tuple[Word, ...] = get_args(Word)
ROLES: tuple[Role, ...] = get_args(Role)
WORST_LAST: tuple[Word, ...] = ("covered", "unknown", "not-covered")
MAX_SHOWN_COMMITS = 5
MAX_SHOWN_PATHS = 5


class AnswerInvalid(MclaError):
    """What a service sent is no answer to a check, or contradicts itself; so it is no yes either."""

    code = "check-answer-invalid"
    hint = "Ask again; if it stays so, the address is not that of an MCLA service, or something in between rewrites it."


def worst(words: Iterable[Word]) -> Word:
    """The word for a whole of these parts; nothing at all is `unknown`."""
    return max(words, key=WORST_LAST.index, default="unknown")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a yes rests on: an agreement version, and the log entry of its acceptance or of the contribution.

    `digest` is the version's (64 hex, with or without `sha256:`). `until` is the time from which a newer version ends
    it, as far as was known then; None for no end known.
    """

    path: BasisPath
    slug: str
    version: str
    digest: str
    log_index: int
    since: datetime
    until: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        digest = f"sha256:{self.digest.removeprefix('sha256:')}"
        return {
            "path": self.path,
            "agreement": {"slug": self.slug, "version": self.version, "digest": digest},
            "log_index": self.log_index,
            "since": format_time(self.since),
            "until": format_time(self.until) if self.until else None,
        }


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """The answer for one kind: a word, a stable code and a sentence; `basis` with a yes alone."""

    word: Word
    code: str
    sentence: str
    basis: Basis | None = None

    def to_dict(self) -> dict[str, Any]:
        basis = self.basis.to_dict() if self.basis else None
        return {"verdict": self.word, "code": self.code, "reason": self.sentence, "basis": basis}


@dataclass(frozen=True, slots=True)
class Said:
    """A word with its stable `code`, a sentence, and what to do next where there is something to do."""

    word: Word
    code: str
    reason: str
    next: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"verdict": self.word, "code": self.code, "reason": self.reason, "next": self.next}


@dataclass(frozen=True, slots=True)
class SubjectAnswer:
    """The answer on one person or bot: who, in which roles and commits (the first five of `commits_total`).

    `label` is a name, a login or a masked address: what a reader recognises, never evidence. One that is not `required`
    is reported and weighs nothing.
    """

    said: Said
    roles: tuple[Role, ...]
    label: str
    identified_by: IdentifiedBy
    account: Account | None = None
    commits: tuple[str, ...] = ()
    commits_total: int = 0
    kinds: Mapping[Kind, KindAnswer] = field(default_factory=dict)
    sign_url: str | None = None
    required: bool = True

    def to_dict(self) -> dict[str, Any]:
        account = {"provider": self.account.provider, "subject": self.account.subject} if self.account else None
        return {
            "roles": list(self.roles),
            "account": account,
            "label": self.label,
            "commits": list(self.commits),
            "commits_total": self.commits_total,
            "identified_by": self.identified_by,
            "required": self.required,
            **self.said.to_dict(),
            "sign_url": self.sign_url,
            "kinds": {kind: each.to_dict() for kind, each in self.kinds.items()},
        }


@dataclass(frozen=True, slots=True)
class ArtifactAnswer:
    """The answer on one changed file: `kind` and number of the policy's `rule` (from 0; None without a policy).

    `contribution` is the id of the one that covers it or comes nearest, None where it may not be told.
    """

    said: Said
    path: str
    sha256: str | None
    size: int | None
    kind: Kind | None = None
    rule: int | None = None
    contribution: str | None = None
    found: Found | None = None
    sign_url: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": self.sha256,
            "size": self.size,
            "kind": self.kind,
            "rule": self.rule,
            **self.said.to_dict(),
            "sign_url": self.sign_url,
            "contribution": self.contribution,
            "as": self.found,
        }


def weighed(subjects: Iterable[SubjectAnswer], artifacts: Iterable[ArtifactAnswer]) -> list[Word]:
    """The words that make the whole."""
    return [each.said.word for each in subjects if each.required] + [each.said.word for each in artifacts]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that a licence was lost on the way (`mcla.licences.signals`): no accusation, a question to the giver.

    It is on a `contribution` that `paths` (the first five of `paths_total`) come with. `weighs`: the policy lets a
    person look before these files count.
    """

    code: str
    sentence: str
    evidence: Mapping[str, Any]
    contribution: str
    paths: tuple[str, ...]
    paths_total: int
    weighs: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "sentence": self.sentence,
            "evidence": dict(self.evidence),
            "contribution": self.contribution,
            "paths": list(self.paths),
            "paths_total": self.paths_total,
            "weighs": self.weighs,
        }


@dataclass(frozen=True, slots=True)
class PolicyUsed:
    """Where the policy came from, its digest (64 hex; None for the default), and what was wrong with it or with the
    repository's copy."""

    source: PolicySource
    sha256: str | None = None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"source": self.source, "sha256": self.sha256, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer on one change. `files_free` counts changed files that no rule of the policy asks about; `signs` are
    there where the policy asks for them."""

    project: str
    said: Said
    as_of: AsOf
    policy: PolicyUsed
    subjects: tuple[SubjectAnswer, ...] = ()
    artifacts: tuple[ArtifactAnswer, ...] = ()
    commits: int = 0
    merges_skipped: int = 0
    files_free: int = 0
    signs: tuple[Sign, ...] = ()

    @property
    def verdict(self) -> Word:
        return self.said.word

    def to_dict(self) -> dict[str, Any]:
        return {
            "project": self.project,
            **self.said.to_dict(),
            "as_of": self.as_of.to_dict(),
            "policy": self.policy.to_dict(),
            "counts": {
                "subjects": _counted(self.subjects),
                "artifacts": _counted(self.artifacts),
                "commits": self.commits,
                "merges_skipped": self.merges_skipped,
                "files_free": self.files_free,
            },
            "subjects": [each.to_dict() for each in self.subjects],
            "artifacts": [each.to_dict() for each in self.artifacts],
            "signals": [each.to_dict() for each in self.signs],
        }


def parse_answer(data: bytes) -> Answer:
    """Read the answer that a service sent; raises `JsonInvalid`, or `AnswerInvalid` also where the whole says better
    than its parts. Members that are not known here are left out: a newer service may tell more."""
    return read_answer(parse_json(data, max_bytes=2 * MAX_BYTES, max_values=2 * MAX_VALUES))


def read_answer(value: object) -> Answer:
    """The same for JSON that was parsed already."""
    try:
        answer = _answer(value)
    except (KeyError, TypeError, ValueError, AttributeError, MclaError) as error:
        raise AnswerInvalid(f"expected the answer to a check, got something else: {error!s:.120}") from error
    parts = worst(weighed(answer.subjects, answer.artifacts))
    if WORST_LAST.index(answer.verdict) < WORST_LAST.index(parts):
        raise AnswerInvalid(f"expected the whole to be as bad as its parts, got {answer.verdict} over {parts}")
    return answer


def _counted(parts: Iterable[SubjectAnswer | ArtifactAnswer]) -> dict[str, int]:
    counts = Counter(each.said.word for each in parts)
    return {word: counts[word] for word in WORDS}


def _answer(value: Any) -> Answer:
    as_of, policy, counts = value["as_of"], value["policy"], value["counts"]
    return Answer(
        project=_text(value["project"]),
        said=_said(value),
        as_of=AsOf(_number(as_of["log_size"]), parse_moment(as_of["time"])),
        policy=PolicyUsed(
            _one_of(policy["source"], get_args(PolicySource)), _maybe(policy["sha256"]), _maybe(policy["problem"])
        ),
        subjects=tuple(_subject(each) for each in value["subjects"]),
        artifacts=tuple(_artifact(each) for each in value["artifacts"]),
        commits=_number(counts["commits"]),
        merges_skipped=_number(counts["merges_skipped"]),
        files_free=_number(counts["files_free"]),
        signs=tuple(_sign(each) for each in value.get("signals", ())),
    )


def _said(value: Any) -> Said:
    return Said(
        _one_of(value["verdict"], WORDS), _text(value["code"]), _text(value["reason"]), _maybe(value.get("next"))
    )


def _subject(value: Any) -> SubjectAnswer:
    account = value["account"]
    return SubjectAnswer(
        said=_said(value),
        roles=tuple(_one_of(each, ROLES) for each in value["roles"]),
        label=_text(value["label"]),
        identified_by=_one_of(value["identified_by"], get_args(IdentifiedBy)),
        account=Account(_text(account["provider"]), _text(account["subject"])) if account else None,
        commits=tuple(_text(each) for each in value["commits"]),
        commits_total=_number(value["commits_total"]),
        kinds={_one_of(kind, KINDS): _kind(each) for kind, each in value["kinds"].items()},
        sign_url=_maybe(value.get("sign_url")),
        required=_flag(value["required"]),
    )


def _kind(value: Any) -> KindAnswer:
    basis = _basis(value["basis"]) if value.get("basis") else None
    return KindAnswer(_one_of(value["verdict"], WORDS), _text(value["code"]), _text(value["reason"]), basis)


def _basis(value: Any) -> Basis:
    agreement = value["agreement"]
    return Basis(
        path=_one_of(value["path"], get_args(BasisPath)),
        slug=_text(agreement["slug"]),
        version=_text(agreement["version"]),
        digest=_text(agreement["digest"]),
        log_index=_number(value["log_index"]),
        since=parse_moment(value["since"]),
        until=parse_moment(value["until"]) if value.get("until") else None,
    )


def _artifact(value: Any) -> ArtifactAnswer:
    kind, found = value["kind"], value.get("as")
    return ArtifactAnswer(
        said=_said(value),
        path=_text(value["path"]),
        sha256=_maybe(value["sha256"]),
        size=None if value["size"] is None else _number(value["size"]),
        kind=None if kind is None else _one_of(kind, KINDS),
        rule=None if value["rule"] is None else _number(value["rule"]),
        contribution=_maybe(value.get("contribution")),
        found=None if found is None else _one_of(found, get_args(Found)),
        sign_url=_maybe(value.get("sign_url")),
    )


def _sign(value: Any) -> Sign:
    evidence = {_text(name): each for name, each in value["evidence"].items()}
    if not all(isinstance(each, str | int) for each in evidence.values()):
        raise TypeError("texts and numbers were expected as evidence")
    return Sign(
        code=_text(value["code"]),
        sentence=_text(value["sentence"]),
        evidence=evidence,
        contribution=_text(value["contribution"]),
        paths=tuple(_text(each) for each in value["paths"]),
        paths_total=_number(value["paths_total"]),
        weighs=_flag(value["weighs"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, {type(value).__name__} came")
    return value


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"true or false was expected, {type(value).__name__} came")
    return value


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"a whole number was expected, {type(value).__name__} came")
    return value


def _one_of(value: object, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"one of {', '.join(allowed)} was expected")
    return value
