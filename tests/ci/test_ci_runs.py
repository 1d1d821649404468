# SPDX-License-Identifier: Apache-2.0
"""The scripts of the CI files, run as runners run them: in a real repository, beside a forge, against a service."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ci_runner import ROOT, Ran, Runner, action
from running import free_port
from scripted_forges import TOKEN, page

from mcla.cli import check_run

BELA = "Bela Brandt <bela@example.org>"


def test_a_covered_change_of_a_fork_passes_without_a_secret_and_is_quiet(runner: Runner) -> None:
    runner.site.forge.read_only = True
    done = action(runner, comment="true")
    assert done.code == 0, done.out
    assert done.out.startswith("Covered: 1 person, 1 file")
    assert "::error" not in done.out
    assert "Covered" in done.summary
    assert runner.service.headers[0]["authorization"] == ""  # the forge's token is not for the service
    assert set(runner.site.forge.tokens) == {TOKEN}
    assert runner.site.forge.comments == []
    assert not runner.owned


def test_a_person_who_has_not_signed_fails_it_and_is_told_in_one_comment_that_turns_green(runner: Runner) -> None:
    runner.add({"src/a.py": b"1"}, account=2, author=BELA)
    done = action(runner, comment="true")
    assert done.code == 1
    assert "::error title=MCLA" in done.out
    assert "sign/mcla-individual" in done.summary
    (comment,) = runner.site.forge.comments
    assert "Not covered" in comment["body"]
    runner.service.signed.add("2")
    assert action(runner, inside=True, comment="true").code == 0
    assert [each["body"].splitlines()[1][:14] for each in runner.site.forge.comments] == ["### ✅ Covered:"]


def test_a_run_that_a_newer_commit_has_overtaken_leaves_the_comment_to_that_ones(runner: Runner) -> None:
    runner.add({"src/a.py": b"1"}, account=2, author=BELA)
    job = runner.site.github(runner.site.pull())
    runner.site.forge.head = runner.site.forge.base
    done = action(runner, job, inside=True, comment="true")
    assert done.code == 1
    assert "moved on" in done.out
    assert runner.site.forge.comments == []


def test_nothing_in_a_comment_is_more_than_text(runner: Runner) -> None:
    name = "weights/`@everyone` <img src=x> ](x) | .bin"
    runner.add({name: b"x"}, author="@org/team [a](http://x) &lt;b&gt; <evil@example.org>")
    runner.site.forge.commits[-1] |= {"author": None, "committer": None}
    action(runner, inside=True, comment="true")
    body = runner.site.forge.comments[0]["body"]
    assert "@org/team" in body
    assert "evil@example.org" not in body
    outside = re.sub(r"(`+).*?\1", "", body)  # what stands in code spans is text
    assert not re.search(r"(?<!\\)@|<(?!!--|/?sub|https?://)|\]\(", outside)


def test_an_author_without_an_account_is_unknown_and_unknown_is_no_pass(runner: Runner) -> None:
    runner.add({"src/a.py": b"1"}, author=BELA)
    runner.site.forge.commits[-1] |= {"author": None, "committer": None}
    done = action(runner, inside=True)
    assert done.code == 3
    assert "::error title=MCLA::Unknown" in done.out
    assert "bela@example.org" not in done.out + done.summary


def test_a_forge_that_answers_with_a_web_page_leaves_it_unknown(runner: Runner) -> None:
    runner.site.forge.faults = dict.fromkeys(range(1, 99), lambda _: page())
    done = action(runner, inside=True, comment="true")
    assert done.code == 3
    assert "sent something that is no JSON" in done.out
    assert "no JSON" in done.summary


def test_a_service_that_is_down_leaves_it_unknown_and_makes_no_comment(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_run, "SLEEP", lambda _: None)
    done = action(runner, inside=True, service=f"http://127.0.0.1:{free_port()}", comment="true")
    assert done.code == 3
    assert "did not answer" in done.summary
    assert runner.site.forge.comments == []


def test_a_merge_group_passes_only_if_every_pull_request_in_it_does(runner: Runner) -> None:
    runner.add({"src/a.py": b"1"})
    one, two = (each["sha"] for each in runner.site.forge.commits)
    openers = [{"__typename": "User", "databaseId": number, "login": "u"} for number in (1, 2)]
    runner.site.forge.queue = ("SQUASH", [(one, 7, openers[0]), (two, 8, openers[1])])
    group = runner.site.group(8)
    done = action(runner, runner.site.github(group, "merge_group"), inside=True)
    assert done.code == 1, done.out
    asked = [
        (each["opener"]["subject"], [commit["sha"] for commit in each["commits"]]) for each in runner.service.asked
    ]
    assert asked == [("1", [one]), ("2", [two])]


def test_the_same_action_runs_at_forgejo_under_the_services_name_for_it(runner: Runner) -> None:
    runner.service.signed.add("1")
    done = action(runner, runner.site.gitea(runner.site.pull()), inside=True, provider="github")
    assert done.code == 0, done.out
    assert "/api/v1/repos/example/tiny/compare/" in runner.site.forge.asked[0][1]


def gitlab(runner: Runner, published: str, **inputs: str) -> Ran:
    """The template's job, in a merge request's pipeline."""
    spec, jobs = yaml.safe_load_all((ROOT / "ci/gitlab/mcla-check.yml").read_text(encoding="utf-8"))
    given = {"service": runner.address, "project": "tiny-llm", "source": published, "version": "VERSION", **inputs}
    values = {name: given.get(name, each.get("default")) for name, each in spec["spec"]["inputs"].items()}
    job = jobs["mcla-check"]

    def filled(text: str) -> str:
        return re.sub(r"\$\[\[ inputs\.([a-z]+) \]\]", lambda found: values[found[1]], text)

    variables = {name: filled(text) for name, text in job["variables"].items()}
    return runner.run("\n".join(job["script"]), runner.site.gitlab() | variables, "bash")


def test_gitlabs_job_needs_no_token_for_a_public_project(runner: Runner, published: str) -> None:
    done = gitlab(runner, published, provider="github")
    assert done.code == 0, done.out
    assert set(runner.site.forge.tokens) == {""}
    assert not runner.owned


def test_a_fork_at_gitlab_cannot_hide_its_commits_behind_its_own_main(runner: Runner) -> None:
    runner.repo.git("update-ref", "refs/remotes/origin/main", "refs/heads/topic")
    fork = {
        "CI_PROJECT_ID": "2",
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "MCLA_SERVICE": runner.address,
        "MCLA_PROJECT": "tiny-llm",
        "MCLA_PROVIDER": "github",
    }
    done = runner.run(f'"{ROOT}/ci/mcla-check"', runner.site.gitlab() | fork)
    assert "Nothing to check" not in done.out
    assert len(runner.service.asked[0]["commits"]) == 1


def test_the_stage_for_jenkins_finds_the_change_by_its_address(runner: Runner, published: str) -> None:
    text = (ROOT / "ci/jenkins/Jenkinsfile").read_text(encoding="utf-8")
    found = re.search(r"sh '''(.*?)'''", text, re.DOTALL)
    named = dict(re.findall(r"'(MCLA_[A-Z]+)=([^']*)'", text))
    assert found is not None
    assert set(named) == {"MCLA_SERVICE", "MCLA_PROJECT"}
    change = f"{runner.site.address}/example/tiny/pull/7"
    variables = named | {"MCLA_SERVICE": runner.address, "MCLA_CHANGE": change}
    done = runner.run(found[1].replace("https://FORGE/OWNER/mcla", published), variables)
    assert done.code == 0, done.out
    assert runner.service.asked[0]["opener"]["subject"] == "1"


def test_the_hook_of_pre_commit_asks_about_the_files_that_are_pushed(runner: Runner) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    command = shlex.split(hook["entry"])
    assert command[0] == "mcla"
    known = runner.site.forge.head
    runner.add({"weights/other.bin": b"not given"})
    pushed = {"PRE_COMMIT_FROM_REF": known, "PRE_COMMIT_TO_REF": runner.site.forge.head}
    there = ["--service", runner.address, "--project", "tiny-llm"]
    script = shlex.join([sys.executable, "-P", "-m", "mcla.cli", *command[1:], *there])
    done = runner.run(script, pushed | {"PYTHONPATH": str(ROOT)})
    assert done.code == 1
    assert [each["path"] for each in runner.service.asked[0]["artifacts"]] == ["weights/other.bin"]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"MCLA_PYTHON": "/nowhere/python3"}, "no Python 3.11"), ({"RUNNER_TEMP": "", "HOME": ""}, "no folder")],
)
def test_what_the_machine_lacks_leaves_it_unknown(runner: Runner, change: dict[str, str], said: str) -> None:
    done = runner.run(f'"{ROOT}/ci/mcla-check"', change)
    assert done.code == 3
    assert said in done.out


def test_packages_come_by_their_digests_alone() -> None:
    text = (ROOT / "ci/mcla-check").read_text(encoding="utf-8")
    (install,) = re.findall(r"-m pip install(?:.*\\\n)*.*", text)
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split())


def test_the_scripts_are_what_a_plain_shell_reads() -> None:
    done = subprocess.run(["sh", "-n", ROOT / "ci/mcla-check"], capture_output=True, timeout=10)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(ROOT / "ci/mcla-check").stat().st_mode & 0o111
