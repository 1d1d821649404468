# SPDX-License-Identifier: Apache-2.0
"""Every command in the README and the pages under docs/ is run as it stands there, against a real service.

A page is one session: its `bash` blocks run in order, in one shell, in an empty folder, on a terminal whose person
answers what is asked. Only the service's address is put in, where the page says http://127.0.0.1:8000 or $MCLA_SERVICE.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from needs import needs
from running import ROOT, Running, browser_of, id_token
from safetensors_files import read_simply, silero_file, write
from terminal import Terminal

BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
TRUST = "/.well-known/mcla/trusted_root.json"
PAGES = sorted(str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
ANSWERS = (  # what the person types when the terminal ends like this
    (re.compile(r"Number: $"), "1"),
    (re.compile(r"\n1: $"), "none"),
    (re.compile(r"\n\d+: $"), ""),
    (re.compile(r"for its\s+release\?.*Answer: $", re.DOTALL), "Apache-2.0"),
    (re.compile(r"Answer: $"), "Not tested."),
    (re.compile(r"Numbers, with spaces between: $"), "1"),
    (re.compile(r"Number and unit \(FLOP[^\n]*\): $"), "1 FLOP"),
    (re.compile(r"Number and unit \([^\n]*\): $"), ""),
    (re.compile(r"Yes or no: $"), "no"),
    (re.compile(r"\(may stay empty\): $"), ""),
    (re.compile(r"\n  [^\n]*: $"), "Own recordings"),  # a part of an entry that must be there
    (re.compile(r"\[y/[nN]\]: $"), "y"),
)


@dataclass(frozen=True)
class Start:
    """What lies in the folder when a page begins: a real model with a note of its own, and what earlier pages left."""

    note: str = "none"
    trust: bool = False
    signed: bool = False
    founded: bool = False


STARTS = {
    "README.md": Start(trust=True),
    "docs/contributor.md": Start(note="contributor"),
    "docs/verify-without-us.md": Start(note="verifier", signed=True),
    "docs/ci.md": Start(note="ci", signed=True, trust=True),
    "docs/foundation.md": Start(founded=True),
    "docs/operator.md": Start(),
    "docs/languages.md": Start(),
    "docs/licences.md": Start(),
}


def blocks(page: str) -> list[str]:
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def is_make(block: str) -> bool:
    return all(line.startswith("make ") for line in block.splitlines())


@dataclass(frozen=True)
class Desk:
    """A folder with the commands of this project on the path."""

    folder: Path
    service: Running

    def prepare(self, start: Start) -> None:
        model = write(read_simply(silero_file().read_bytes()), {"note": start.note})
        (self.folder / "model.safetensors").write_bytes(model)
        (self.folder / "agreements").symlink_to(ROOT / "agreements")
        self._commands()
        if start.trust:
            content = httpx2.get(self.service.origin + TRUST, trust_env=False).content
            (self.folder / "trusted_root.json").write_bytes(content)
        if start.signed:
            self.run('mcla sign model.safetensors --service "$MCLA_SERVICE" --project tiny-llm --kind weights')
        if start.founded:
            self.run("mcla-server init --foundation example")

    def run(self, script: str) -> str:
        """Run a script on a terminal, answering as a person; returns what was said."""
        place = self.folder / "session.sh"
        # Not in the environment of the server's own commands: to them it is no setting.
        address = f"export MCLA_SERVICE={self.service.origin}\n" if "$MCLA_SERVICE" in script else ""
        address += f"export ID_TOKEN={id_token(self.service)}\n" if "$ID_TOKEN" in script else ""
        place.write_text(f"set -euo pipefail\n{address}{script}\n", encoding="utf-8")
        terminal = Terminal.start([needs("bash"), str(place)], self.folder, self._env())
        try:
            code = converse(terminal)
        finally:
            terminal.close()
            place.unlink()
        assert code == 0, terminal.said
        return terminal.said

    def _commands(self) -> None:
        (self.folder / "bin").mkdir()
        for name, module in (
            ("mcla", "mcla.cli"),
            ("mcla-server", "app.cli"),
            ("sigstore", "sigstore"),
            ("model_signing", "model_signing"),
        ):
            script = self.folder / "bin" / name
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n')
            script.chmod(0o755)

    def _env(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "MCLA_HOME": str(self.folder / "var"),
            "MCLA_ORIGIN": "https://mcla.example.org",
            "MCLA_PROVIDERS": '[{"name":"github","kind":"github","client_id":"c","client_secret":"s"}]',
            "BROWSER": browser_of("Ada Li"),
        }


def converse(terminal: Terminal) -> int:
    """Answer every prompt until the command ends; returns its exit code."""
    answered = 0
    while terminal.read():
        for pattern, answer in ANSWERS:
            if pattern.search(terminal.said, answered):
                answered = len(terminal.said)
                terminal.type(answer)
                break
    return terminal.process.wait(timeout=60)


def test_every_page_has_a_beginning_here() -> None:
    assert set(PAGES) == set(STARTS)


@pytest.mark.parametrize("page", [page for page in PAGES if any(not is_make(block) for block in blocks(page))])
@pytest.mark.timeout(300)
def test_the_commands_of_a_page_do_what_the_page_says(page: str, service: Running, tmp_path: Path) -> None:
    for tool in ("curl", "openssl") if "verify" in page else ():
        needs(tool)
    desk = Desk(tmp_path, service)
    desk.prepare(STARTS[page])
    script = "\n".join(block for block in blocks(page) if not is_make(block))
    desk.run(script.replace("http://127.0.0.1:8000", service.origin))


@pytest.mark.parametrize("page", [page for page in PAGES if any(is_make(block) for block in blocks(page))])
def test_the_make_targets_that_a_page_names_exist(page: str) -> None:
    for line in (line for block in blocks(page) if is_make(block) for line in block.splitlines()):
        target = line.split("#")[0].split()[1]
        asked = subprocess.run([needs("make"), "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    targets = [link for link in LINK.findall((ROOT / page).read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in targets if not (ROOT / page).parent.joinpath(link).exists()]
    assert missing == []


def test_a_page_whose_command_fails_is_noticed(service: Running, tmp_path: Path) -> None:
    desk = Desk(tmp_path, service)
    desk.prepare(Start(trust=True))
    with pytest.raises(AssertionError, match="There is no bundle"):
        desk.run("mcla verify model.safetensors --trust trusted_root.json\ntrue")


def tampered(desk: Desk, name: str) -> None:
    """Change the last byte of a part that the OpenSSL steps take out of the bundle."""
    data = bytearray((desk.folder / name).read_bytes())
    data[-1] ^= 1
    (desk.folder / name).write_bytes(data)


@pytest.mark.timeout(300)
def test_the_openssl_steps_say_no_to_a_changed_file_statement_or_head(service: Running, tmp_path: Path) -> None:
    needs("openssl")
    desk = Desk(tmp_path, service)
    desk.prepare(Start(note="openssl", signed=True, trust=True))
    script = blocks("docs/verify-without-us.md")
    first = next(number for number, block in enumerate(script) if block.startswith("bundle="))
    steps = [step.replace("http://127.0.0.1:8000", service.origin) for step in script[first:]]
    desk.run("\n".join(steps))
    checks: dict[str, Any] = {
        "model.safetensors": 1,
        "statement.json": 2,
        "signature.der": 2,
        "head.txt": 5,
        "ends.txt": 6,
    }
    for name in checks:
        before = (desk.folder / name).read_bytes()
        desk.run(step_alone(steps, checks[name]))
        tampered(desk, name)
        with pytest.raises(AssertionError):
            desk.run(step_alone(steps, checks[name]))
        (desk.folder / name).write_bytes(before)


def step_alone(steps: list[str], number: int) -> str:
    """One check of the page over the files that the whole run left."""
    told = {5: "head.txt", 6: "ends.txt"}.get(number)
    step = next(each for each in steps if told in each) if told else steps[number]
    made = ("> head.txt", "> ends.txt", "printf '%b'", "curl -fo withdrawals.txt")
    return "\n".join(line for line in step.splitlines() if not any(each in line for each in made))
