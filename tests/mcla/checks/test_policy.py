# SPDX-License-Identifier: Apache-2.0
"""`.mcla.toml`: every key, every refusal, and paths that fit as a person reads them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcla.checks.change import ChangedFile
from mcla.checks.policy import (
    DEFAULT,
    MAX_GLOBS,
    MAX_RULES,
    MAX_STARS,
    Policy,
    PolicyInvalid,
    Ruled,
    choose,
    parse_policy,
)

WHOLE = """
version = 1

[people]
kinds = ["code", "recipe"]
addresses = "verified"
coauthors = "reported"

[[artifacts]]
paths = ["weights/ci/**"]
kind = "none"

[[artifacts]]
paths = ["weights/**", "*.safetensors"]
kind = "weights"
from_size = "1 MiB"
agreements = ["mcla-individual", "mcla-corporate"]
schedule = "W"
outbound = ["Apache-2.0"]
key_holders = ["browser", "cli", "passkey"]
same_tensors = "accept"

[[artifacts]]
paths = ["data/**/*.jsonl"]
kind = "data"
from_size = 10
"""


def rule(**keys: str) -> str:
    """A policy with one rule."""
    told = {"paths": '["**"]', "kind": '"weights"'} | keys
    return "version = 1\n[[artifacts]]\n" + "\n".join(f"{key} = {value}" for key, value in told.items())


def paths(glob: str) -> Policy:
    return parse_policy(rule(paths=f"[{glob!r}]"))


def test_a_policy_is_read_in_full() -> None:
    policy = parse_policy(WHOLE)
    assert (policy.people.kinds, policy.people.addresses, policy.people.coauthors) == (
        ("code", "recipe"),
        "verified",
        "reported",
    )
    assert [each.least for each in policy.artifacts] == [0, 1024**2, 10]
    assert policy.artifacts[1].schedule == "W"
    assert len(policy.sha256) == 64


def test_the_first_rule_whose_path_fits_counts_also_where_it_asks_nothing() -> None:
    policy = parse_policy(WHOLE)
    found = {
        path: policy.rule_for(path) for path in ("weights/ci/tiny.bin", "weights/a.bin", "data/a/b.jsonl", "src/x")
    }
    assert [each and each[0] for each in found.values()] == [0, 1, 2, None]
    excluded, weights = policy.artifacts[:2]
    assert not excluded.asks(ChangedFile("weights/ci/tiny.bin", "a" * 64, 2**40))
    assert [weights.asks(ChangedFile("weights/a", "a" * 64, size)) for size in (2**20 - 1, 2**20, None)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("glob", "fits", "not_so"),
    [
        ("weights/*", ["weights/a"], ["weights/a/b", "weights", "xweights/a", "weights/", "Weights/a"]),
        ("weights/**", ["weights/a", "weights/a/b/c"], ["weights", "old/weights/a", "weightsx/a"]),
        ("**", ["a", "a/b/c"], []),
        ("*", ["a", ".env"], ["a/b"]),
        ("**/*.bin", ["a.bin", "x/y/a.bin", ".bin"], ["a.bin/x", "a.binx"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "b", "xa/b", "a/b/c"]),
        ("**/a/**", ["a/b", "x/a/b/c"], ["a", "x/a"]),
        ("**/a/b*/**/c", ["a/b/c", "x/a/b/a/bb/y/c", "a/q/a/b/c"], ["a/c", "a/b/cc"]),
        (
            "model-*-of-*.safetensors",
            ["model-1-of-2.safetensors", "model--of-of-.safetensors"],
            ["model-1.safetensors"],
        ),
        ("a*b*b", ["abb", "abxb", "axbbb"], ["ab", "abx", "ab/b"]),
        ("a.b", ["a.b"], ["axb"]),
        ("[ab]+", ["[ab]+"], ["a", "aa"]),
        ("dé/**", ["dé/x"], ["de\u0301/x"]),
    ],
)
def test_a_path_fits_from_the_root_to_its_end_and_as_written(glob: str, fits: list[str], not_so: list[str]) -> None:
    policy = paths(glob)
    assert [each for each in fits if policy.rule_for(each) is None] == []
    assert [each for each in not_so if policy.rule_for(each)] == []


def test_a_hostile_pattern_does_not_try_everything_again_which_would_take_for_ever() -> None:
    assert paths("**/*a*a*a*a/**/*a*a*a*b").rule_for("/".join(["a" * 100] * 10)) is None


def plainly(parts: list[str], path: list[str]) -> bool:
    """The meaning of a pattern, tried in every way."""
    if not parts:
        return not path
    if parts[0] == "**":
        rest = parts[1:]
        return any(plainly(rest, path[skip:]) for skip in range(len(path) + 1) if rest or skip)
    return bool(path) and starred(parts[0], path[0]) and plainly(parts[1:], path[1:])


def starred(part: str, name: str) -> bool:
    if not part:
        return not name
    if part[0] == "*":
        return any(starred(part[1:], name[skip:]) for skip in range(len(name) + 1))
    return name[:1] == part[0] and starred(part[1:], name[1:])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "ab", "*", "a*", "*b", "*a*", "a*b", "**"]), min_size=1, max_size=5),
    st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=5),
)
def test_what_fits_is_what_fits_in_any_way(parts: list[str], path: list[str]) -> None:
    if parts.count("**") <= MAX_STARS:
        assert bool(paths("/".join(parts)).rule_for("/".join(path))) == plainly(parts, path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "version: is missing"),
        ("version = 2", "version: got 2, allowed: 1"),
        ("version = true", "version: got true"),
        ("version = 1\nrules = []", "rules: is not a known key"),
        ("version = 1\n[people]\ncoauthor = 'x'", "people.coauthor: is not a known key; did you mean 'coauthors'?"),
        ("version = 1\n[people]\naddresses = 'all'", 'people.addresses: got "all", allowed: "opener"'),
        ("version = 1\n[people]\nkinds = []", "people.kinds: is empty"),
        ("version = 1\n[people]\nkinds = ['none']", "people.kinds[0]: got"),
        ("version = 1\nversion = 1", "the file is not TOML"),
        ("\x00", "the file is not TOML"),
        ("version = 1" + "0" * 5000, "the file is nested too deeply, or has a number that is too long"),
        ("a = " + "[" * 5000, "the file is nested too deeply"),
        ("#" * 65537, "the file has 65,537 bytes; at most 65,536 are read"),
        ("version = 1\nartifacts = 3", "artifacts: expected a list"),
        ("version = 1\n" + "[[artifacts]]\n" * (MAX_RULES + 1), f"artifacts: has {MAX_RULES + 1} items"),
        (rule(paths=str([f"p{n}" for n in range(MAX_RULES + 1)])), f"paths: has {MAX_RULES + 1} items"),
        (rule(paths='["/etc/**"]'), "artifacts[0].paths[0]: '/etc/**' is no path from the repository's root"),
        (rule(paths='["../**"]'), "is no path from the repository's root"),
        (rule(paths='["a**b"]'), "'a**b': ** stands alone between slashes"),
        (rule(paths='["*a*a*a*a*"]'), "has more than 4 stars in one place"),
        (rule(paths="[]"), "artifacts[0].paths: is empty"),
        (rule(paths='["a\\u202e"]'), "carries the invisible or control character U+202E"),
        (rule(kind='"model"'), 'artifacts[0].kind: got "model"'),
        (rule(from_size='"big"'), 'artifacts[0].from_size: got "big", expected a number of bytes'),
        (rule(from_size="-1"), 'artifacts[0].from_size: got "-1 B"'),
        (rule(from_size="true"), "artifacts[0].from_size: got true"),
        (rule(schedule='"D"'), 'artifacts[0].schedule: is "D", but the schedule of weights is W'),
        (rule(kind='"none"', schedule='"W"'), 'artifacts[0].kind: is "none", so nothing else can be asked'),
        (rule(kind='"data"', same_tensors='"accept"'), "artifacts[0].same_tensors: belongs to the kinds"),
        (rule(key_holders='["anybody"]'), 'artifacts[0].key_holders[0]: got "anybody"'),
        (rule(outbound='["MIT OR Apache-2.0"]'), "artifacts[0].outbound[0]: got"),
    ],
)
def test_a_policy_with_a_fault_is_refused_by_the_key(text: str, fault: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(text)
    assert fault in str(caught.value)


def test_many_paths_in_many_rules_are_refused_together() -> None:
    one = "[[artifacts]]\npaths = %s\nkind = 'code'\n"
    text = "version = 1\n" + "".join(one % [f"{n}-{m}" for m in range(150)] for n in range(3))
    with pytest.raises(PolicyInvalid, match=f"have 450 paths together; at most {MAX_GLOBS}"):
        parse_policy(text)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(PolicyInvalid) as caught:
        parse_policy(rule(kind='"model"', from_size='"big"', schedule='"X"'))
    assert [each.key for each in caught.value.faults] == [
        "artifacts[0].kind",
        "artifacts[0].from_size",
        "artifacts[0].schedule",
    ]


def test_without_a_policy_people_are_asked_for_code_by_their_own_accounts() -> None:
    assert (DEFAULT.people.kinds, DEFAULT.people.addresses, DEFAULT.artifacts) == (("code",), "opener", ())


def test_a_link_or_a_submodule_is_asked_about_where_a_rule_asks_about_anything_below_it() -> None:
    text = """version = 1
