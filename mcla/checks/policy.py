# SPDX-License-Identifier: Apache-2.0
"""The policy of a project, `.mcla.toml`: which paths are which kind, and what each kind needs to be covered.

A file is understood in full or refused with every fault. Paths are matched from the repository's root, as written:
`*` stands for anything within one folder's name, `**` for any folders in between. The first rule whose path fits is
the one that counts, also where it asks nothing: then the file is free.

Systems that make no difference between `Models` and `models`, or between two spellings of `é`, check both out into one
folder. So a rule that asks is met by a path that differs from it in these alone, too (canonical caseless matching,
Unicode 3.13 D145); a rule that frees is not. Where that and the rule as written are two, a file has to meet both.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from mcla.checks.answer import PolicyUsed
from mcla.checks.change import MAX_POLICY_BYTES, ChangedFile, policy_digest
from mcla.errors import MclaError
from mcla.licences.question import Policy as LicencePolicy
from mcla.statements.parts import TENSOR_KINDS, KeyHolder, Kind
from mcla.terms.kinds import Letter, schedule_letter
from mcla.terms.strict import Fault, Pattern, Unreadable, read_value
from mcla.terms.vocabulary import Licence

MAX_RULES = 200
MAX_GLOBS = 400
"""In all rules together; a list of anything has at most `MAX_RULES` items."""
MAX_MATCHES = 4_000_000
"""Patterns times files of one question, where a stranger wrote the policy: what this costs stays bounded."""
TOLD = 5
"""Faults that an answer tells of."""
MAX_STARS = 4
"""In one part of a path, and `**` in one path."""

Glob = Annotated[str, Pattern(r".{1,255}", "a path such as weights/**")]
Slug = Annotated[str, Pattern(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", "the slug of an agreement")]
Size = Annotated[
    str, Pattern(r"[0-9]{1,15} ?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)", 'a number of bytes or a size such as "1 MiB"')
]
Contribution = Annotated[str, Pattern(r"[A-Za-z0-9_.-]{1,200}", "a contribution's id, such as ctr_…")]
RuleKind = Literal["code", "data", "synthetic", "eval", "weights", "adapter", "tokenizer", "recipe", "safety", "none"]
Addresses = Literal["opener", "verified", "never"]
"""Whom a commit's bare address may stand for: the opener of the change alone; whoever has verified it, beside a
covered opener; or nobody."""
_UNITS = {"B": 1}
_UNITS |= {f"{letter}B": 1000**power for power, letter in enumerate("KMGT", start=1)}
_UNITS |= {f"{letter}iB": 1024**power for power, letter in enumerate("KMGT", start=1)}


class PolicyInvalid(MclaError):
    """A policy cannot be used; `faults` has one entry for each bad key."""

    code = "check-policy-invalid"
    status = 422
    hint = "Correct the named keys; docs/ci.md shows every key with an example."

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("The policy cannot be used: " + "; ".join(map(str, faults[:TOLD])))
        self.faults = faults


@dataclass(frozen=True)
class People:
    """`[people]`: the kinds that everybody has to be covered for, and what counts of whom a commit names."""

    kinds: tuple[Kind, ...] = ("code",)
    addresses: Addresses = "opener"
    coauthors: Literal["required", "reported"] = "required"


@dataclass(frozen=True)
class Rule:
    """`[[artifacts]]`: what files under `paths` need. `kind = "none"` asks nothing of them.

    `from_size`: smaller files are free, where their bytes were read. Each of the others narrows what counts, where it
    is given: the `agreements` under which it was given, its `schedule`, the `outbound` licences that the agreement must
    let the project use, all of them, and who may have held the key. `same_tensors`: whether other bytes with the same
    tensors count.
    """

    paths: tuple[Glob, ...]
    kind: RuleKind
    from_size: Size = "0 B"
    agreements: tuple[Slug, ...] = ()
    schedule: Letter | None = None
    outbound: tuple[Licence, ...] = ()
    key_holders: tuple[KeyHolder, ...] = ()
    same_tensors: Literal["refuse", "accept"] = "refuse"

    @cached_property
    def least(self) -> int:
        """Bytes from which on a file is asked about."""
        number, unit = re.fullmatch(r"([0-9]+) ?([A-Za-z]+)", self.from_size).groups()  # type: ignore[union-attr]
        return int(number) * _UNITS[unit]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What fits one of the paths."""
        return _pattern(self.paths)

    @cached_property
    def folded(self) -> re.Pattern[str]:
        """What fits one of them once it is `folded` itself."""
        return _pattern(tuple(map(folded, self.paths)))

    def meets(self, path: str, plain: str) -> bool:
        """Whether a path fits as a system sees it that folds names, for a rule that asks; `plain` is it folded."""
        return bool(self.pattern.fullmatch(path)) or (self.kind != "none" and bool(self.folded.fullmatch(plain)))

    def reaches(self, folder: str) -> bool:
        """Whether something below a folder may fit."""
        return any(_reaches(each, folder) for each in self.paths)

    def asks(self, file: ChangedFile) -> bool:
        """Whether a file that this rule is for has to be covered; one whose bytes nobody has counted does."""
        size = None if file.pointer else file.size
        return self.kind != "none" and (size is None or size >= self.least)


