# SPDX-License-Identifier: Apache-2.0
"""The files of a change and what they hold, read from blobs, pointers and listings, never from a working tree."""

import hashlib
import json
from pathlib import Path

import pytest
from repositories import Repo
from safetensors_files import silero_file

from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.lfs import pointer_text
from mcla.artifacts.listing import Listed, parse_listing
from mcla.artifacts.measure import measure
from mcla.artifacts.tensors import TensorSet
from mcla.checks.change import ChangedFile
from mcla.checks.git.attributes import turned_pointers
from mcla.checks.git.contents import contents
from mcla.checks.git.files import TreeFile, changed_files
from mcla.checks.git.program import ObjectsMissing, opened
from mcla.checks.git.question import PolicyUnreadable, policy_at
from mcla.checks.git.ranges import Names, range_of

HERE, THERE = "a" * 64, "b" * 64
LFS = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs\n"


def files(repo: Repo) -> dict[str, TreeFile]:
    with opened(repo.path) as repository:
        told = range_of(repository, Names("main", "topic"))
        return {each.path: each for each in changed_files(repository, told.start, told.head)}


def held(repo: Repo, listing: tuple[Listed, ...] = ()) -> dict[str, ChangedFile]:
    with opened(repo.path) as repository:
        told = range_of(repository, Names("main", "topic"))
        changed = changed_files(repository, told.start, told.head)
        changed += turned_pointers(repository, told.start, told.head, changed)
        return {each.file.path: each.changed() for each in contents(repository, told.head, changed, listing)}


@pytest.fixture
def topic(repo: Repo) -> Repo:
    """A repository with some files, and a branch that has not changed them yet."""
    repo.commit(
        {
            ".gitattributes": LFS,
            "kept": b"kept",
            "edited": b"1",
            "moved": b"moved" * 50,
            "gone": b"gone",
            "run": b"#!/bin/sh\n",
        }
    )
    repo.commit({"link": b"kept", "turned": b"a file"}, modes={"link": "link"})
    repo.git("branch", "--force", "topic", "main")
    return repo


def test_new_edited_renamed_and_turned_files_are_told_and_nothing_else(topic: Repo) -> None:
    changes = {"new": b"new", "edited": b"2", "moved": None, "sub/moved": b"moved" * 50, "gone": None}
    changes |= {"run": b"#!/bin/sh\n", "turned": b"kept", "link": b"now a file"}
    topic.commit(changes, branch="topic", modes={"run": "program", "turned": "link"})
    told = files(topic)
    assert {path: (each.kind, each.previous) for path, each in told.items()} == {
        "new": ("file", None),
        "edited": ("file", None),
        "sub/moved": ("file", "moved"),
        "turned": ("symlink", None),
        "link": ("file", None),
    }


def test_a_submodule_and_a_link_have_no_bytes(topic: Repo) -> None:
    commit = topic.git("rev-parse", "main").encode()
    topic.commit({"sub": commit, "l": b"../../etc"}, branch="topic", modes={"sub": "module", "l": "link"})
    assert {path: each.unread for path, each in held(topic).items()} == {"sub": "submodule", "l": "symlink"}


def test_names_of_any_bytes_are_kept_apart(topic: Repo) -> None:
    names = ["new\nline", 'quo"te', "tab\t", "back\\slash", "größe 模型", "-dash", ":colon", "\udcff\udcfe", "a\r"]
    topic.commit({name: name.encode("utf-8", "surrogateescape") for name in names}, branch="topic")
    told = held(topic)
    assert set(told) == set(names)
    for name in names:
        assert told[name].sha256 == hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def test_settings_that_hide_changes_hide_nothing(topic: Repo) -> None:
    topic.commit({"dir/a": b"1", "dir/b": b"moved" * 50, "moved": None}, branch="topic")
    before = files(topic)
    for name, value in {
        "diff.renames": "false",
        "diff.ignoreSubmodules": "all",
        "diff.orderFile": "/nowhere",
        "core.quotePath": "false",
        "diff.relative": "true",
        "core.ignoreCase": "true",
    }.items():
        topic.git("config", name, value)
    assert files(topic) == before


