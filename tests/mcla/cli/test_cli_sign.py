# SPDX-License-Identifier: Apache-2.0
"""`mcla sign` against the real service: the whole way, and every way in which it must end without a signature."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from browsing import Visitor

from mcla.artifacts.scan import scan
from mcla.cli.ceremony import Asked, Draft, StatementUnexpected, open_draft, sign_draft
from mcla.cli.failure import ServiceRefused, Unreachable
from mcla.cli.oauth import sign_in
from mcla.cli.service import AnswerInvalid, Service

TRUST = "/.well-known/mcla/trusted_root.json"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A small file that nobody has signed before."""
    path = tmp_path / "train.py"
    path.write_text(f"print('{secrets.token_hex(8)}')\n")
    return path


@pytest.fixture
def sign(mcla: Any, service: Any, browser: Any) -> Callable[..., Any]:
    """`sign(path, "--kind", …)` signs as Ada, who answers in her browser."""

    def run(*args: str | Path, person: str = "Ada Li", **env: str) -> Any:
        always = ("--service", service.origin, "--project", "tiny-llm", "--yes")
        return mcla("sign", *args, *always, **(browser(person) | env))

    return run


@pytest.fixture
def kept_trust(service: Any, tmp_path: Path) -> Path:
    """The service's trust file, fetched once."""
    path = tmp_path / "kept.json"
    path.write_bytes(httpx2.get(service.origin + TRUST, trust_env=False).content)
    return path


@pytest.fixture
def ada(service: Any) -> Any:
    """The service with Ada signed in through her browser."""
    with Service(service.origin) as there:
        there.token = sign_in(there, lambda url: visit(url, "Ada Li") and None)
        yield there


def visit(url: str, person: str) -> bool:
    visitor = Visitor()
    visitor.press(visitor.sign_in(visitor.open(url), person), "Allow for 15 minutes")
    return True


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sigstore.json")


def test_a_real_model_is_signed_through_the_browser_and_verified_without_the_service(
    sign: Any, mcla: Any, weights: Path, declared: Path, kept_trust: Path
) -> None:
    ran = sign(weights, "--kind", "weights", "--declarations", declared)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Signed and verified here: ")
    assert "Ada Li" in ran.err
    assert "mcla-individual 1.0.0" in ran.err
    assert "You declare" in ran.err
    assert mcla("verify", weights, "--trust", kept_trust).code == 0
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert mcla("verify", weights, "--trust", kept_trust).code == 1


def test_json_tells_where_everything_is(sign: Any, note: Path, tmp_path: Path, service: Any) -> None:
    ran = sign(note, "--kind", "code", "--json", "-o", tmp_path / "proof.json")
    document = json.loads(ran.out)
    assert ran.code == 0, ran.err
    assert set(document) == {
        "signed",
        "root",
        "id",
        "url",
        "bundle_url",
        "record_url",
        "log_index",
        "bundle",
        "manifest",
    }
    assert document["signed"] is True
    assert document["root"] == scan([note]).root
    assert document["bundle"] == str(tmp_path / "proof.json")
    assert document["manifest"] is None
    assert document["url"].startswith(service.origin)
    assert json.loads((tmp_path / "proof.json").read_bytes())["mediaType"].startswith("application/vnd.dev.sigstore")


def test_no_word_of_a_person_is_in_the_bundle(sign: Any, note: Path) -> None:
    assert sign(note, "--kind", "code").code == 0
    bundle = json.loads(beside(note).read_bytes())
    everything = beside(note).read_bytes() + base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert not any(word in everything for word in (b"Ada", b"adali", b"ada.li"))


def test_a_folder_is_signed_and_found_again_by_the_service_alone(
    sign: Any, mcla: Any, folder: Path, service: Any
) -> None:
    (folder / "once.txt").write_text(secrets.token_hex(8))
    assert sign(folder, "--kind", "code").code == 0
    beside(folder).unlink()
    ran = mcla("verify", folder, "--service", service.origin)
    assert ran.code == 0, ran.err
    assert "using the keys that" in ran.err
    assert mcla("verify", folder / "once.txt", "--service", service.origin, "--json").code == 0