@dataclass(frozen=True)
class Licences:
    """`[licences]`: asks for the signs that a licence was lost on the way to a contribution (`mcla.licences.signals`),
    and for what the rules say of it (`mcla.licences.claimed`).

    `signals`: they are told and change nothing, or a file under them is unknown until a person has looked. `rules`: the
    same, and with `require` what they deny is not covered. What was looked at is listed in `accepted`, by the
    contribution's id. `stance`: what the project says to debated points; with one the rules are asked.
    """

    signals: Literal["tell", "review"] = "tell"
    accepted: tuple[Contribution, ...] = ()
    rules: Literal["tell", "review", "require"] | None = None
    stance: LicencePolicy | None = None

    @property
    def asks_rules(self) -> bool:
        return self.rules is not None or self.stance is not None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule for a path, with its number from 0; not `exact` where letter case or Unicode form differ from it."""

    number: int
    rule: Rule
    exact: bool


@dataclass(frozen=True)
class Policy:
    """A project's policy. `sha256` names its text; empty for `DEFAULT`."""

    version: Literal[1]
    people: People = People()
    artifacts: tuple[Rule, ...] = ()
    sha256: str = field(default="", compare=False)
    licences: Licences | None = None
    """None: nobody asks for signs."""

    @property
    def stance(self) -> LicencePolicy:
        """What the project says to debated points of licences: review where it says nothing."""
        return (self.licences and self.licences.stance) or LicencePolicy()

    def rule_for(self, path: str) -> tuple[int, Rule] | None:
        """The first rule whose paths fit as written, with its number from 0."""
        return next((found for found in enumerate(self.artifacts) if found[1].pattern.fullmatch(path)), None)

    def rules_of(self, path: str, *, link: bool) -> tuple[Ruled, ...]:
        """The rules that a name has to meet: none, the one for it as written, the one for it where names are folded, or
        both. A `link` (or a submodule) may stand for a whole folder: where no rule fits its own name, the first that
        asks about anything below it does."""
        plain = folded(path)
        written = self.rule_for(path)
        loose = next((found for found in enumerate(self.artifacts) if found[1].meets(path, plain)), None)
        if loose is None and link:
            loose = self._below(plain)
        found = [Ruled(*written, exact=True)] if written else []
        if loose and loose != written:
            found.append(Ruled(*loose, exact=link and loose[1].reaches(path)))
        return tuple(found)

    def _below(self, plain: str) -> tuple[int, Rule] | None:
        asking = (found for found in enumerate(self.artifacts) if found[1].kind != "none")
        return next((found for found in asking if any(_reaches(folded(each), plain) for each in found[1].paths)), None)

    @property
    def globs(self) -> int:
        return sum(len(rule.paths) for rule in self.artifacts)