IDLE = "pointer-without-filter"
POINTER = pointer_text(HERE, 6_000_000_000)


def test_a_pointer_counts_as_what_it_names_where_the_tree_hands_it_to_git_lfs_and_nowhere_else(topic: Repo) -> None:
    names = ["m.safetensors", "sub/größe\n.bin", "other", "M.SAFETENSORS", "sub/off.bin", "macro"]
    rules = {".gitattributes": LFS + b"[attr]big filter=lfs\nmacro big\n", "sub/.gitattributes": b"off.bin -filter\n"}
    topic.commit(rules | dict.fromkeys(names, POINTER), branch="topic")
    told = held(topic)
    assert told["m.safetensors"] == ChangedFile("m.safetensors", HERE, 6_000_000_000, pointer=True)
    assert told["other"] == ChangedFile("other", None, None, unread=IDLE)
    assert [told[name].unread for name in names] == [None, None, IDLE, IDLE, IDLE, None]


def test_other_attributes_settings_and_files_of_this_machine_hand_nothing_to_git_lfs(topic: Repo) -> None:
    topic.commit({"m.bin": POINTER, "other": POINTER}, branch="topic")
    before = held(topic)
    (topic.path / ".gitattributes").write_text("* filter=lfs\n")
    (topic.path / ".git/info").mkdir(exist_ok=True)
    (topic.path / ".git/info/attributes").write_text("* filter=lfs\nm.bin -filter\n")
    topic.git("config", "core.attributesFile", str(topic.path / ".gitattributes"))
    topic.git("config", "core.ignoreCase", "true")
    assert held(topic) == before
    topic.commit({".gitattributes": LFS + b"other filter=LFS eol=crlf ident\n* export-ignore\n"}, branch="topic")
    assert held(topic) == before | {".gitattributes": held(topic)[".gitattributes"]}


@pytest.mark.parametrize(
    ("before", "after", "unread"),
    [(b"", LFS, None), (LFS, b"", IDLE), (LFS, None, IDLE), (LFS, LFS + b"a/*.bin -filter\n", IDLE)],
)
def test_a_change_of_gitattributes_alone_asks_about_the_pointers_that_it_turns(
    topic: Repo, before: bytes, after: bytes | None, unread: str | None
) -> None:
    topic.commit({".gitattributes": before, "a/m.bin": POINTER, "a/text": POINTER, "a/real.bin": b"x" * 2000})
    topic.git("branch", "--force", "topic", "main")
    topic.commit({".gitattributes": after, "new": b"new"}, branch="topic")
    told = held(topic)
    assert set(told) - {".gitattributes"} == {"a/m.bin", "new"}
    assert told["a/m.bin"].unread == unread
    assert told["a/m.bin"].sha256 == (HERE if unread is None else None)


def test_a_change_of_gitattributes_asks_about_what_only_looks_like_a_pointer_too(topic: Repo) -> None:
    topic.commit({".gitattributes": b"", "a/m.bin": POINTER.ljust(2000)})
    topic.git("branch", "--force", "topic", "main")
    topic.commit({".gitattributes": b"a/* filter=lfs\n"}, branch="topic")
    assert held(topic)["a/m.bin"].unread == "unreadable"


def test_of_what_only_looks_like_a_pointer_nobody_knows_what_it_stands_for(topic: Repo) -> None:
    text = pointer_text(HERE, 5)
    texts = [
        text.replace(b"\n", b"\r\n"),
        text + b"\n",
        text.replace(b"spec/v1", b"spec/v2"),
        text.replace(b"size 5", b"size 05"),
        text.ljust(1024, b"\n") + b"what git-lfs looks at no more",  # 3.3.0 puts the file in its place
        "\u2028".encode() + text,
    ]
    unlike = b"ext-0-x sha256:" + HERE.encode() + b"\n" + text  # a pointer begins with its version
    files = {str(number): each for number, each in enumerate(texts)}
    topic.commit(files | {"unlike": unlike}, branch="topic")
    told = held(topic)
    for path in files:
        assert told[path] == ChangedFile(path, None, None, unread="unreadable")
    assert told["unlike"] == ChangedFile("unlike", hashlib.sha256(unlike).hexdigest(), len(unlike))


