# SPDX-License-Identifier: Apache-2.0
"""The question of a check: read in full or refused, every fault by its JSON pointer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mcla.artifacts.jsontext import JsonInvalid
from mcla.checks.change import (
    MAX_ARTIFACTS,
    MAX_COAUTHORS,
    MAX_COMMITS,
    MAX_POLICY_BYTES,
    ChangeEmpty,
    ChangeInvalid,
    parse_change,
    read_change,
)

SHA, HEX = "1" * 40, "a" * 64
FILE = {"path": "weights/model.safetensors", "sha256": HEX, "size": 10}
WHOLE: dict[str, Any] = {
    "project": "aurora",
    "opener": {"provider": "github", "subject": "7", "login": "ada"},
    "commits": [
        {
            "sha": SHA,
            "merge": False,
            "author": {"provider": "github", "subject": "7", "login": "ada", "name": "Ada", "email": "ada@example.org"},
            "committer": {"login": "web-flow", "web": True},
            "coauthors": [{"name": "Bo", "email": "bo@example.org"}],
        }
    ],
    "artifacts": [{**FILE, "tensors": "b" * 64, "previous": "old.safetensors"}, {"path": "link", "unread": "symlink"}],
    "policy": "version = 1\n",
    "as_of": "2026-11-25T09:00:00Z",
    "licence_files": [
        {"path": "LICENSE", "sha256": "c" * 64, "words_sha256": "d" * 64, "sure": "same", "licence": "MIT"},
        {"path": "weights/COPYING", "sha256": "e" * 64, "words_sha256": "f" * 64, "sure": "unknown"},
    ],
}


LICENCE = WHOLE["licence_files"][0]


def refused(**members: Any) -> list[str]:
    """The faults of a question, each as pointer and sentence."""
    with pytest.raises(ChangeInvalid) as caught:
        read_change({"project": "aurora", "artifacts": [FILE], **members})
    return [f"{each['pointer']} {each['detail']}" for each in caught.value.extra["errors"]]


def test_a_question_reads_back_as_it_was_written() -> None:
    change = parse_change(json.dumps(WHOLE).encode())
    assert change.to_dict() == WHOLE
    assert change.as_of == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert parse_change(json.dumps(change.to_dict()).encode()) == change


def test_a_digest_may_name_its_algorithm() -> None:
    assert read_change({"project": "p", "artifacts": [{**FILE, "sha256": f"sha256:{HEX}"}]}).artifacts[0].sha256 == HEX


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"bundle": 1}, "/bundle is not known here"),
        ({"project": None}, "/project expected the project's slug"),
        ({"project": "../x"}, "/project "),
        ({"opener": {"login": "ada"}}, "/opener/provider expected a text"),
        ({"opener": {"provider": "github", "subject": 7}}, "/opener/subject expected a text"),
        ({"opener": {"provider": "github", "subject": "7\0"}}, "/opener/subject expected printable ASCII"),
        ({"opener": {"provider": "github", "subject": "７"}}, "/opener/subject expected printable ASCII"),
        ({"commits": {}}, "/commits expected a list"),
        ({"commits": [{"sha": SHA}]}, "/commits/0/author expected an object, got null"),
        ({"commits": [{"sha": SHA.upper() + "f", "author": {}}]}, "/commits/0/sha expected 40 or 64"),
        ({"commits": [{"sha": SHA, "author": {}}] * 2}, "/commits/1 '1111"),
        ({"commits": [{"sha": SHA, "author": {}, "merge": 1}]}, "/commits/0/merge expected true or false, got 1"),
        ({"commits": [{"sha": SHA, "author": {"subject": "7"}}]}, "/commits/0/author/provider expected the provider"),
        ({"commits": [{"sha": SHA, "author": {"covered": True}}]}, "/commits/0/author/covered is not known here"),
        ({"commits": [{"sha": SHA, "author": {"web": "yes"}}]}, "/commits/0/author/web expected true or false"),
        ({"commits": [{"sha": SHA, "author": {}, "coauthors": [{}] * (MAX_COAUTHORS + 1)}]}, "/commits/0/coauthors "),
        ({"commits": [None] * (MAX_COMMITS + 1)}, "/commits expected at most 10,000 items, got 10,001"),
        ({"artifacts": [None] * (MAX_ARTIFACTS + 1)}, "/artifacts expected at most 100,000 items, got 100,001"),
        ({"artifacts": [{**FILE, "sha256": HEX[1:]}]}, "/artifacts/0/sha256 expected 64 lower-case"),
        ({"artifacts": [{**FILE, "sha256": HEX.upper()}]}, "/artifacts/0/sha256 expected 64 lower-case"),
        ({"artifacts": [{"path": "a", "size": 1}]}, "/artifacts/0/sha256 expected the file's digest and size"),
        ({"artifacts": [{**FILE, "unread": "symlink"}]}, "/artifacts/0/unread expected a digest or why there is none"),
        ({"artifacts": [{"path": "a", "unread": "gone"}]}, "/artifacts/0/unread expected one of symlink"),
        ({"artifacts": [{**FILE, "size": -1}]}, "/artifacts/0/size expected a whole number"),
        ({"artifacts": [{**FILE, "size": True}]}, "/artifacts/0/size expected a whole number"),
        ({"artifacts": [{**FILE, "path": "../../etc/passwd"}]}, "/artifacts/0/path expected no empty, '.' or '..'"),
        ({"artifacts": [{**FILE, "path": "/etc/passwd"}]}, "/artifacts/0/path expected a relative path"),
        ({"artifacts": [{**FILE, "path": "a\\b"}]}, "/artifacts/0/path expected '/' between segments"),
        ({"artifacts": [{**FILE, "previous": "C:/x"}]}, "/artifacts/0/previous expected a relative path"),
        ({"artifacts": [FILE, FILE]}, "/artifacts/1 'weights/model.safetensors' stands a second time"),
        ({"policy": "#" * (MAX_POLICY_BYTES + 1)}, "/policy expected at most 65,536 bytes, got 65,537"),
        (
            {"licence_files": [{"path": "../LICENSE"}]},
            "/licence_files/0/sha256 expected it of a licence file",
        ),
        ({"licence_files": [LICENCE | {"sure": "certain"}]}, "/licence_files/0/sure expected one of same, nearly"),
        ({"licence_files": [LICENCE, LICENCE]}, "/licence_files/1 'LICENSE' stands a second time"),
        ({"licence_files": [LICENCE] * 201}, "/licence_files expected at most 200"),
        ({"policy": ["version = 1"]}, "/policy expected the text"),
        ({"as_of": "0000-00-00T00:00:00Z"}, "/as_of expected a time"),
        ({"as_of": "1969-12-31T23:59:59Z"}, "/as_of expected a time"),
        ({"as_of": "9999-12-31T23:59:59-01:00"}, "/as_of expected a time"),
        ({"as_of": "2026-11-25"}, "/as_of expected a time"),
        ({"as_of": "2026-11-25T09:00:00"}, "/as_of expected a time"),
        ({"as_of": 1764000000}, "/as_of expected a time"),
    ],
)
def test_a_fault_is_named_by_its_pointer(members: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in refused(**members)), refused(**members)


def test_all_faults_are_counted_and_the_first_twenty_told() -> None:
    with pytest.raises(ChangeInvalid, match="100 faults; /artifacts/0/sha256") as caught:
        read_change({"project": "p", "artifacts": [{**FILE, "path": f"{n}", "sha256": "no"} for n in range(100)]})
    assert len(caught.value.extra["errors"]) == 20


@pytest.mark.parametrize("value", [None, [], "aurora", 3])
def test_what_is_no_object_is_no_question(value: object) -> None:
    with pytest.raises(ChangeInvalid, match="the whole: expected an object"):
        read_change(value)


def test_a_change_without_commits_and_files_is_not_answered() -> None:
    with pytest.raises(ChangeEmpty):
        read_change({"project": "aurora", "opener": {"provider": "github", "subject": "7"}})


@pytest.mark.parametrize("text", [b'{"project":"a","project":"b"}', b'{"size":1.5}', b"[" * 99, b'{"a":"\\ud800"}'])
def test_json_that_two_parsers_could_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(JsonInvalid):
        parse_change(text)


def test_a_committed_name_may_be_any_text_and_is_no_fault() -> None:
    author = {"name": "\x1b[2Jroot\n", "email": ""}
    change = read_change({"project": "p", "commits": [{"sha": SHA, "author": author}]})
    assert change.commits[0].author.name == "\x1b[2Jroot\n"
    assert change.commits[0].author.email is None