DEFAULT = Policy(1)
"""Without a policy people are asked for code, and every file that is sent must be covered as any kind."""


@lru_cache(maxsize=64)
def parse_policy(text: str) -> Policy:
    """Read `.mcla.toml`; raises `PolicyInvalid` with every fault."""
    try:
        read = read_value(_Shape, _table(text))
    except Unreadable as error:
        raise PolicyInvalid(error.faults) from None
    policy = Policy(read.version, read.people, read.artifacts, policy_digest(text), read.licences)
    if faults := tuple(_contradictions(policy)):
        raise PolicyInvalid(faults)
    return policy


def choose(kept: str | None, repository: str | None) -> tuple[Policy | None, PolicyUsed]:
    """The policy that counts: the service's copy (`kept`) before the repository's, before `DEFAULT`.

    None where the one that should count cannot be read. What is wrong with the repository's is always told.
    """
    found, fault = _read(repository)
    if kept is not None:
        policy, own_fault = _read(kept)
        beside = f"The repository's .mcla.toml cannot be read ({fault}); the service's copy is used." if fault else None
        if repository is not None and repository.strip() != kept.strip() and not fault:
            beside = "The repository's .mcla.toml differs from the service's copy, which is used."
        broken = f"The service's copy cannot be read: {own_fault}" if own_fault else None
        return policy, PolicyUsed("server", policy_digest(kept), broken or beside)
    if repository is None:
        return DEFAULT, PolicyUsed("default")
    problem = f"The repository's .mcla.toml cannot be read: {fault}" if fault else None
    return found, PolicyUsed("repository", policy_digest(repository), problem)


def _read(text: str | None) -> tuple[Policy | None, str]:
    try:
        return (None, "") if text is None else (parse_policy(text), "")
    except PolicyInvalid as error:
        return None, "; ".join(map(str, error.faults[:TOLD]))


@dataclass(frozen=True)
class _Shape:
    """The keys of the file."""

    version: Literal[1]
    people: People = People()
    artifacts: tuple[Rule, ...] = ()
    licences: Licences | None = None


def _table(text: str) -> dict[str, Any]:
    if (size := len(text.encode())) > MAX_POLICY_BYTES:
        raise Unreadable([Fault("", f"the file has {size:,} bytes; at most {MAX_POLICY_BYTES:,} are read")])
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable([Fault("", f"the file is not TOML: {error}")]) from None
    except (RecursionError, ValueError):  # a number of thousands of digits is a ValueError
        raise Unreadable([Fault("", "the file is nested too deeply, or has a number that is too long")]) from None
    rules = table.get("artifacts")
    _check_lengths([table, table.get("people"), table.get("licences"), *(rules if isinstance(rules, list) else ())])
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and type(rule.get("from_size")) is int:
            rule["from_size"] = f"{rule['from_size']} B"
    return table


def _check_lengths(tables: list[Any]) -> None:
    """Before every item of a list is compared with every other."""
    for table in tables:
        for name, value in table.items() if isinstance(table, dict) else ():
            if isinstance(value, list) and len(value) > MAX_RULES:
                raise Unreadable([Fault(name, f"has {len(value):,} items; at most {MAX_RULES} are read")])


def _contradictions(policy: Policy) -> list[Fault]:
    faults = []
    if not policy.people.kinds:
        faults.append(Fault("people.kinds", "is empty; leave it out to ask for code"))
    if policy.globs > MAX_GLOBS:
        faults.append(Fault("artifacts", f"have {policy.globs} paths together; at most {MAX_GLOBS} are read"))
    if policy.stance.unknown == "allow":
        faults.append(
            Fault("licences.stance.unknown", 'is "allow", and what is unknown is never allowed; leave it out')
        )
    for number, rule in enumerate(policy.artifacts):
        faults += _rule_faults(rule, f"artifacts[{number}]")
    return faults