def test_some_files_in_lfs_and_some_not_are_each_read_as_they_are(topic: Repo) -> None:
    large = b"\0" * 3_000_000 + b"x"
    topic.commit({"in.bin": pointer_text(HERE, 9), "out.bin": large, "copy.bin": large}, branch="topic")
    told = held(topic)
    assert told["in.bin"].sha256 == HERE
    assert told["out.bin"].sha256 == told["copy.bin"].sha256 == hashlib.sha256(large).hexdigest()
    assert told["out.bin"].size == len(large)


def test_the_tensor_root_is_told_where_the_bytes_are_here(topic: Repo) -> None:
    data, _ = silero_file().read_bytes(), None
    names = {"m.safetensors": data, "cut.safetensors": data[:-1], "p.safetensors": pointer_text(HERE, 9), "m.bin": data}
    topic.commit(names, branch="topic")
    told = held(topic)
    tensors = measure(silero_file(), len(data), tensors=True)[0].tensors
    assert isinstance(tensors, tuple)
    assert told["m.safetensors"].tensors == TensorSet.of([("", tensors)]).root
    assert [told[name].tensors for name in ("cut.safetensors", "p.safetensors", "m.bin")] == [None] * 3


def test_a_blob_that_a_partial_clone_lacks_is_unreadable_unless_a_listing_names_it(topic: Repo, tmp_path: Path) -> None:
    text = pointer_text(HERE, 6_000)
    topic.commit({"m.bin": text, "code.py": b"print()\n"}, branch="topic")
    topic.git("config", "uploadpack.allowFilter", "true")
    clone = ("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{topic.path}", str(tmp_path / "bare"))
    topic.git(*clone)
    bare = Repo(tmp_path / "bare")
    assert {path: each.unread for path, each in held(bare).items()} == {"m.bin": "unreadable", "code.py": "unreadable"}
    entry = {"type": "file", "path": "x/other-name", "size": 6_000, "oid": blob_id(text)}
    listing = parse_listing(json.dumps([entry | {"lfs": {"oid": HERE, "size": 6_000}}]).encode())
    with pytest.raises(ObjectsMissing, match=r"lacks 1 of the change's \.gitattributes") as caught:
        held(bare, listing)  # without them Git would take the pointer for text
    assert caught.value.hint == f"Fetch them:  git show {bare.git('rev-parse', 'topic:.gitattributes')} > /dev/null"
    bare.git("show", "topic:.gitattributes")
    assert held(bare, listing)["m.bin"] == ChangedFile("m.bin", HERE, 6_000, pointer=True)
    assert held(bare, listing)["code.py"].unread == "unreadable"
    bare.git("diff", "main", "topic")  # as the hint says: this fetches them
    assert held(bare)["m.bin"].sha256 == HERE


def test_a_listing_of_another_revision_changes_nothing(topic: Repo) -> None:
    topic.commit({"m.bin": pointer_text(HERE, 6_000)}, branch="topic")
    other = Listed("m.bin", 6_000, blob_id(pointer_text(THERE, 6_000)), THERE)
    assert held(topic, (other,))["m.bin"].sha256 == HERE


def test_the_policy_is_the_one_of_the_commit_that_is_named(topic: Repo) -> None:
    topic.commit({".mcla.toml": b"version = 1\n"})
    topic.commit({".mcla.toml": b"loose = true\n"}, branch="topic")
    with opened(topic.path) as repository:
        assert policy_at(repository, topic.git("rev-parse", "main")) == "version = 1\n"
        assert policy_at(repository, topic.git("rev-parse", "main~1")) is None


def test_a_policy_that_cannot_be_read_is_refused(topic: Repo) -> None:
    module = topic.git("rev-parse", "main").encode()
    for data, kind in ((b"x" * 65_537, "file"), (b"# \xff", "file"), (b"elsewhere.toml", "link"), (module, "module")):
        commit = topic.commit({".mcla.toml": data}, modes={".mcla.toml": kind})
        with opened(topic.path) as repository, pytest.raises(PolicyUnreadable):
            policy_at(repository, commit)
