# SPDX-License-Identifier: Apache-2.0
"""The log read by Go's checksum database code: the packages that the Go distribution itself brings, unchanged."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from needs import needs, skip_or_fail

from app.wiring import Services
from mcla.log.note import parse_note
from mcla.log.tiles import TileName, tiles_between
from mcla.log.vkey import VerifierKey

PROGRAM = Path(__file__).with_name("sumdb_reader.go")
INDICES = (0, 255, 256, 300, 320)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built from copies alone; nothing is fetched."""
    go = needs("go")
    folder = tmp_path_factory.mktemp("reader")
    version, root = asked(go, "GOVERSION", "GOROOT")
    language = "go " + ".".join(version.removeprefix("go").split(".")[:2])
    sumdb = Path(root, "src/cmd/vendor/golang.org/x/mod/sumdb")
    if not sumdb.is_dir():
        skip_or_fail("needs a Go distribution with the sources of its own commands")
    for package in ("note", "tlog"):
        shutil.copytree(sumdb / package, folder / "mod" / "sumdb" / package)
    (folder / "mod" / "go.mod").write_text(f"module golang.org/x/mod\n\n{language}\n")
    replaced = "require golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod"
    (folder / "go.mod").write_text(f"module reader\n\n{language}\n\n{replaced}\n")
    shutil.copy(PROGRAM, folder / "main.go")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcla-tests" / "go-build"
    env = {"GOCACHE": str(cache), "GOPATH": str(folder / "path"), "GOPROXY": "off", "GOSUMDB": "off"}
    env |= {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "PATH": os.environ["PATH"]}
    built = subprocess.run(
        [go, "build", "-o", "reader", "."], cwd=folder, env=env, capture_output=True, text=True, timeout=110
    )
    assert built.returncode == 0, built.stderr
    return folder / "reader"


def asked(go: str, *names: str) -> list[str]:
    return subprocess.run(
        [go, "env", *names], capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()


def run(reader: Path, *args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([reader, *map(str, args)], capture_output=True, text=True, timeout=60)


def copied(client: FlaskClient, size: int, folder: Path) -> Path:
    """Everything that the log serves at `size`, under its own paths."""
    names = list(tiles_between(0, size))
    names += [TileName(None, name.index, name.width) for name in names if name.level == 0]
    for path in ["checkpoint", *(name.path for name in names)]:
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 200, path
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(answer.data)
    return folder


def test_go_opens_heads_authenticates_tiles_checks_records_and_sees_the_log_grow(
    reader: Path, client: FlaskClient, services: Services, tmp_path: Path
) -> None:
    vkey = VerifierKey.of_log(services.settings.host, services.keys.log.public_key()).line
    services.log.append([b"entry %d" % number for number in range(257)])
    old = tmp_path / "checkpoint"
    old.write_bytes(client.get("/log/checkpoint").data)
    services.log.append([b"entry %d" % number for number in range(257, 321)])
    folder = copied(client, 321, tmp_path / "copy")
    assert len(parse_note((folder / "checkpoint").read_text()).signatures) == 2, "with the line that Go does not know"
    held = run(reader, folder, vkey, old, *INDICES)
    assert held.stdout.splitlines()[:5] == [f"record {n} holds: {len(b'entry %d' % n)} bytes" for n in INDICES]
    assert held.stdout.splitlines()[5] == "tree 257 -> 321 holds, 14 tiles authenticated"

    # The program can say no: to another name, to a head that was changed, and to a tile that was.
    stranger = VerifierKey.of_log("another.example", services.keys.log.public_key()).line
    assert "no verifiable signatures" in run(reader, folder, stranger, old).stderr
    tile = folder / "tile" / "0" / "000"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert "inconsistent tile" in run(reader, folder, vkey, old, 1).stderr
    old.write_text(services.log.checkpoint().replace("\n321\n", "\n257\n"), encoding="utf-8")
    assert "invalid signature" in run(reader, folder, vkey, old).stderr