def _rule_faults(rule: Rule, at: str) -> list[Fault]:
    faults = [Fault(f"{at}.paths[{place}]", why) for place, glob in enumerate(rule.paths) if (why := _glob_fault(glob))]
    if not rule.paths:
        faults.append(Fault(f"{at}.paths", "is empty; name at least one path"))
    narrowing = [*rule.agreements, *rule.outbound, *rule.key_holders, *([rule.schedule] if rule.schedule else [])]
    if rule.kind == "none":
        if narrowing:
            faults.append(Fault(f"{at}.kind", 'is "none", so nothing else can be asked'))
        return faults
    if rule.schedule and schedule_letter(rule.kind) != rule.schedule:
        letter = schedule_letter(rule.kind) or "none"
        faults.append(Fault(f"{at}.schedule", f'is "{rule.schedule}", but the schedule of {rule.kind} is {letter}'))
    if rule.same_tensors == "accept" and rule.kind not in TENSOR_KINDS:
        faults.append(Fault(f"{at}.same_tensors", f"belongs to the kinds {' and '.join(TENSOR_KINDS)}"))
    return faults


def folded(text: str) -> str:
    """A path or a pattern without what some systems make no difference by: letter case and Unicode form."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def _glob_fault(glob: str) -> str | None:
    parts = glob.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in glob:
        return f"{glob!r} is no path from the repository's root, such as weights/**"
    if any("**" in part and part != "**" for part in parts):
        return f"{glob!r}: ** stands alone between slashes"
    if any(part.count("*") > MAX_STARS for part in parts) or parts.count("**") > MAX_STARS:
        return f"{glob!r} has more than {MAX_STARS} stars in one place"
    return None


def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_regex(each)})" for each in globs), re.DOTALL)


def _regex(glob: str) -> str:
    """The pattern of a glob. Each star but the last takes the first fit and keeps it (an atomic group): that finds
    whatever there is to find, and leaves nothing to be tried again and again."""
    first, *rest = _runs(glob)
    if not rest:
        return _run(first)
    head = f"{_run(first)}/" if first else ""
    middle = "".join(f"(?>(?:[^/]+/)*?{_run(run)}/)" for run in rest[:-1] if run)
    return head + middle + (f"(?:[^/]+/)*?{_run(rest[-1])}" if rest[-1] else ".+")


def _runs(glob: str) -> list[list[str]]:
    """The parts of a path between its `**`."""
    runs: list[list[str]] = [[]]
    for part in glob.split("/"):
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(part)
    return runs


def _reaches(glob: str, folder: str) -> bool:
    """Whether a glob may fit something below a folder: its parts are used up one by one, `**` by any number."""
    parts = glob.split("/")
    places = {0}
    for name in folder.split("/"):
        places |= {place + 1 for place in sorted(places) if parts[place : place + 1] == ["**"]}
        places = {after for place in places for after in _after(parts, place, name)}
    return any(place < len(parts) for place in places)


def _after(parts: list[str], place: int, name: str) -> tuple[int, ...]:
    if place >= len(parts):
        return ()
    if parts[place] == "**":
        return (place,)
    return (place + 1,) if re.fullmatch(_part(parts[place]), name, re.DOTALL) else ()


def _run(parts: list[str]) -> str:
    return "/".join(map(_part, parts))


def _part(part: str) -> str:
    first, *rest = part.split("*")
    if not rest:
        return re.escape(first)
    middle = "".join(f"(?>[^/]*?{re.escape(each)})" for each in rest[:-1] if each)
    return f"{re.escape(first)}{middle}[^/]{'*' if part != '*' else '+'}{re.escape(rest[-1])}"
