# SPDX-License-Identifier: Apache-2.0
"""`mcla sign` against the real service: the whole way, and every way in which it must end without a signature."""

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import httpx2
from cli_proofs import beside
from running import id_token

from mcla.artifacts.scan import scan


def test_a_real_model_is_signed_through_the_browser_and_verified_without_the_service(
    sign: Any, mcla: Any, weights: Path, declared: Path, kept_trust: Path
) -> None:
    ran = sign(weights, "--kind", "weights", "--declarations", declared)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Signed and verified here: ")
    assert "Ada Li" in ran.err
    assert "mcla-individual 1.0.0" in ran.err
    assert "You declare" in ran.err
    assert "did not take the list of tensors" not in ran.err
    verified = mcla("verify", weights, "--trust", kept_trust, "--json")
    assert verified.code == 0
    tensors = json.loads(mcla("tensors", weights, "--json").out)
    stated = json.loads(verified.out)["statement"]["tensors"]
    assert stated == {name: tensors[name] for name in ("root", "count", "bytes")}
    assert stated["root"] in ran.err, "shown before it was signed"
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
    assert not any(word in everything for word in (b"Ada Li", b"adali", b"ada.li@"))


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
    assert document["statement"]["declarations"]["bases"] == [
        {
            "name": "example/tiny",
            "sha256": "ab" * 32,
            "relation": "fine-tune",
            "licence": "MIT",
            "retrieved": "2026-03-01",
        }
    ]
    assert document["statement"]["declarations"]["compute"] == {"value": "12", "unit": "GPU hours"}


def answer_questions(run: Any) -> None:
    """The questions about weights, in their order."""
    base = (
        *(("Name", "example/tiny"), ("Revision", ""), ("SHA-256 of the file", "zz"), ("64 hex digits", "AB" * 32)),
        *(("relate to it", "fine-tune"), ("Licence", "MIT"), ("licence text", ""), ("Day", "2026-03-01")),
        ("Base 2", ""),
    )
    source = (("Name", "Own speech"), ("Address", "ftp://x"), ("https://", ""), ("Owner", ""), ("Licence", "own"))
    answers = {
        1: (("Answer", "Tiny 1.1"),),
        2: (("Answer", "Decoder-only transformer"),),
        3: (("Number and unit", ""),),
        4: (("Number", "9"), ("Number", "2")),
        5: base,
        6: (*source, ("licence text", ""), ("what you used", ""), ("Day", ""), ("Source 2", "")),
        7: (("Answer", ""),),
        8: (("Number", "none"),),
        9: (("Number", "1"),),
        10: (("Number", "by-source"),),
        12: (("Number", "known"),),
        13: (("Number and unit", "many"), ("one of the units", "12 GPU hours")),
        14: (("Number and unit", ""),),
        16: (("Number", "not-tested"),),
        18: (("Answer", "not evaluated"),),
        19: (("Answer", ""),),
        20: (("Number", "kept"),),
        22: (("Number", "none"),),
        23: (("Answer", ""),),
        24: (("Answer", ""),),
        25: (("I confirm this", "y"),),
        26: (("I confirm this", "y"),),
    }
    for number, question in answers.items():
        run.wait_for(f"{number} of 26")
        for words, answer in question:
            run.wait_for(words) if words not in run.said.rpartition(f"{number} of 26")[2] else None
            run.type(answer)


def test_ctrl_c_at_the_last_question_signs_nothing(terminal: Any, service: Any, browser: Any, note: Path) -> None:
    args = ("--service", service.origin, "--project", "tiny-llm", "--kind", "code")
    run = terminal("sign", note, *args, **browser("Ada Li"))
    run.wait_for("[y/N]")
    assert run.interrupt() == 130
    assert not beside(note).exists()


def test_a_model_card_is_proposed_at_the_terminal_and_needs_a_yes(
    terminal: Any, service: Any, note: Path, sign: Any
) -> None:
    card = note.with_name("README.md")
    card.write_text("---\nbase_model_relation: adapter\nlicense: mit\nbase_model: a/b@v1\n---\n", encoding="utf-8")
    refused = sign(note, "--kind", "weights", "--metadata", card)
    assert refused.code == 2
    assert "Nobody is there to confirm" in refused.err
    run = terminal(
        "sign", note, "--service", service.origin, "--project", "tiny-llm", "--kind", "weights", "--metadata", card
    )
    for number, answer in ((1, "Tiny"), (2, "A transformer"), (3, "")):
        run.wait_for(f"{number} of 26")
        run.type(answer)
    for words in ("From README.md, please confirm:\n  An adapter for a base", "Is this right? [y/N]"):
        run.wait_for(words) if words not in run.said else None
    run.type("y")
    for words in ("Name, as on its hub: a/b", "It lacks something: Fill in", "Base 1"):
        run.wait_for(words) if words not in run.said else None
    assert run.interrupt() == 130