def test_more_files_than_a_statement_lists_come_with_their_manifest(
    sign: Any, mcla: Any, tmp_path: Path, kept_trust: Path, service: Any
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(600):
        (many / f"{number:03}.txt").write_text(f"{number} {secrets.token_hex(4)}")
    assert sign(many, "--kind", "code").code == 0
    manifest = tmp_path / "many.manifest.json"
    assert manifest.read_bytes() == scan([many]).to_bytes()
    assert mcla("verify", many, "--trust", kept_trust).code == 0
    one = many / "007.txt"
    assert mcla("verify", one, "--bundle", beside(many), "--trust", kept_trust).code == 0
    assert mcla("verify", one, "--service", service.origin, "--trust", kept_trust).code == 0
    manifest.unlink()
    assert mcla("verify", one, "--bundle", beside(many), "--trust", kept_trust).code == 3


def test_what_the_service_does_not_know_is_unknown(mcla: Any, note: Path, service: Any) -> None:
    ran = mcla("verify", note, "--service", service.origin, "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["verdict"]) == (3, "unknown")
    assert document["reasons"][0]["code"] == "bundle-missing"


def test_the_service_is_not_believed_against_a_trust_file_of_other_keys(
    sign: Any, mcla: Any, note: Path, service: Any, trust: Path
) -> None:
    assert sign(note, "--kind", "code").code == 0
    beside(note).unlink()
    assert mcla("verify", note, "--service", service.origin, "--trust", trust).code == 1


def test_the_same_files_again_are_refused_and_nothing_is_overwritten(sign: Any, note: Path) -> None:
    assert sign(note, "--kind", "code").code == 0
    before = beside(note).read_bytes()
    assert sign(note, "--kind", "code").code == 2
    again = sign(note, "--kind", "code", "--overwrite")
    assert again.code == 1
    assert "already-contributed" in again.err
    assert beside(note).read_bytes() == before


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
    part = base64.urlsafe_b64encode(b'{"iss":"https://elsewhere","aud":"mcla"}').decode().rstrip("=")
    ran = sign(note, "--kind", "code", MCLA_IDENTITY_TOKEN=f"{part}.{part}.{part}")
    assert ran.code == 1
    assert "sign-in-failed" in ran.err
    assert part not in ran.err


def id_token(service: Any) -> str:
    """An ID token that the demo provider issues for this service, got as a CI system would: without our pages."""
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


def test_an_identity_token_signs_without_a_browser_and_works_once(mcla: Any, service: Any, note: Path) -> None:
    token = note.with_name("token.jwt")
    token.write_text(id_token(service))
    args = ("--service", service.origin, "--project", "tiny-llm", "--kind", "code", "--yes", "--identity-token", token)
    ran = mcla("sign", note, *args)
    assert ran.code == 0, ran.err
    note.write_text("something else\n")
    again = mcla("sign", note, *args, "--overwrite")
    assert again.code == 1
    assert "used" in again.err


def test_a_taken_place_for_the_bundle_is_found_out_before_any_work(mcla_inside: Any, note: Path) -> None:
    beside(note).write_text("mine")
    args = ("--service", "http://127.0.0.1:9", "--project", "p", "--kind", "code", "--yes")
    assert mcla_inside("sign", note, *args).code == 2
    assert mcla_inside("sign", note, *args, "-o", note.parent / "nowhere" / "b.json").code == 2
    assert beside(note).read_text() == "mine"


def test_a_person_at_a_terminal_is_asked_everything_and_can_still_say_no(
    terminal: Any, service: Any, browser: Any, note: Path
) -> None:
    args = ("--service", service.origin, "--project", "tiny-llm", "--kind", "weights")
    run = terminal("sign", note, *args, **browser("Ada Li"))
    answer_questions(run)
    run.wait_for("Sign and record? [y/N]")
    assert "train.py" in run.said
    assert "Ada Li" in run.said
    run.type("n")
    assert run.end() == 1
    assert "Nothing was signed" in run.said
    assert not beside(note).exists()
    digest = hashlib.sha256(note.read_bytes()).hexdigest()
    assert (
        httpx2.get(f"{service.origin}/api/v1/artifacts/sha256:{digest}", trust_env=False).json()["verdict"] == "unknown"
    )


def test_a_person_at_a_terminal_who_agrees_signs_what_was_answered(
    terminal: Any, mcla: Any, service: Any, browser: Any, note: Path, kept_trust: Path
) -> None:
    args = ("--service", service.origin, "--project", "tiny-llm", "--kind", "weights")
    run = terminal("sign", note, *args, **browser("Ada Li"))
    answer_questions(run)
    run.wait_for("Sign and record? [y/N]")
    run.type("y")
    assert run.end() == 0, run.said
    document = json.loads(mcla("verify", note, "--trust", kept_trust, "--json").out)
    assert document["statement"]["declarations"]["relation"] == "fine-tune"
    assert document["statement"]["declarations"]["bases"] == ["tiny-base 1.0, Apache-2.0", "other-base 2.0, MIT"]


def answer_questions(run: Any) -> None:
    """The questions about weights, in their order."""
    answers = (
        (("Number", "9"), ("Number", "2")),
        (("1:", "tiny-base 1.0, Apache-2.0"), ("2:", "other-base 2.0, MIT"), ("3:", "")),
        (("1:", "none"), ("2:", "")),
        (("Number", "none"),),
        (("Answer", "Not tested."),),
        (("Number", "kept"),),
        (("I confirm this", "y"),),
        (("I confirm this", "y"),),
    )
    for number, question in enumerate(answers, start=1):
        run.wait_for(f"{number} of 8")
        for words, answer in question:
            run.wait_for(words) if words not in run.said.rpartition(f"{number} of 8")[2] else None
            run.type(answer)


def test_ctrl_c_at_the_last_question_signs_nothing(terminal: Any, service: Any, browser: Any, note: Path) -> None:
    args = ("--service", service.origin, "--project", "tiny-llm", "--kind", "code")
    run = terminal("sign", note, *args, **browser("Ada Li"))
    run.wait_for("[y/N]")
    assert run.interrupt() == 130
    assert not beside(note).exists()


class Liar(Service):
    """The real service, whose answer to a draft is changed on its way by `lie`."""

    lie: Callable[[dict[str, Any]], None]

    def post(self, path: str, body: Any, *, again: bool = False) -> dict[str, Any]:
        answer = super().post(path, body, again=again)
        if path == "/api/v1/signings":
            self.lie(answer)
        return answer


def restated(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """A lie in the statement, with the digest that belongs to the false text."""

    def lie(answer: dict[str, Any]) -> None:
        statement = json.loads(answer["statement"])
        change(statement)
        text = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        answer |= {"statement": text, "statement_sha256": hashlib.sha256(text.encode()).hexdigest()}

    return lie


def another_root(statement: dict[str, Any]) -> None:
    statement["predicate"]["manifest"]["root"] = statement["subject"][0]["digest"]["sha256"] = "0" * 64


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another project": restated(lambda s: s["predicate"].update(project="safe-eval")),
    "another kind": restated(lambda s: s["predicate"].update(kind="data")),
    "another key holder": restated(lambda s: s["predicate"].update(keyHolder="service")),
    "another service": restated(
        lambda s: s["predicate"].update(service="https://x.example", signer="https://x.example/signers/a")
    ),
    "another signer": restated(lambda s: s["predicate"].update(signer=s["predicate"]["signer"] + "x")),
    "another root": restated(another_root),
    "another file": restated(lambda s: s["subject"][1]["digest"].update(sha256="0" * 64)),
    "another size": restated(lambda s: s["predicate"]["manifest"].update(bytes=1)),
    "a declaration more": restated(lambda s: s["predicate"]["declarations"].update(waiver="all rights")),
    "other consent words": lambda a: a["consent"].update(text="I give everything."),
    "another digest": lambda a: a.update(statement_sha256="0" * 64),
    "another payload type": lambda a: a.update(payload_type="text/plain"),
    "no canonical text": lambda a: a.update(statement=a["statement"] + " "),
    "no statement": lambda a: a.update(statement="{}"),
    "nothing": lambda a: a.clear(),
    "a path for an id": lambda a: a.update(id="../../oauth/token?"),
}


@pytest.mark.parametrize("name", list(LIES))
def test_a_statement_that_is_not_what_was_asked_is_never_signed(ada: Service, note: Path, name: str) -> None:
    with Liar(ada.origin, ada.token) as liar:
        liar.lie = LIES[name]
        with pytest.raises(StatementUnexpected):
            open_draft(liar, Asked("tiny-llm", "code", scan([note]), {}))


def test_an_acceptance_in_place_of_a_contribution_is_never_signed(ada: Service, note: Path) -> None:
    with Liar(ada.origin, ada.token) as liar:
        bundle = ada.get_bytes("/log/checkpoint")
        liar.lie = restated(lambda s: s.update(predicateType="https://w3id.org/mcla/acceptance/v1"))
        with pytest.raises(StatementUnexpected):
            open_draft(liar, Asked("tiny-llm", "code", scan([note]), {}))
        assert ada.get_bytes("/log/checkpoint") == bundle


class Forgetful(Service):
    """The real service over a line that loses the answer to the first `lost` requests for the last step."""

    lost = 2

    def _once(self, method: str, path: str, content: dict[str, Any]) -> bytes:
        answer = super()._once(method, path, content)
        if path.endswith("/signature") and self.lost:
            self.lost -= 1
            raise Unreachable("The line broke.")
        return answer


def drafted(there: Service, note: Path) -> Draft:
    return open_draft(there, Asked("tiny-llm", "code", scan([note]), {}))


def test_a_lost_answer_to_the_last_step_is_asked_for_again_and_recorded_once(ada: Service, note: Path) -> None:
    with Forgetful(ada.origin, ada.token, sleep=lambda _: None) as forgetful:
        done = sign_draft(forgetful, drafted(forgetful, note))
    digest = hashlib.sha256(note.read_bytes()).hexdigest()
    known = ada.get(f"/api/v1/artifacts/sha256:{digest}")["contributions"]
    assert [each["id"] for each in known] == [done["id"]]


def test_a_line_that_stays_broken_ends_as_unreachable(ada: Service, note: Path) -> None:
    with Forgetful(ada.origin, ada.token, sleep=lambda _: None) as forgetful:
        forgetful.lost = 99
        with pytest.raises(Unreachable):
            sign_draft(forgetful, drafted(forgetful, note))


class Switching(Service):
    """The real service, whose last answer brings another bundle than that of this signing."""

    other: dict[str, Any]

    def post(self, path: str, body: Any, *, again: bool = False) -> dict[str, Any]:
        answer = super().post(path, body, again=again)
        return answer | {"bundle": self.other} if path.endswith("/signature") else answer


@pytest.mark.parametrize(
    "other", [{}, None, [], {"dsseEnvelope": {"payload": "e30=", "signatures": [{"sig": "AA=="}]}}]
)
def test_the_bundle_of_something_else_is_noticed(ada: Service, note: Path, other: Any) -> None:
    with Switching(ada.origin, ada.token) as switching:
        switching.other = other
        with pytest.raises(AnswerInvalid):
            sign_draft(switching, drafted(switching, note))


def test_one_draft_gets_one_certificate_only(ada: Service, note: Path) -> None:
    draft = drafted(ada, note)
    sign_draft(ada, draft)
    with pytest.raises(ServiceRefused) as refusal:
        sign_draft(ada, draft)
    assert refusal.value.problem_code == "already-certified"