[[artifacts]]
paths = ["weights/free", "out/*.md"]
kind = "none"
[[artifacts]]
paths = ["weights/**", "a/*/c/*.bin", "**/deep/x", "one"]
kind = "weights"
"""
    policy = parse_policy(text)
    asked = ["weights", "weights/x", "a", "a/b", "a/b/c", "one", "anything", "z/deep"]
    assert [path for path in asked if not policy.rules_of(path, link=True)] == []
    plain = parse_policy(text.replace('"**/deep/x", ', ""))
    free = ["weight", "weightsx", "a/b/d", "a/b/c/d.bin/e", "one/more", "out", "b"]
    assert [path for path in free if plain.rules_of(path, link=True)] == []
    assert plain.rules_of("weights/free", link=True) == (Ruled(0, plain.artifacts[0], exact=True),)
    assert plain.rules_of("weights", link=False) == ()
    assert [each.exact for each in plain.rules_of("WEIGHTS", link=True)] == [False]


def numbers(policy: Policy, path: str) -> list[tuple[int, bool]]:
    return [(each.number, each.exact) for each in policy.rules_of(path, link=False)]


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("models/**", "Models/x.safetensors"),
        ("Models/**", "models/x.safetensors"),
        ("**/*.SafeTensors", "a/b/x.safetensors"),
        ("modèles/**", "mode\u0300les/x"),
        ("mode\u0300les/**", "MODÈLES/x"),
        ("straße/*", "STRASSE/x"),
        ("kelvin/*", "\u212aelvin/x"),
        ("σας/*", "ΣΑΣ/x"),
    ],
)
def test_a_rule_that_asks_is_met_by_a_path_that_some_systems_take_for_the_same(glob: str, path: str) -> None:
    assert paths(glob).rule_for(path) is None
    assert numbers(paths(glob), path) == [(0, False)]
    assert numbers(parse_policy(rule(paths=f"[{glob!r}]", kind='"none"')), path) == []


def test_what_is_folded_loosens_nothing_so_that_a_file_meets_both_rules_or_is_free_only_as_written() -> None:
    policy = parse_policy(
        "version = 1\n"
        "[[artifacts]]\npaths = ['Models/ci/**']\nkind = 'none'\n"
        "[[artifacts]]\npaths = ['models/**']\nkind = 'weights'\nfrom_size = '1 MiB'\n"
        "[[artifacts]]\npaths = ['Models/**']\nkind = 'adapter'\n"
        "[[artifacts]]\npaths = ['**']\nkind = 'none'\n"
    )
    found = {path: numbers(policy, path) for path in ("Models/ci/x", "models/ci/x", "models/x", "Models/x", "MODELS/x")}
    assert list(found.values()) == [
        [(0, True)],
        [(1, True)],
        [(1, True)],
        [(2, True), (1, False)],
        [(3, True), (1, False)],
    ]


BROKEN = "version = 2"
ONE, TWO = "version = 1\n", "version = 1 # two\n"


@pytest.mark.parametrize(
    ("kept", "repository", "source", "readable", "problem"),
    [
        (None, None, "default", True, None),
        (None, ONE, "repository", True, None),
        (None, BROKEN, "repository", False, "The repository's .mcla.toml cannot be read: version: got 2"),
        (ONE, None, "server", True, None),
        (ONE, ONE, "server", True, None),
        (ONE, TWO, "server", True, "The repository's .mcla.toml differs from the service's copy, which is used."),
        (ONE, BROKEN, "server", True, "cannot be read (version: got 2, allowed: 1); the service's copy is used."),
        (BROKEN, ONE, "server", False, "The service's copy cannot be read: version: got 2"),
    ],
)
def test_the_services_copy_has_the_last_word_and_what_is_wrong_with_the_other_is_told(
    kept: str | None, repository: str | None, source: str, readable: bool, problem: str | None
) -> None:
    policy, used = choose(kept, repository)
    assert (used.source, policy is not None) == (source, readable)
    assert (problem or "") in (used.problem or "")
    assert bool(used.problem) == bool(problem)
