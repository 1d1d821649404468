# SPDX-License-Identifier: Apache-2.0
"""The forms of a check's answer: what machines read of it, and that nothing in a change can speak for us."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from mcla.checks.answer import Answer, ArtifactAnswer, PolicyUsed, Said, Sign, SubjectAnswer, read_answer
from mcla.cli.check_formats import github, gitlab, junit, markdown, sarif, text
from mcla.cli.check_formats.report import Notice, Report
from mcla.cli.check_telling import tell
from mcla.cli.failure import Exit
from mcla.cli.output import Output
from mcla.verify.standing import AsOf

NO = Said("not-covered", "not-signed", "Has not signed.", "Sign at https://mcla.example.org/sign/x?project=p.")
GONE = Said("not-covered", "not-given", "Nobody has given this file.", "mcla sign FILE")
DARK = Said("unknown", "login-only", "A login proves nobody.", "Send the id.")
YES = Said("covered", "covered", "Signed.")
HOSTILE = [
    "::error::gone\n::set-output name=x::y",
    "##[add-mask]a",
    "##vso[task.complete]",
    "a%0A::warning::b,c:d",
    "</testcase><x>&amp;]]>",
    "| a | `b` | ![x](http://evil/) <img src=x> @everyone",
    "\x1b[31mred\x1b[0m\r\x08\x00",
    "\u202egnp.exe",
    "\udcff\udcfe",
    '"; rm -rf / #',
]


def person(label: str, said: Said, **more: Any) -> SubjectAnswer:
    return SubjectAnswer(said, ("author",), label, "account", commits=("a" * 40,), commits_total=1, **more)


def report(
    *parts: SubjectAnswer | ArtifactAnswer, said: Said = NO, signs: tuple[Sign, ...] = (), **more: Any
) -> Report:
    answer = Answer(
        project="tiny-llm",
        said=said,
        as_of=AsOf(42, datetime(2026, 11, 22, 11, 20, tzinfo=UTC)),
        policy=PolicyUsed("repository", "0" * 64),
        subjects=tuple(each for each in parts if isinstance(each, SubjectAnswer)),
        artifacts=tuple(each for each in parts if isinstance(each, ArtifactAnswer)),
        signs=signs,
    )
    return Report(said, answer, **more)


MIXED = report(
    person("Ada Li", YES),
    person("Bela", NO, sign_url="https://mcla.example.org/sign/x?project=p"),
    person("Chris", DARK),
    ArtifactAnswer(YES, "weights/a.bin", "0" * 64, 5),
    ArtifactAnswer(GONE, "weights/b c%.bin", "1" * 64, 5),
)
HOSTILE_REPORT = report(
    *(person(each, NO) for each in HOSTILE),
    *(ArtifactAnswer(GONE, f"weights/{each}", "1" * 64, 5) for each in HOSTILE),
    notices=tuple(Notice("odd", each, each) for each in HOSTILE),
    signs=tuple(Sign("tensors-of-another", each, {}, each, (f"weights/{each}",), 2, weighs=False) for each in HOSTILE),
)


def test_a_person_in_a_hurry_sees_the_verdict_then_each_problem_with_its_next_step() -> None:
    lines = [line.replace("\x1b", "") for line in text.lines_of(MIXED)]
    assert "Not covered" in lines[0]
    assert lines[0].endswith(": 2 of 3 people, 1 of 2 files, as of 2026-11-22T11:20:00Z")
    assert "Bela (author, 1 commit): Has not signed." in lines[2]
    assert lines[3].strip() == "Next: Sign at https://mcla.example.org/sign/x?project=p."
    order = [next(i for i, line in enumerate(lines) if name in line) for name in ("Bela", "b c%", "Chris", "Ada Li")]
    assert order == sorted(order)  # a known no, then what nobody knows, then who is fine


def test_who_is_exempt_is_not_told_as_if_it_had_signed() -> None:
    bot = Said("covered", "exempt-bot", "Exempt as a bot until 2027-01-01: builds")
    lines = text.lines_of(report(person("Ada Li", YES), person("builds", bot), said=YES))
    assert any("Ada Li, builds (exempt)" in line for line in lines)


def test_a_sign_of_a_lost_licence_is_told_in_every_form_and_fails_nothing() -> None:
    sign = Sign(
        "tensors-of-another", "3 of 4 tensors are equal.", {"tensors": 3}, "ctr_1", ("w/a.bin",), 3, weighs=False
    )
    told = report(ArtifactAnswer(YES, "w/a.bin", "0" * 64, 5), said=YES, signs=(sign,))
    said = "3 of 4 tensors are equal. This is a sign, no accusation: ask its giver."
    assert any(f"w/a.bin and 2 more: {said[:25]}" in line for line in text.lines_of(told))
    assert f"::notice title=MCLA::w/a.bin and 2 more: {said}" in github.annotations_of(told)
    [finding] = gitlab.findings_of(told)
    assert (finding["severity"], finding["description"], finding["location"]["path"]) == ("info", said, "w/a.bin")
    [result] = sarif.log_of(told, 0)["runs"][0]["results"]
    assert (result["level"], result["ruleId"], result["message"]["text"]) == ("note", "tensors-of-another", said)
    suite = ElementTree.fromstring(junit.xml_of(told)).find("testsuite")  # noqa: S314
    assert suite is not None
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert said in (suite.findtext("system-out") or "")
    assert "tensors are equal" in markdown.text_of(told)
    assert told.problems == ()


def test_many_files_with_one_trouble_take_one_row() -> None:
    many = report(*(ArtifactAnswer(GONE, f"w/{number:04}", "1" * 64, 5) for number in range(2000)), said=GONE)
    lines = text.lines_of(many)
    assert len(lines) < 16
    assert "2,000 files: Nobody has given this file." in lines[2]
    assert "and 1,992 more" in "".join(lines)


def test_lines_are_folded_for_a_terminal_and_addresses_stay_whole() -> None:
    lines = text.lines_of(MIXED, 60)
    assert max(len(click.unstyle(line)) for line in lines[2:]) <= 60
    assert any(line.endswith("https://mcla.example.org/sign/x?project=p.") for line in lines)
    assert [click.unstyle(line).split() for line in lines] != [
        click.unstyle(line).split() for line in text.lines_of(MIXED)
    ]


def test_a_co_author_who_is_reported_only_is_no_problem() -> None:
    told = report(person("Ada", YES), person("Bob", DARK, required=False), said=YES)
    assert told.problems == ()
    assert told.headline.startswith("Covered: 2 people")
    assert "Bob (co-author, reported only)" in "".join(text.lines_of(told))


def test_a_whole_that_no_part_explains_is_a_problem_of_its_own() -> None:
    alone = Said("not-covered", "no-responsible-human", "Only agents made this change.", "Let a person open it.")
    told = report(person("agent", YES), said=alone)
    assert [each.code for each in told.problems] == ["no-responsible-human"]
    assert b"no-responsible-human" in junit.xml_of(told)


def test_json_is_the_answer_with_what_the_checkout_adds() -> None:
    told = MIXED.to_dict()
    assert read_answer(told) == MIXED.answer
    assert set(told) >= {"verdict", "subjects", "artifacts", "notices", "changes"}


def test_annotations_put_the_totals_first_and_stay_below_what_a_step_shows() -> None:
    many = report(*(person(f"p{n}", NO) for n in range(50)), *(person(f"q{n}", DARK) for n in range(50)))
    lines = github.annotations_of(many)
    assert lines[0].startswith("::error title=MCLA::Not covered: 100 of 100 people")
    assert [sum(line.startswith(f"::{level} ") for line in lines) for level in ("error", "warning")] == [10, 10]
    (file,) = (line for line in github.annotations_of(MIXED) if "file=" in line)
    assert file.startswith("::error file=weights/b c%25.bin,title=MCLA%3A not covered::weights/b c%25.bin: Nobody")


def test_an_unknown_is_an_error_beside_the_log_and_never_a_mere_notice() -> None:
    assert github.annotations_of(report(person("x", DARK), said=DARK))[0].startswith("::error ")
    assert github.annotations_of(Report(Said("unknown", "service-unreachable", "Away.", "Later.")))[0] == (
        "::error title=MCLA::Unknown: Away. Later."
    )


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "sarif", "junit", "markdown"])
def test_nothing_in_a_change_can_speak_to_a_runner_or_a_terminal(form: str) -> None:
    def run() -> None:
        tell(HOSTILE_REPORT, form, Exit.NO, Output(), {})

    done = CliRunner().invoke(click.command()(run))
    assert done.exception is None, done.exception
    out = done.stdout
    assert "##" not in out.replace("### ", "")
    assert "\x1b" not in out
    assert "\u202e" not in out
    ours = ("::error ", "::warning ", "::notice ") if form == "github" else ()
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::") and not line.startswith(ours)]
    if form == "github":
        assert len(out.splitlines()) == 20
        assert all(line.count("::") >= 2 and line.startswith(ours) for line in out.splitlines())


def test_sarif_has_the_shape_that_the_standard_asks_for() -> None:
    log = sarif.log_of(MIXED, 1)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert sorted(rules) == ["login-only", "not-given", "not-signed"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]]
    assert places == [".mcla.toml", "weights/b%20c%25.bin", ".mcla.toml"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    away = sarif.log_of(Report(Said("unknown", "service-unreachable", "Away.")), 3)["runs"][0]
    assert (away["invocations"][0]["executionSuccessful"], len(away["results"])) == (False, 1)


def test_fingerprints_stay_from_run_to_run_and_differ_from_each_other() -> None:
    assert MIXED.answer is not None
    later = replace(MIXED.answer, as_of=AsOf(43, datetime(2026, 12, 1, tzinfo=UTC)))
    prints = [[each["fingerprint"] for each in gitlab.findings_of(Report(NO, each))] for each in (MIXED.answer, later)]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 3
    assert {each["severity"] for each in gitlab.findings_of(MIXED)} == {"blocker", "major"}


def test_junit_is_read_by_other_parsers_whatever_the_names_are() -> None:
    suite = ElementTree.fromstring(junit.xml_of(MIXED))[0]  # noqa: S314  # written here
    assert suite.attrib == {"name": "mcla check", "tests": "5", "failures": "2", "errors": "1"}
    assert len(suite.findall("testcase/failure")) == 2
    odd = ElementTree.fromstring(junit.xml_of(HOSTILE_REPORT))[0]  # noqa: S314
    assert len(odd.findall("testcase")) == 2 * len(HOSTILE)
    quiet = ElementTree.fromstring(junit.xml_of(Report(Said("covered", "nothing-to-check", "Nothing."))))[0]  # noqa: S314
    assert (quiet.get("tests"), quiet.get("failures"), quiet.get("errors")) == ("1", "0", "0")


def test_markdown_makes_no_link_picture_or_markup_of_what_a_change_says() -> None:
    """A forge also makes links of bare addresses, and notifies people; the service's own page stays a link."""
    told = markdown.text_of(HOSTILE_REPORT)
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(told)
    for bad in ("<img", "href", "<x>", "<strong>", "<em>"):
        assert bad not in shown
    assert shown.count("<tr>") == 1 + len(HOSTILE) + 1
    step = Said(
        "not-covered", "x", "r", "Ask @everyone <http://evil/> [a](http://evil/) at https://mcla.example.org/s."
    )
    page = "https://mcla.example.org/s"
    plain = markdown.text_of(report(person("x", step, sign_url=page)))
    assert "@everyone" not in plain
    assert "http://evil" not in plain  # a forge would make a link of it without any markup
    assert MarkdownIt("gfm-like", {"linkify": False}).render(plain).count("href") == plain.count(f"<{page}>") == 1


def test_markdown_keeps_to_its_limit_and_counts_what_it_left_out() -> None:
    many = report(*(person(f"p{number}", NO) for number in range(1000)))
    told = markdown.text_of(many)
    assert len(told.encode()) <= markdown.MAX_COMMENT
    assert " more | the job's log or its JSON names them" in told


def test_a_runner_gets_annotations_and_a_summary_by_itself_and_silence_when_green(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    told = [
        CliRunner().invoke(click.command()(lambda each=each, form=form: tell(each, form, Exit.NO, Output(), env)))
        for each, form in ((MIXED, "json"), (report(person("Ada", YES), said=YES), "text"))
    ]
    assert json.loads(told[0].stdout)["verdict"] == "not-covered"
    assert told[0].stderr.startswith("::error title=MCLA::Not covered")
    assert told[1].stderr == ""
    assert summary.read_text().count("### ") == 2


def test_a_summary_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)}
    done = CliRunner().invoke(click.command()(lambda: tell(MIXED, "text", Exit.NO, Output(), env)))
    assert done.exception is None
    assert "could not be written" in done.stderr
