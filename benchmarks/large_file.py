# SPDX-License-Identifier: Apache-2.0
"""A safetensors file of 5 GB in a browser, measured in one reading: lines `COUNT <name> <value> <limit> ok|short`.

The file has bytes of its own at both ends and around 2^32, and holes between. The browser opens it by its path; nothing
is copied. The digests of `hashlib`, of `mcla hash` and of the page must be one, and so must the root of its thousand
tensors; the page must tell how far it is, and what Chromium takes must not grow with the file.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from needs import needs_chromium
from playwright.sync_api import Page, expect, sync_playwright
from running import Running, running_service
from windows import NOTE_PROGRESS, Window, choose

from benchmarks.ratio import Report

SIZE = 5_000_000_000
TENSORS, START = 1_000, 100_000
PLACES = (START, 2**32 - 512 * 1024, SIZE - 1024 * 1024)
PATIENCE_MS = 20 * 60 * 1000
MOST_MB = 512
"""More memory of all processes of the browser than before; the file is ten times as large."""


def main() -> None:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="mcla-large-") as name:
        file = sparse(Path(name) / "large.safetensors")
        with file.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        with running_service(Path(name) / "home") as service:
            line, root, told, grown = in_browser(service, file)
        digests = [digest, by_command("hash", file)["files"][0]["sha256"], line.partition(" ")[0]]
        roots = {root, by_command("tensors", file)["root"]}
    report.count_at_least("bytes_measured_in_a_browser", int(line.split(" ")[1]), SIZE)
    report.count_at_most("different_digests_of_hashlib_mcla_and_the_browser", len(set(digests)), 1)
    report.count_at_most("different_tensor_roots_of_mcla_and_the_browser", len(roots), 1)
    report.count_at_least("times_the_page_told_how_far_it_is", told, 100)
    report.count_at_most("megabytes_the_browser_grew_by", grown // 1_000_000, MOST_MB)
    report.end()


def sparse(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(SIZE)
        file.write(header())
        for place in PLACES:
            file.seek(place)
            file.write(os.urandom(1024 * 1024))
    return path


def header() -> bytes:
    """Of `TENSORS` tensors that share what the file holds after its first `START` bytes."""
    ends = [place * (SIZE - START) // TENSORS for place in range(TENSORS + 1)]
    several = {
        f"layer.{place}.weight": {"dtype": "U8", "shape": [ends[place + 1] - at], "data_offsets": [at, ends[place + 1]]}
        for place, at in enumerate(ends[:-1])
    }
    return (START - 8).to_bytes(8, "little") + json.dumps(several).encode().ljust(START - 8)


def by_command(name: str, file: Path) -> Any:
    """What `mcla hash` or `mcla tensors` prints."""
    command = [sys.executable, "-m", "mcla.cli", name, "--json", str(file)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def in_browser(service: Running, file: Path) -> tuple[str, str, int, int]:
    """The line that the page wrote of the file, the root of its tensors, how often the page told more, and by how many
    bytes Chromium grew."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs_chromium(), args=["--no-sandbox"])
        window = Window(browser.new_context(), service)
        page = window.sign_in("Ada Li", "/contributions/new?project=open-voice")
        page.evaluate(NOTE_PROGRESS)
        choose(page, file)
        with Memory() as memory:
            begun, used = time.monotonic(), memory.cpu()
            page.get_by_role("button", name="Measure here anyway").click()
            written = re.compile(r"[0-9a-f]{64} \d+ large\.safetensors")
            expect(page.locator("#files")).to_have_value(written, timeout=PATIENCE_MS)
            spent, used = time.monotonic() - begun, memory.cpu() - used
        print(f"# {SIZE / spent / 1e6:.0f} MB/s, {used:.0f} CPU seconds of the browser", file=sys.stderr)
        line = page.locator("#files").input_value()
        root, told = json.loads(page.locator("#tensors").input_value())["root"], growing(page)
        browser.close()
    return line, root, told, memory.grown


def growing(page: Page) -> int:
    """How many times the page told more than before."""
    shares = [re.match(r"([\d.]+) (bytes|kB|MB|GB) of 5\.0 GB", words) for words in page.evaluate("window.told")]
    unit = {"bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}
    read = [float(found[1]) * unit[found[2]] for found in shares if found]
    if read != sorted(read) or len(read) != len(shares):
        raise SystemExit(f"expected progress that grows, got {page.evaluate('window.told')[-5:]}")
    return len(read)


class Memory:
    """What the processes of the browser hold together, looked at while the block runs; `grown` is the most of it."""

    def __init__(self) -> None:
        self.grown = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Memory":
        self._before = self.held()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(1):
            self.grown = max(self.grown, self.held() - self._before)

    def held(self) -> int:
        """Bytes, what is shared divided among those who share it."""
        return sum(_field(Path(f"/proc/{pid}/smaps_rollup"), "Pss") * 1024 for pid in browser_processes())

    def cpu(self) -> float:
        """CPU seconds so far."""
        ticks = 0
        for pid in browser_processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def browser_processes() -> list[int]:
    """The ids of the Chromium processes that descend from this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text()
        except OSError:
            continue  # it has ended meanwhile
        parents[int(stat.parent.name)] = (int(told.rpartition(")")[2].split()[1]), told.partition("(")[2])
    found, ours = [], {os.getpid()}
    while more := {pid for pid, (parent, _) in parents.items() if parent in ours} - ours:
        ours |= more
        found += [pid for pid in more if parents[pid][1].startswith(("chrom", "headless"))]
    return found


def _field(path: Path, name: str) -> int:
    try:
        return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith(f"{name}:"))
    except (OSError, StopIteration):
        return 0  # it has ended meanwhile


if __name__ == "__main__":
    main()
