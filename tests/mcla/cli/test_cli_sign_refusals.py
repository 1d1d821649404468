# SPDX-License-Identifier: Apache-2.0
"""Every way in which `mcla sign` must end without a signature."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cli_proofs import beside


def test_without_the_agreement_the_answer_is_no_and_names_the_page_to_sign(sign: Any, note: Path, service: Any) -> None:
    ran = sign(note, "--kind", "code", "--json", person="Bela Novak")
    error = json.loads(ran.out)["error"]
    assert (ran.code, error["code"]) == (1, "agreement-not-signed")
    assert f"{service.origin}/sign/mcla-individual" in error["next"]
    assert not beside(note).exists()


def test_missing_declarations_are_named_each_by_its_key(sign: Any, note: Path) -> None:
    ran = sign(note, "--kind", "weights")
    assert ran.code == 1
    assert "declarations-invalid" in ran.err
    assert "/relation" in ran.err
    assert not beside(note).exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [("d.toml", "relation = "), ("d.json", "[1]"), ("d.json", "{"), ("d.toml", "\udcff"), ("d.json", "[" * 100_000)],
)
def test_declarations_that_cannot_be_read_are_wrong_usage(sign: Any, note: Path, name: str, text: str) -> None:
    declared = note.with_name(name)
    declared.write_text(text, errors="surrogateescape")
    assert sign(note, "--kind", "weights", "--declarations", declared).code == 2


def test_an_unknown_project_is_refused(mcla: Any, service: Any, browser: Any, note: Path) -> None:
    args = ("--service", service.origin, "--project", "no-such", "--kind", "code", "--yes")
    ran = mcla("sign", note, *args, **browser("Ada Li"))
    assert ran.code == 1
    assert "no-such" in ran.err


def test_an_unknown_kind_is_wrong_usage(sign: Any, note: Path) -> None:
    assert sign(note, "--kind", "magic").code == 2


def test_an_empty_folder_is_never_signed(sign: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert sign(tmp_path / "empty", "--kind", "code").code == 1


@pytest.mark.parametrize("more", [(), ("--no-input",), ("--json",)])
def test_without_a_terminal_agreement_is_never_assumed(mcla_inside: Any, service: Any, note: Path, more: Any) -> None:
    ran = mcla_inside("sign", note, "--service", service.origin, "--project", "tiny-llm", "--kind", "code", *more)
    assert ran.code == 2
    assert "--yes" in ran.err


@pytest.mark.parametrize(
    "url",
    [
        "http://mcla.example.org",
        "ftp://x",
        "mcla.example.org",
        "https://u:p@h",
        "https://h/path",
        "https://h?q=1",
        "https://h:x",
        "",
    ],
)
def test_an_address_that_is_no_safe_service_is_wrong_usage(mcla_inside: Any, note: Path, url: str) -> None:
    ran = mcla_inside("sign", note, "--service", url, "--project", "tiny-llm", "--kind", "code", "--yes")
    assert ran.code == 2
    assert "u:p" not in ran.err.replace("'https://u:p@h'", "")


def test_a_service_that_is_not_there_leaves_the_answer_unknown(mcla: Any, note: Path) -> None:
    args = ("--service", "http://127.0.0.1:9", "--project", "tiny-llm", "--kind", "code", "--yes")
    ran = mcla("sign", note, *args, MCLA_IDENTITY_TOKEN="a.b.c")
    assert ran.code == 3
    assert "mcla doctor --service http://127.0.0.1:9" in ran.err


def test_no_in_the_browser_ends_the_command_with_no(sign: Any, browser: Any, note: Path) -> None:
    ran = sign(note, "--kind", "code", **browser("Ada Li", "Do not allow"))
    assert ran.code == 1
    assert "sign-in-declined" in ran.err
    assert "You said no in the browser" in ran.err


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c.d", "a b.c.d", "ä.b.c"])
def test_an_identity_token_that_is_no_jwt_is_wrong_usage(sign: Any, note: Path, token: str) -> None:
    assert sign(note, "--kind", "code", "--identity-token", token).code == 2
    assert sign(note, "--kind", "code", MCLA_IDENTITY_TOKEN=token).code == 2


def test_an_identity_token_of_nobody_known_is_refused_and_not_repeated_aloud(sign: Any, note: Path) -> None:
    for padding in ("", "x" * 300):  # shorter and longer than the name of a file may be
        claims = json.dumps({"iss": "https://elsewhere", "aud": "mcla", "note": padding}).encode()
        part = base64.urlsafe_b64encode(claims).decode().rstrip("=")
        ran = sign(note, "--kind", "code", MCLA_IDENTITY_TOKEN=f"{part}.{part}.{part}")
        assert ran.code == 1
        assert "sign-in-failed" in ran.err
        assert part not in ran.err


def test_a_taken_place_for_the_bundle_is_found_out_before_any_work(mcla_inside: Any, note: Path) -> None:
    beside(note).write_text("mine")
    args = ("--service", "http://127.0.0.1:9", "--project", "p", "--kind", "code", "--yes")
    assert mcla_inside("sign", note, *args).code == 2
    assert mcla_inside("sign", note, *args, "-o", note.parent / "nowhere" / "b.json").code == 2
    assert beside(note).read_text() == "mine"
