# SPDX-License-Identifier: Apache-2.0
"""`mcla company` and `mcla sign --company` against the service over HTTP; who signs in is said by the test."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from company_walk import Firm, account, say_member, somebody
from serving import serving
from signing_walk import bearer

from app.platform.settings import Settings
from app.signing.schemas import SIGNING_EXAMPLES
from mcla.cli.ceremony import StatementUnexpected
from mcla.cli.changing import Changing, open_change
from mcla.cli.failure import ServiceRefused
from mcla.cli.main import cli
from mcla.cli.service import Service

Run = Callable[..., Any]
LOGGED = "\x1b[2m"
"""What the service logs, which answers in the same process."""


@pytest.fixture
def behind() -> list[Any]:
    """The application that answers, once there is one."""
    return []


@pytest.fixture
def address(behind: list[Any]) -> Iterator[str]:
    with serving(lambda environ, start: behind[0](environ, start)) as origin:
        yield origin


@pytest.fixture
def settings(settings: Settings, address: str) -> Settings:
    return settings.model_copy(update={"origin": address})


@pytest.fixture
def run(
    own_app: Any, behind: list[Any], services: Any, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """`run(actor, "company", "show")`: exit code, what was printed, and what was said beside it."""
    behind.append(own_app)

    def go(actor: Any, *args: str) -> tuple[int, str, str]:
        token = bearer(services, actor)["Authorization"].removeprefix("Bearer ")
        for module in ("company", "sign"):
            monkeypatch.setattr(f"mcla.cli.{module}.access_token", lambda *_, **__: token)
        with contextlib.chdir(tmp_path):
            done = CliRunner().invoke(cli, [*args, "--service", address], prog_name="mcla")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        own = [line for line in done.stdout.splitlines() if not line.startswith(LOGGED)]
        return done.exit_code, "\n".join(own), done.stderr

    return go


def test_a_manager_lists_somebody_who_confirms_and_gives_all_at_the_terminal(
    services: Any, firm: Firm, run: Run, tmp_path: Path
) -> None:
    emil = account(firm.emil)
    add = ("company", "add", firm.id, "--account", f"demo:{emil.subject}", "--kind", "weights", "--kind", "code")
    code, out, err = run(firm.max, *add, "--reason", "New here", "--yes", "-o", "added.json", "--json")
    assert code == 0, err
    assert "New here" in err
    document = json.loads((tmp_path / "added.json.change.json").read_text())
    assert document["change"]["rule"] == {"type": "account", "provider": "demo", "subject": emil.subject}
    assert document["change"]["kinds"] == ["code", "weights"]
    assert json.loads(out)["signed"] is True

    mine = json.loads(run(firm.emil, "company", "show", firm.id, "--json")[1])
    assert (mine["entries"], mine["managers"], [each["confirmed"] for each in mine["mine"]]) == ([], [], [False])
    entry = mine["mine"][0]["entry"]
    assert run(firm.emil, "company", "confirm", firm.id, entry, "--yes", "-o", "c.json")[0] == 0
    assert "confirmed" in run(firm.emil, "company", "show", firm.id)[1]
    (tmp_path / "train.py").write_text("print()\n")
    give = ("sign", "train.py", "--project", "tiny-llm", "--yes", "--company", firm.id)
    code, out, err = run(firm.emil, *give, "--kind", "code", "--json")
    assert code == 0, err
    assert "Given for" in err
    given = services.contributions.contribution(json.loads(out)["id"], firm.emil)
    assert given.verdict == "verified"
    assert json.loads((tmp_path / "train.py.sigstore.json").read_text())["mediaType"].startswith(
        "application/vnd.dev.sig"
    )

    (tmp_path / "tool.py").write_text("print(1)\n")
    grant = ("sign", "tool.py", *give[2:], "--kind", "code", "--agreement", "mcla-grant", "--json")
    office = ("--title", "Head of research", "--power", "by-proxy")
    unsaid = run(firm.emil, *grant)
    assert (unsaid[0], "--title and --power too" in unsaid[2]) == (2, True)
    assert run(firm.emil, *give, "--kind", "code", *office)[0] == 2
    code, out, err = run(firm.emil, *grant, *office)
    assert (code, "Example GmbH, HRB 1234 B, DE, which you bind by-proxy" in err) == (0, True), err
    assert services.grants.offer(json.loads(out)["id"]).grantor.title == "Head of research"

    assert run(firm.mia, "company", "remove", firm.id, entry, "--reason", "Left", "--yes", "-o", "r.json")[0] == 0
    code, _, err = run(firm.emil, *give, "--kind", "recipe", "--overwrite")
    assert (code, "affiliation-unconfirmed" in err) == (1, True)
    assert "Example GmbH" in run(firm.sig, "company", "show")[1]


def test_what_is_refused_at_the_terminal_says_what_to_do(services: Any, firm: Firm, run: Run) -> None:
    add = ("company", "add", firm.id, "--kind", "code", "--reason", "Why", "--yes")
    say_member(services, firm.max, ("9919", "example-org"))
    for args, code, words in (
        ((), 2, "exactly one of"),
        (("--address", "a@example.com", "--domain", "example.com"), 2, "exactly one of"),
        (("--address", "a@example.com", "--include-subdomains"), 2, "exactly one of"),
        (("--account", "somebody"), 2, "PROVIDER:NUMBER"),
        (("--domain", "bücher.example"), 2, "xn--"),
        (("--domain", "*.example.com"), 1, "without a star"),
        (("--domain", "gmail.com"), 1, "Anybody can have an address there"),
        (("--domain", "other.example"), 1, "domain-not-yours"),
        (("--organisation", "demo:77"), 1, "/account/memberships"),
        (("--address", "a@example.com", "--from", "soon"), 1, "request-invalid"),
        (("--address", "a@example.com", "--until", "2030-02-31T00:00:00Z"), 1, "2030-01-31T00:00:00Z"),
    ):
        ran = run(firm.max, *add, *args)
        assert (ran[0], words in ran[2]) == (code, True), (args, ran)
    assert run(firm.max, *add, "--organisation", "demo:9919", "-o", "o.json")[0] == 0
    stranger = somebody(services, "x", "x@else.example")
    assert "company-unknown" in run(stranger, *add, "--domain", "*")[2]
    assert run(stranger, "company", "show", "com_../x")[0] == 2
    assert "company-unknown" in run(firm.emil, *add, "--address", "a@example.com")[2]
    assert len(services.companies.view(firm.max, firm.id).entries) == 1


def test_weights_ask_for_their_release_from_the_terminal(services: Any, firm: Firm, run: Run, tmp_path: Path) -> None:
    firm.with_emil()
    (tmp_path / "w.bin").write_bytes(b"w")
    answers: Any = SIGNING_EXAMPLES["contribution"]["value"]["declarations"]  # type: ignore[index]
    (tmp_path / "d.json").write_text(json.dumps(answers))
    give = ("sign", "w.bin", "--project", "tiny-llm", "--kind", "weights", "--declarations", "d.json", "--yes")
    code, _, err = run(firm.emil, *give, "--company", firm.id)
    asked = services.companies.releases.waiting(firm.max, firm.id)
    assert (code, f"/companies/releases/{asked[0].id}" in err) == (1, True)
    with Service(services.settings.origin) as service:
        service.token = bearer(services, firm.max)["Authorization"].removeprefix("Bearer ")
        wanted = {"type": "released", "release": asked[0].id}
        draft = service.post(Changing(firm.id, {}, "").at, Changing(firm.id, wanted, "").to_dict())
        assert json.loads(draft["document"])["change"]["root"] == asked[0].manifest.root
        elsewhere = {"change": wanted, "key_holder": "cli"}
        with pytest.raises(ServiceRefused, match="no request for release"):
            service.post(f"/api/v1/companies/com_{'0' * 26}/changes", elsewhere)


def test_a_document_that_says_something_else_than_was_asked_is_not_signed(
    services: Any, firm: Firm, own_app: Any, behind: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.append(own_app)
    rule = {"type": "address", "email": "a@example.com"}
    asked = {"type": "entry-added", "rule": rule, "kinds": ["code"], "valid_from": None, "valid_to": None}
    with Service(services.settings.origin) as service:
        service.token = bearer(services, firm.max)["Authorization"].removeprefix("Bearer ")
        honest, post = Changing(firm.id, asked, "Why"), service.post
        assert open_change(service, honest)[0].statement.capacity == "company"
        for other in (
            Changing(firm.id, asked | {"kinds": ["code", "data"]}, "Why"),
            Changing(firm.id, asked | {"rule": rule | {"email": "b@example.com"}}, "Why"),
            Changing(firm.id, asked, "Another"),
        ):
            monkeypatch.setattr(service, "post", lambda at, _, **more: post(at, honest.to_dict(), **more))
            with pytest.raises(StatementUnexpected):
                open_change(service, other)
        swapped = lambda at, body, **more: post(at, body, **more) | {"document": "{}"}  # noqa: E731
        monkeypatch.setattr(service, "post", swapped)
        with pytest.raises(StatementUnexpected, match="another document"):
            open_change(service, honest)
