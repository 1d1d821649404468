# SPDX-License-Identifier: Apache-2.0
"""The project's own rules, checked: pins without addresses, licence lines, guarded routes, known errors."""

import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

import app as app_package
import mcla
from app.platform.security import PUBLIC_ENDPOINTS, declared_access
from mcla.errors import MclaError

ROOT = Path(__file__).resolve().parents[1]
CODE = (".py", ".js", ".css", ".sh")


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


def pins(name: str) -> dict[str, str]:
    """The pins of a lock by package, each with its hashes and without the remarks on who wanted it."""
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE))
    return {block.partition("==")[0]: block.strip() for block in blocks}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-client.lock"])
def test_every_pin_has_a_hash_and_no_address(name: str) -> None:
    for block in pins(name).values():
        assert "--hash=sha256:" in block, block[:60]
        assert "://" not in block


def test_the_clients_pins_are_those_of_the_whole() -> None:
    whole = pins("requirements.lock")
    for package, block in pins("requirements-client.lock").items():
        version, hashes = block.partition(" ")[0], re.findall(r"sha256:[0-9a-f]{64}", block)
        assert whole[package].startswith(version)
        assert re.findall(r"sha256:[0-9a-f]{64}", whole[package]) == hashes


def test_no_lock_file_records_where_packages_came_from() -> None:
    names = {path.name for path in tracked()}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock", "package-lock.json", "yarn.lock"}


def test_every_source_file_names_its_licence() -> None:
    for path in tracked():
        if path.suffix in CODE and "vendor" not in path.parts and path.stat().st_size:
            assert "SPDX-License-Identifier" in path.read_text(encoding="utf-8")[:300], path.relative_to(ROOT)


def test_no_file_names_a_path_of_a_machine_or_a_package_host() -> None:
    # Written in pieces, so that this file does not find itself.
    pieces = ("/ro", "ot/"), ("/wo", "rk/"), ("py", r"pi\.org"), ("pythonhosted", r"\.org"), (r"registry\.npm", "js")
    banned = re.compile("|".join(map("".join, pieces)))
    for path in tracked():
        if path.suffix in (".ttf", ".wasm", ".png", ".ico"):
            continue
        found = banned.search(path.read_text(encoding="utf-8", errors="ignore"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


def test_every_decision_has_its_own_number_and_says_it_in_its_title() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        assert path.read_text().startswith(f"# {int(path.name[:4])}. "), path.name


def test_nothing_is_left_to_be_done_in_the_code() -> None:
    marks = re.compile(r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
    for path in tracked():
        if path.suffix in CODE and "vendor" not in path.parts:
            assert not marks.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


def load_everything() -> None:
    """Import every module of the project, so that what is known does not depend on which tests ran before."""
    for package in (mcla, app_package):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


def subclasses(of: type[MclaError]) -> list[type[MclaError]]:
    found = [each for child in of.__subclasses__() for each in (child, *subclasses(child))]
    return [each for each in found if each.__module__.startswith(("app.", "mcla."))]  # tests have errors of their own


def test_every_error_has_its_own_code_and_says_what_to_do(app: Flask) -> None:
    load_everything()
    seen: dict[str, type[MclaError]] = {}
    for error in subclasses(MclaError):
        if isinstance(error.code, property):  # speaks for another error, under that one's code
            continue
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", error.code), error
        assert error.code == seen.setdefault(error.code, error).code
        owner = seen[error.code]
        assert owner is error or issubclass(error, owner), f"{error} and {owner} share a code"
        assert 400 <= error.status <= 599, error
        # The command line's own errors are handed their hint one by one; a served one also has a page that shows it.
        if "code" in vars(error) and not error.__module__.startswith("mcla.cli"):
            assert error.hint, error


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_says_who_may_call_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC_ENDPOINTS:
            assert declared_access(app.view_functions[rule.endpoint]) is not None, rule.rule


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_route_that_says_nothing_is_refused(own_app: Flask) -> None:
    own_app.add_url_rule("/careless", "careless", lambda: "secret")
    answer = own_app.test_client().get("/careless")
    assert answer.status_code == 403
    assert b"secret" not in answer.data
