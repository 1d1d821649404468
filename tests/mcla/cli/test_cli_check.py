# SPDX-License-Identifier: Apache-2.0
"""`mcla check` in real repositories, against the real decision: what is asked, what is told, and the exit code."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deciding_service import Deciding
from repositories import Repo
from running import free_port

from mcla.artifacts.gitblob import blob_id
from mcla.artifacts.lfs import pointer_text
from mcla.checks.answer import read_answer
from mcla.checks.change import read_change
from mcla.cli.check_answers import AnswerNotWhole, check_whole

POLICY = b'version = 1\n[[artifacts]]\npaths = ["weights/**"]\nkind = "weights"\n'
ADA, BELA = "Ada Li <1+ada@users.noreply.github.com>", "Bela Brandt <2+bela@users.noreply.github.com>"
GIVEN = b"given " * 400
SHA = hashlib.sha256(GIVEN).hexdigest()
LFS = {".gitattributes": b"weights/** filter=lfs\n"}


@pytest.fixture
def check(mcla_inside: Any, serving_decisions: tuple[Deciding, str], repo: Repo) -> Callable[..., Any]:
    """`check("--json", …)` asks about topic, opened by account 1."""

    def run(*args: str | Path, opener: str | None = "github:1", head: str = "topic", **env: str) -> Any:
        always: list[str | Path] = ["--service", serving_decisions[1], "--project", "tiny-llm"]
        always += ["--repository", repo.path, "--base", "main", "--head", head]
        always += ["--opener", opener] if opener else []
        return mcla_inside("check", *always, *args, **env)

    return run


def test_a_change_in_which_everything_is_covered_is_a_yes_that_counts(check: Any, decides: Deciding) -> None:
    done = check()
    assert done.code == 0, done.out
    assert done.out.splitlines()[0] == "Covered: 1 person, 1 file, as of 2026-11-22T11:20:05Z"
    assert "Ada Li, 1 file" in done.out
    (asked,) = decides.asked
    assert asked["policy"] == POLICY.decode()
    assert [each["path"] for each in asked["artifacts"]] == ["weights/new.bin"]  # nothing else leaves the machine
    assert asked["artifacts"][0] | {"path": ""} == {"path": "", "sha256": SHA, "size": len(GIVEN)}


def test_who_has_not_signed_is_named_with_the_page_to_sign_at(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({"weights/b.bin": b"b"}, branch="topic", author=BELA, committer=BELA)
    done = check()
    assert done.code == 1
    assert done.out.startswith("Not covered: 1 of 2 people, 1 of 2 files, as of")
    assert "not covered  Bela Brandt (author, 1 commit): Has not signed" in done.out
    assert "https://mcla.example.org/sign/mcla-individual" in done.out
    assert "weights/b.bin: " in done.out
    answer = json.loads(check("--json").out)
    assert (answer["verdict"], len(answer["subjects"]), len(answer["artifacts"])) == ("not-covered", 2, 2)
    assert answer["changes"][0]["head"] == repo.git("rev-parse", "topic")


def test_without_an_opener_nobody_vouches_and_the_answer_is_unknown(check: Any, decides: Deciding) -> None:
    done = check(opener=None)
    assert done.code == 3
    assert done.out.startswith("Unknown: ")
    assert "unknown      The opener: The check was not told who opened the change." in done.out


def test_a_change_cannot_loosen_its_own_check(check: Any, decides: Deciding, repo: Repo) -> None:
    loose = POLICY.replace(b"weights/**", b"nothing/**")
    repo.commit({".mcla.toml": loose, "weights/x.bin": b"x"}, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert (done.code, "This change edits .mcla.toml" in done.out) == (1, True)
    assert check("--policy", write(repo, loose)).code == 0  # unless the caller says so
    repo.git("checkout", "--quiet", "topic")
    brought = check("--policy", repo.path / ".mcla.toml")
    assert (brought.code, "brings its own .mcla.toml" in brought.out) == (3, True)


def test_a_new_policy_that_is_broken_is_told_before_it_stops_everybody(
    check: Any, decides: Deciding, repo: Repo
) -> None:
    repo.commit({".mcla.toml": b"version = 1\nkinds = 3\n"}, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert done.code == 0
    assert "The .mcla.toml of this change is broken; merged, it would leave every check unknown: " in done.out
    repo.commit({".mcla.toml": None}, branch="topic", author=ADA, committer=ADA)
    assert "This change removes .mcla.toml: merged, no file is asked about, unless" in check().out


def write(repo: Repo, data: bytes) -> Path:
    place = repo.path.parent / "policy.toml"
    place.write_bytes(data)
    return place


@pytest.mark.parametrize("own", [POLICY, None, b"broken = \n", b"version = 1\n"])
def test_a_policy_of_the_services_own_sees_every_file(
    check: Any, decides: Deciding, repo: Repo, own: bytes | None
) -> None:
    repo.commit({".mcla.toml": own})
    repo.commit({".mcla.toml": own, "data/d.jsonl": b"d"}, branch="topic", author=ADA, committer=ADA)
    decides.server_policy = 'version = 1\n[[artifacts]]\npaths = ["data/**"]\nkind = "data"\n'
    done = check("--json")
    answer = json.loads(done.out)
    assert done.code == 1, done.out
    assert [each["path"] for each in answer["artifacts"]] == ["data/d.jsonl"]
    assert answer["policy"]["source"] == "server"


def test_without_any_policy_people_are_asked_and_files_are_not(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({".mcla.toml": None})
    repo.git("checkout", "-q", "-b", "late", "main")
    repo.commit({"weights/x.bin": b"x"}, branch="late", author=ADA, committer=ADA)
    done = check(head="late")
    assert (done.code, done.out.splitlines()[0][:19]) == (0, "Covered: 1 person, ")
    only = check("--only", "artifacts", head="late")
    assert (only.code, decides.asked[-1]["commits"]) == (0, [])


@pytest.mark.parametrize("policy", [b"broken = \n", b"# \xff", b"x" * 70_000])
def test_a_broken_policy_leaves_everything_unknown(check: Any, decides: Deciding, repo: Repo, policy: bytes) -> None:
    repo.commit({".mcla.toml": policy})
    done = check()
    assert done.code == 3
    assert ".mcla.toml" in done.out


def test_people_or_files_alone_can_be_asked_about(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({"a": b"1"}, branch="topic", author=BELA, committer=BELA)
    assert check("--only", "artifacts", opener=None).code == 0
    assert decides.asked[-1]["commits"] == []
    people = json.loads(check("--only", "people", "--json").out)
    assert (people["verdict"], people["artifacts"], decides.asked[-1]["artifacts"]) == ("not-covered", [], [])


def test_links_submodules_and_odd_names_under_a_rule_are_unknown(check: Any, decides: Deciding, repo: Repo) -> None:
    commit = repo.git("rev-parse", "main").encode()
    files = {"weights/l": b"../x", "weights/s": commit, "weights/a\nb": b"1", "weights/\udcff": b"2", "docs/l": b"x"}
    modes = {"weights/l": "link", "weights/s": "module", "docs/l": "link"}
    repo.commit(files, branch="topic", author=ADA, committer=ADA, modes=modes)
    done = check("--json")
    told = {each["path"]: each["code"] for each in json.loads(done.out)["artifacts"]}
    assert done.code == 3
    assert told == {
        "weights/new.bin": "covered",
        "weights/l": "symlink",
        "weights/s": "submodule",
        "weights/a\nb": "path-unusable",
        "weights/\udcff": "path-unusable",
    }
    assert "weights/a\\nb" in check().out


@pytest.mark.parametrize("kind", ["link", "module"])
def test_a_folder_under_a_rule_cannot_be_replaced_by_what_has_no_bytes(
    check: Any, decides: Deciding, repo: Repo, kind: str
) -> None:
    data = b"elsewhere" if kind == "link" else repo.git("rev-parse", "main").encode()
    gone = {"weights/new.bin": None, "weights/old.bin": None}
    repo.commit({**gone, "weights": data}, branch="topic", author=ADA, committer=ADA, modes={"weights": kind})
    done = check("--json")
    assert done.code == 3
    assert [each["path"] for each in json.loads(done.out)["artifacts"]] == ["weights"]


def test_removed_files_are_not_asked_about_and_renamed_ones_are(check: Any, decides: Deciding, repo: Repo) -> None:
    changes: dict[str, bytes | None] = {
        "weights/new.bin": None,
        "weights/old.bin": None,
        "weights/to.bin": b"old" * 500,
    }
    repo.commit(changes, branch="topic", author=ADA, committer=ADA)
    check()
    assert [(each["path"], each["previous"]) for each in decides.asked[-1]["artifacts"]] == [
        ("weights/to.bin", "weights/old.bin")
    ]


def test_a_pointer_of_the_right_hash_and_a_wrong_size_is_no_yes(check: Any, decides: Deciding, repo: Repo) -> None:
    decides.size = len(GIVEN)
    pointer = pointer_text(SHA, len(GIVEN) + 1)
    repo.commit({"weights/new.bin": pointer} | LFS, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert (done.code, "another size" in done.out) == (3, True)
    repo.commit({"weights/new.bin": pointer_text(SHA, len(GIVEN))}, branch="topic", author=ADA, committer=ADA)
    assert check().code == 0


def test_a_pointer_that_git_lfs_is_not_given_is_text_and_gitattributes_alone_can_turn_it(
    check: Any, decides: Deciding, repo: Repo
) -> None:
    repo.commit({".mcla.toml": POLICY + b'from_size = "1 KiB"\n'})
    repo.commit({"weights/new.bin": pointer_text(SHA, len(GIVEN))}, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert (done.code, "git lfs track" in done.out) == (1, True)
    repo.commit({"weights/new.bin": pointer_text("d" * 64, 9)})
    repo.git("branch", "--force", "topic", "main")
    repo.commit(LFS, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert (done.code, "weights/new.bin: Nobody has given" in done.out) == (1, True)


def test_a_project_or_a_time_that_cannot_be_is_wrong_usage(check: Any, decides: Deciding) -> None:
    slug = check("--project", "Tiny-LLM")
    assert (slug.code, "the project's slug in lower-case letters" in slug.err, decides.asked) == (2, True, [])
    unfit = {"code": "time-unfit", "detail": "expected a time that has come, got 2999-01-01T00:00:00+00:00"}
    decides.answers.append((422, {}, json.dumps(unfit).encode()))
    future = check("--as-of", "2999-01-01T00:00:00Z")
    assert (future.code, "a time that has come" in future.err) == (2, True)


def test_the_next_step_about_a_past_time_says_how_to_see_it_done(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({"weights/b.bin": b"b"}, branch="topic", author=BELA, committer=BELA)
    told = json.loads(check("--json", "--as-of", "2026-11-20T00:00:00Z").out)
    steps = [told["next"], *(each["next"] for each in [*told["subjects"], *told["artifacts"]] if each["next"])]
    assert len(steps) == 3
    assert all(each.endswith("ask without as_of, which says how it is now.") for each in steps)
    assert "without as_of" not in check("--json").out


@pytest.mark.parametrize("option", ["--policy", "--listing", "--trust", "--withdrawals"])
def test_a_pipe_without_a_writer_is_refused_and_not_waited_for(check: Any, tmp_path: Path, option: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = check(option, tmp_path / "pipe")
    assert (done.code, "expected a file, got a pipe or a device" in done.err) == (2, True)


def test_a_near_pointer_and_a_mistyped_trailer_are_noticed(check: Any, decides: Deciding, repo: Repo) -> None:
    near = pointer_text(SHA, len(GIVEN)).replace(b"\n", b"\r\n")
    message = "T\n\nCo-author-by: B <b@example.org>"
    repo.commit({"weights/new.bin": near}, branch="topic", author=ADA, committer=ADA, message=message)
    done = check()
    assert done.code == 3
    assert "looks like a Git LFS pointer and is none" in done.out
    assert "'Co-author-by: B <b…@example.org>'" in done.out
    codes = {each["code"] for each in json.loads(check("--json").out)["notices"]}
    assert codes == {"near-pointer", "trailer-odd"}


def test_a_near_pointer_does_not_pass_for_a_small_file(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({".mcla.toml": POLICY + b'from_size = "1 KiB"\n'})
    extended = pointer_text(SHA, 9**12).replace(b"oid", b"ext-0-x sha256:" + b"0" * 64 + b"\noid")
    padded = pointer_text(SHA, 9**12).ljust(1024)  # git-lfs looks no further
    files = {"weights/new.bin": extended, "weights/padded.bin": padded[:1023] + b"\n"}
    repo.commit(files | LFS, branch="topic", author=ADA, committer=ADA)
    done = check()
    assert (done.code, done.out.count("looks like a Git LFS pointer and is none")) == (3, 2)


def test_a_pointer_that_says_little_does_not_pass_for_a_small_file(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.commit({".mcla.toml": POLICY + b'from_size = "1 KiB"\n'})
    repo.commit({"weights/new.bin": pointer_text("d" * 64, 10)} | LFS, branch="topic", author=ADA, committer=ADA)
    assert check().code == 1


def test_a_partial_clone_is_unknown_unless_a_hub_listing_names_the_file(
    check: Any, decides: Deciding, repo: Repo, tmp_path: Path
) -> None:
    text = pointer_text(SHA, len(GIVEN))
    repo.commit(LFS)
    repo.git("branch", "--force", "topic", "main")
    repo.commit({"weights/new.bin": text}, branch="topic", author=ADA, committer=ADA)
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--bare", "--filter=blob:limit=100", f"file://{repo.path}", str(tmp_path / "bare"))
    done = check("--repository", tmp_path / "bare")
    assert (done.code, "git diff" in done.out) == (3, True)
    entry = {"type": "file", "path": "weights/new.bin", "size": len(GIVEN), "oid": blob_id(text)}
    (tmp_path / "listing.json").write_text(json.dumps([entry | {"lfs": {"oid": SHA, "size": len(GIVEN)}}]))
    assert check("--repository", tmp_path / "bare", "--listing", tmp_path / "listing.json").code == 0


def test_nothing_to_check_is_a_yes_without_asking_anybody(check: Any, decides: Deciding) -> None:
    done = check(head="main")
    assert (done.code, done.out, decides.asked) == (0, "Nothing to check: no commit and no file differs.\n", [])


def test_a_service_that_is_down_is_unknown(check: Any, decides: Deciding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcla.cli.check_run.SLEEP", lambda _: None)
    down = f"http://127.0.0.1:{free_port()}"
    done = check("--service", down)
    assert done.code == 3
    assert "did not answer" in done.out
    assert f"mcla doctor --service {down}" in done.out


def test_a_refusal_is_no_answer(check: Any, decides: Deciding) -> None:
    for status, body, code in (
        (404, {"code": "project-unknown", "detail": "There is no project of this name."}, 2),
        (404, {}, 3),
        (401, {"code": "token-invalid", "detail": "The token is not known."}, 3),
        (413, {"code": "body-too-large"}, 3),
        (422, {"code": "change-invalid", "errors": [{"pointer": "/commits/0", "detail": "bad"}]}, 3),
        (200, {}, 3),
    ):
        decides.answers = [(status, {}, json.dumps(body).encode())]
        done = check()
        assert done.code == code, done.out + done.err
        assert "overed:" not in done.out


def test_a_busy_service_is_asked_again_after_the_time_it_names(
    check: Any, decides: Deciding, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("mcla.cli.check_run.SLEEP", waits.append)
    decides.answers = [(429, {"Retry-After": "7"}, b"{}"), (503, {"Retry-After": "99999"}, b"{}")]
    assert (check().code, waits) == (0, [7, 30])
    decides.answers = [(429, {}, b"{}")] * 9
    assert check().code == 3


def test_an_answer_that_leaves_something_out_is_none(check: Any, decides: Deciding) -> None:
    good = json.loads(check("--json").out)
    change = read_change(decides.asked[0])
    check_whole(read_answer(good), change)
    for part in (
        {"artifacts": []},
        {"subjects": []},
        {"counts": good["counts"] | {"commits": 0}},
        {"counts": good["counts"] | {"files_free": 5}},
        {"artifacts": [good["artifacts"][0] | {"sha256": "0" * 64}]},
    ):
        with pytest.raises(AnswerNotWhole):
            check_whole(read_answer(good | part), change)
    decides.answers = [(200, {}, json.dumps(good | {"artifacts": []}).encode())]
    assert check().code == 3


def test_the_token_comes_from_the_variable_or_a_file_and_is_never_shown(
    check: Any, decides: Deciding, tmp_path: Path
) -> None:
    secret = "mcla_pat_abcdef0123456789"
    (tmp_path / "token").write_text(secret + "\n")
    told = [check(MCLA_TOKEN=secret), check("--token-file", tmp_path / "token"), check()]
    sent = [each["authorization"] for each in decides.headers]
    assert sent == [f"Bearer {secret}", f"Bearer {secret}", ""]
    assert not any(secret in done.out + done.err for done in told)
    wrong = check(MCLA_TOKEN="two words\nof it")
    assert (wrong.code, "two words" in wrong.out + wrong.err) == (2, False)


def test_a_question_that_cannot_be_asked_is_wrong_usage(check: Any, decides: Deciding) -> None:
    for args in (
        ["--opener", "1"],
        ["--opener", "github:"],
        ["--as-of", "yesterday"],
        ["--base", "nowhere"],
        ["--head=-x"],
        ["--only", "bots"],
        ["--format", "xml"],
        ["--service", "ftp://x"],
        ["--group", "--base", "topic", "--head", "main"],
        ["--token-file", "/dev/null"],
    ):
        done = check(*args)
        assert (done.code, decides.asked) == (2, []), done.out + done.err


def test_a_step_that_only_uploads_the_report_may_end_with_zero(check: Any, decides: Deciding) -> None:
    decides.signed.clear()
    assert check("--format", "sarif").code == 1
    done = check("--format", "sarif", "--exit-zero")
    assert (done.code, len(json.loads(done.out)["runs"][0]["results"])) == (0, 1)
    assert check("--exit-zero", "--base", "nowhere").code == 2


def test_an_answer_that_was_to_be_signed_and_is_not_is_no_yes(check: Any, decides: Deciding, tmp_path: Path) -> None:
    done = check("--answer", tmp_path / "answer.json")
    assert (done.code, "did not sign its answer" in done.out) == (3, True)
    assert decides.asked[-1]["signed"] is True
    assert not (tmp_path / "answer.json").exists()


def test_the_time_asked_about_is_passed_on(check: Any, decides: Deciding) -> None:
    done = check("--as-of", "2026-01-02T03:04:05+01:00")
    assert decides.asked[-1]["as_of"] == "2026-01-02T02:04:05Z"
    assert "as of 2026-01-02T02:04:05Z" in done.out


def test_a_thousand_commits_are_one_question(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.many(1000, "topic", author=BELA)
    done = check()
    assert (done.code, len(decides.asked)) == (1, 1)
    assert len(decides.asked[0]["commits"]) == 1001
    assert "Bela Brandt (author, 1,000 commits)" in done.out


def test_a_merge_is_skipped_and_what_it_brings_in_is_not(check: Any, decides: Deciding, repo: Repo) -> None:
    repo.branch("foreign")
    repo.commit({"f": b"1"}, branch="foreign", author=BELA, committer=BELA)
    repo.commit(
        {"f": b"1"},
        branch="topic",
        merge=["refs/heads/foreign"],
        author="M <m@example.org>",
        committer="M <m@example.org>",
    )
    done = check()
    assert done.code == 1
    assert "Bela Brandt" in done.out
    assert "1 merge skipped" in done.out
    assert "m@example" not in done.out
