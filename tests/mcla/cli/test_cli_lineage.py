# SPDX-License-Identifier: Apache-2.0
"""`mcla lineage` on files of claims and on bundles: the tree, the walks, the faults and what cannot be read."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from notary import make_notary

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.scan import scan
from mcla.log.checkpoint import Checkpoint
from mcla.verify.withdrawals import End, end_line, sign_snapshot

EDGES = [
    {"artifact": "org/mine@1", "base": "org/base@2", "relation": "fine-tune", "licence": "MIT", "by": "me"},
    {"artifact": "org/base@2", "base": "org/root@3", "relation": "merge", "licence": "Apache-2.0"},
]
LABELS = [{"artifact": "org/root@3", "licence": "Apache-2.0", "by": "root's maker"}]


@pytest.fixture
def told(mcla_inside: Any, tmp_path: Path) -> Any:
    def told(value: Any, *more: str) -> Any:
        path = tmp_path / "claims.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return mcla_inside("lineage", path, *more)

    return told


def test_the_tree_names_each_claim_below_what_was_made(told: Any) -> None:
    ran = told({"edges": EDGES, "labels": LABELS})
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "org/mine@1: no licence told",
        "  fine-tune of org/base@2 under MIT, says me",
        "    merge of org/root@3 under Apache-2.0",
    ]


def test_the_walks_go_both_ways(told: Any) -> None:
    graph = {"edges": EDGES, "labels": LABELS}
    assert told(graph, "--from", "org/root@3").out == "  1  org/base@2: MIT\n  2  org/mine@1: no licence told\n"
    assert told(graph, "--of", "org/base@2").out == "  1  org/root@3: Apache-2.0\n"
    assert told(graph, "--of", "org/root@3").out == "It is not known to rest on anything.\n"
    document = json.loads(told(graph, "--from", "org/root@3", "--json").out)
    assert document["whole"] is True
    assert [node["id"] for node in document["nodes"]] == ["org/base@2", "org/mine@1"]


def test_claims_that_go_round_or_contradict_are_a_no_and_told(told: Any) -> None:
    ran = told({"edges": [*EDGES, {"artifact": "org/root@3", "base": "org/mine@1", "relation": "merge"}]}, "--json")
    document = json.loads(ran.out)
    assert ran.code == 1
    assert document["cycles"] == [["org/base@2", "org/mine@1", "org/root@3"]]
    ran = told({"edges": EDGES, "labels": [*LABELS, {"artifact": "org/base@2", "licence": "GPL-3.0", "by": "x"}]})
    assert ran.code == 1
    assert "Note: Two claims on the licence of org/base@2: GPL-3.0 (x); MIT (me)." in ran.out
    assert "Note: What rests on org/base@2: org/mine@1" in ran.out


def test_a_name_twice_or_too_much_is_told_as_what_a_person_wrote(told: Any) -> None:
    ran = told('{"edges": [], "edges": []}', "--json")
    error = json.loads(ran.out)["error"]
    assert (ran.code, error["code"]) == (2, "json-invalid")
    assert error["next"].startswith("Write the claims as plain JSON")


def test_many_notes_of_a_kind_are_told_as_the_first_and_how_many_more(told: Any) -> None:
    many = [{"artifact": "org/mine@1", "base": f"org/b{n}", "relation": "merge", "by": "me"} for n in range(10_000)]
    ran = told({"edges": many})
    notes = [line for line in ran.out.splitlines() if line.startswith("Note: ")]
    named = "org/b0, org/b1, org/b2, org/b3, org/b4 and 9,995 more (--json has all)"
    assert notes == [f"Note: Nothing is known of {named} but that something was made from them."]
    document = json.loads(told({"edges": many}, "--json").out)
    assert (len(document["missing"]), len(document["sentences"])) == (10_000, 10_000)
    assert "Nothing is known of org/b0 but that something was made from it." in told({"edges": many[:1]}).out
    several = "Nothing is known of org/b0, org/b1 but that something was made from them."
    assert several in told({"edges": many[:2]}).out
    circles = [{"artifact": f"org/c{n}", "base": f"org/c{n}", "relation": "merge"} for n in range(30)]
    ran = told({"edges": circles})
    assert (ran.code, ran.out.count("rest on itself")) == (1, 20)
    assert "Note: And 10 more such notes (--json has all)." in ran.out


def test_a_bundle_is_read_as_claims_of_its_signer(mcla_inside: Any, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/model.bin").write_bytes(b"weights")
    manifest = scan([tmp_path / "weights"])
    notary = make_notary(tmp_path / "keys", "https://sign.example.org")
    rows = [{"name": "org/base", "revision": "v1", "relation": "fine-tune", "licence": "MIT"}]
    statement = replace(notary.statement(manifest), declarations={"bases": rows})
    bundle = tmp_path / "mine.sigstore.json"
    bundle.write_bytes(notary.bundle(manifest, statement))
    document = json.loads(mcla_inside("lineage", bundle, "--json").out)
    (edge,) = document["edges"]
    assert (edge["artifact"], edge["base"], edge["by"]) == (
        f"sha256:{manifest.root}",
        "org/base@v1",
        notary.signer,
    )
    later = tmp_path / "later.json"
    mine = {"artifact": "org/later@1", "base": f"sha256:{manifest.files[0].sha256}", "relation": "merge"}
    later.write_text(json.dumps({"edges": [mine]}))
    said = mcla_inside("lineage", later, bundle, "--of", "org/later@1").out
    assert [line.split()[0] for line in said.splitlines()] == ["1", "2"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("{", "json-invalid"),
        ({"nodes": []}, "lineage-invalid"),
        ({"edges": [{"artifact": "a", "base": "b", "relation": "stolen"}]}, "lineage-invalid"),
        ({"edges": [], "edges ": []}, "lineage-invalid"),
    ],
)
def test_files_that_hold_no_claims_are_wrong_usage(told: Any, value: Any, code: str) -> None:
    ran = told(value, "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["error"]["code"] == code


def test_model_cards_claim_what_they_say_beside_other_claims(told: Any, mcla_inside: Any, tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("---\nlicense: mit\nbase_model: org/base@2\nbase_model_relation: merge\n---\n")
    ran = told({"edges": EDGES, "labels": LABELS}, "--card", "org/mine@1", str(card))
    assert ran.code == 1
    assert "Two claims on how org/mine@1" in ran.out
    alone = mcla_inside("lineage", "--card", "org/mine@1", card)
    assert (alone.code, alone.out.splitlines()[:2]) == (
        0,
        ["org/mine@1: mit", "  merge of org/base@2 (no licence told), says its model card"],
    )
    card.write_text("---\nlicense: [mit\n---\n")
    assert mcla_inside("lineage", "--card", "org/mine@1", card, "--json").code == 2
    assert mcla_inside("lineage").code == 2


@pytest.mark.parametrize(
    ("stance", "licence", "code", "verdict"),
    [
        ("", "MIT", 3, "needs-review"),
        ("[licences.stance]\nnc_data = 'allow'\n", "MIT", 0, "needs-notice"),
        ("[licences.stance]\nnc_data = 'deny'\n", "MIT", 1, "denied"),
        ("", "my own words", 3, "needs-review"),
    ],
)
def test_with_a_policy_each_licence_is_held_against_what_it_rests_on(
    told: Any, tmp_path: Path, stance: str, licence: str, code: int, verdict: str
) -> None:
    policy = tmp_path / ".mcla.toml"
    policy.write_text(f"version = 1\n{stance}")
    edge = {"artifact": "org/mine@1", "base": "org/data@1", "relation": "trained-on-data", "licence": "CC-BY-NC-4.0"}
    graph = {"edges": [edge], "labels": [{"artifact": "org/mine@1", "licence": licence, "by": "me"}]}
    ran = told(graph, "--policy", str(policy), "--json")
    document = json.loads(ran.out)
    assert (ran.code, [each["verdict"] for each in document["verdicts"]]) == (code, [verdict])
    assert "verdicts" not in json.loads(told(graph, "--json").out)
    assert f"Note: {verdict}: org/mine@1 under {licence}" in told(graph, "--policy", str(policy)).out
    policy.write_text("version = 1\n[licences.stance]\nnc_dta = 'deny'\n")
    refused = told(graph, "--policy", str(policy))
    assert refused.code == 2
    assert "licences.stance.nc_dta" in refused.err


def test_what_rests_on_what_was_withdrawn_is_told_from_the_list(mcla_inside: Any, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/model.bin").write_bytes(b"weights")
    manifest = scan([tmp_path / "weights"])
    notary = make_notary(tmp_path / "keys", "https://sign.example.org")
    bundle, trust, claims = tmp_path / "mine.sigstore.json", tmp_path / "trust.json", tmp_path / "claims.json"
    bundle.write_bytes(notary.bundle(manifest))
    trust.write_bytes(notary.trust())
    below = [("org/a@1", f"sha256:{manifest.files[0].sha256}"), ("org/b@1", "org/a@1")]
    edges = [{"artifact": artifact, "base": base, "relation": "merge"} for artifact, base in below]
    claims.write_text(json.dumps({"edges": edges, "labels": [{"artifact": "org/c@1"}]}))

    def asked(*ends: tuple[str, End], size: int = 99, more: tuple[str, ...] = ()) -> Any:
        head, time = Checkpoint(notary.host, size, b"r" * 32), notary.now
        lines = [end_line(statement, end) for statement, end in ends]
        (tmp_path / "list.txt").write_bytes(sign_snapshot(head, time, time + timedelta(days=1), lines, notary.keys.log))
        wanted = ("--withdrawals", tmp_path / "list.txt", "--trust", trust, *more)
        return mcla_inside("lineage", bundle, claims, *wanted)

    own = sha256_hex(notary.statement(manifest).to_bytes())
    ended = asked((own, End(50, notary.now)), more=("--json",))
    told = json.loads(ended.out)["withdrawals"]
    assert (ended.code, [each["code"] for each in told["withdrawn"]]) == (1, ["ended"])
    assert told["downstream"] == {
        "artifacts": [{"id": "org/a@1", "steps": 1}, {"id": "org/b@1", "steps": 2}],
        "whole": True,
    }
    said = asked((own, End(50, notary.now))).out
    assert "It has been ended: log entry 50 of" in said
    assert "Note: Rests on what was withdrawn, 2 steps away: org/b@1" in said
    walked = asked((own, End(50, notary.now)), more=("--of", "org/b@1"))
    assert (walked.code, walked.out.count("(withdrawn)")) == (1, 1)
    standing = asked(("a" * 64, End(50, notary.now)), more=("--json",))
    assert (standing.code, json.loads(standing.out)["withdrawals"]["withdrawn"]) == (0, [])
    short = asked(size=1)
    assert short.code == 3
    assert "Not known whether mine.sigstore.json is in force: The list of withdrawals covers 1" in short.out
    (tmp_path / "list.txt").write_text("no list")
    assert mcla_inside("lineage", bundle, "--withdrawals", tmp_path / "list.txt", "--trust", trust).code == 3
