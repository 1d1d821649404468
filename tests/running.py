# SPDX-License-Identifier: Apache-2.0
"""A real service in processes of its own, on free loopback ports, with the demo's people and agreement."""

import base64
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from browsing import allow_command_line
from signing_walk import Holder
from sqlalchemy import delete

from app.platform.clock import SystemClock
from app.platform.db import Database
from app.platform.jobs import Job
from app.platform.settings import Settings
from app.projects.service import ProjectService
from app.projects.staff import StaffService
from mcla.cli.oauth import sign_in
from mcla.cli.service import Service
from mcla.envelope.encoding import encode_base64
from mcla.envelope.possession import possession_message

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
_ports = cycle(range(first := 12_000 + os.getpid() % 200 * 100, first + 100))
COMMAND = (sys.executable, "-m", "app.cli")
GUNICORN = (sys.executable, "-m", "gunicorn", "--threads", "8", "--no-control-socket", "wsgi:application")


@dataclass(frozen=True)
class Running:
    """Where the service and its demo provider listen."""

    origin: str
    provider: str
    home: Path
    log: Path
    server: "subprocess.Popen[bytes]"
    """The process that was started; those that answer requests are its children."""
    gunicorn: bool = False

    def workers(self) -> list[int]:
        """The ids of its children that are servers as well."""
        listed = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return [int(pid) for pid in listed if "demo-provider" not in Path(f"/proc/{pid}/cmdline").read_text()]


@contextmanager
def running_service(
    home: Path,
    gunicorn: bool = False,
    workers: int = 1,
    name: str = "127.0.0.1",
    port: int | None = None,
    jobs: bool = True,
) -> Iterator[Running]:
    """Set up and serve from the data directory `home` until the block ends; under gunicorn without a demo provider.

    A directory that is set up already is served as it is. Without `jobs` no record is printed, which takes a second
    for each signature, nor is any other work done in the background before `jobs_of` is asked for it.
    """
    bind, demo_bind = f"127.0.0.1:{port or free_port()}", f"127.0.0.1:{free_port()}"
    origin = f"http://{bind.replace('127.0.0.1', name)}"
    env = _environment(home, origin, MCLA_BIND=bind, MCLA_DEMO_BIND=demo_bind, MCLA_WORKERS=str(workers))
    env["MCLA_JOBS_IN_PROCESS"] = str(jobs).lower()
    if not (home / "keys").exists():
        shutil.copytree(_as_set_up(name).name, home, dirs_exist_ok=True)
    told = [*GUNICORN, "--workers", str(workers), "--bind", bind] if gunicorn else [*COMMAND, "run"]
    with (home / "server.log").open("wb") as log:
        # A session of its own: workers and the demo provider are ended with their parent, and nothing else is.
        server = subprocess.Popen(told, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        running = Running(origin, f"http://{demo_bind}", home, home / "server.log", server, gunicorn)
        try:
            wait_for(f"{running.origin}/readyz", server, running.log)
            if not gunicorn:
                wait_for(f"{running.provider}/.well-known/openid-configuration", server, running.log)
            yield running
        finally:
            stop(server)


@contextmanager
def jobs_of(service: Running) -> Iterator[None]:
    """Do a service's background jobs in a process beside it, as `mcla-server jobs run` does, until the block ends.

    Those that wait already are forgotten: earlier tests left them, and nobody looks for what they do.
    """
    db = Database(Settings(home=service.home).database)
    with db.write() as session:
        session.execute(delete(Job))
    db.dispose()
    told, env = [*COMMAND, "jobs", "run"], _environment(service.home, service.origin)
    with (service.home / "jobs.log").open("wb") as log:
        worker = subprocess.Popen(told, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            stop(worker)


@cache
def _as_set_up(name: str) -> "tempfile.TemporaryDirectory[str]":
    """What `mcla-server init` makes for a demo at the host `name`, whatever its port: once a run, and copied."""
    folder = tempfile.TemporaryDirectory(prefix="mcla-home-")
    env, quiet = _environment(Path(folder.name), f"http://{name}:8000"), {"check": True, "capture_output": True}
    subprocess.run([*COMMAND, "init"], env=env, cwd=ROOT, timeout=START_SECONDS, **quiet)
    return folder


def _environment(home: Path, origin: str, **more: str) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MCLA_")}
    own = {"MCLA_DEMO": "true", "MCLA_HOME": str(home), "MCLA_ORIGIN": origin, "PYTHONPATH": str(ROOT)}
    own["MCLA_SELF_TEST"] = "false"  # two seconds of each
    return bare | own | more


def free_port() -> int:
    """A port where nobody listens yet, for a server that begins to some seconds later.

    From a stretch of this process's own, below the ports that the system gives to whoever asks for any: one of those is
    free now and may be another test's by then.
    """
    for port in _ports:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `url` answers 200; raises with the server's last words when it does not in time."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  # our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer: {log.read_text(errors='replace')[-2000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server as an operator would; its process group only if it does not listen."""
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=15)


def make_staff(service: Running, subject: str) -> None:
    """Let an account of the demo provider act for the demo's foundation, as `mcla-server staff add` does."""
    db, clock = Database(Settings(home=service.home).database), SystemClock()
    StaffService(db, clock).add(ProjectService(db, clock).foundation("example"), "demo", subject)
    db.dispose()


def run_server(service: Running, *arguments: str) -> None:
    """Run a command of the service's operator beside it, over the same data."""
    env = _environment(service.home, service.origin)
    subprocess.run([*COMMAND, *arguments], env=env, cwd=ROOT, check=True, capture_output=True, timeout=60)


def browser_of(person: str, button: str = "Allow for 15 minutes") -> str:
    """The value of BROWSER with which the command line finds a browser where `person` presses `button`."""
    return f"{sys.executable} {ROOT / 'tests' / 'browsing.py'} '{person}' '{button}' %s"


def accept(origin: str, person: str) -> dict[str, Any]:
    """Accept the individual agreement over the API, with a key held here, as a person signed in through a browser.

    Returns the bundle.
    """
    with Service(origin) as there:
        there.token = sign_in(there, lambda url: allow_command_line(url, person) and None)
        asked = {"type": "acceptance", "agreement": "mcla-individual", "version": "1.0.0", "key_holder": "cli"}
        draft = there.post("/api/v1/signings", asked)
        holder, at = Holder(), f"/api/v1/signings/{draft['id']}"
        proof = holder._sign(possession_message(draft["id"], draft["statement_sha256"]))
        body = {
            "public_key": encode_base64(holder.spki),
            "proof": encode_base64(proof),
            "statement_sha256": draft["statement_sha256"],
        }
        there.post(f"{at}/certificate", body)
        signature = holder.signature(draft["statement"].encode())
        done: dict[str, Any] = there.post(f"{at}/signature", {"signature": encode_base64(signature), "consent": True})
        return done["bundle"]


def id_token(service: Running) -> str:
    """An ID token of Ada by the demo provider for this service, got as a CI system would: without our pages."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = f"{service.origin}/login/demo/callback"
    asked = {
        "response_type": "code",
        "client_id": "mcla",
        "redirect_uri": redirect,
        "scope": "openid profile email",
        "state": "s",
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "person": "104729",
    }
    with httpx2.Client(trust_env=False) as client:
        answer = client.post(f"{service.provider}/authorize", data=asked)
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": "mcla"}
        token = client.post(f"{service.provider}/token", data=form | {"code_verifier": verifier})
    return str(token.json()["id_token"])
