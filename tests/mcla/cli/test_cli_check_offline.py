# SPDX-License-Identifier: Apache-2.0
"""`mcla check --bundles`: files of a real change proven by a folder of proofs, with no service anywhere."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deciding_service import Deciding
from notary import Notary
from repositories import Repo
from running import free_port
from safetensors_files import read_simply, write

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.lfs import pointer_text
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.artifacts.measure import measure
from mcla.artifacts.tensors import TensorSet
from mcla.log.checkpoint import Checkpoint
from mcla.statements.parts import TensorsRef
from mcla.verify.withdrawals import End, end_line, sign_snapshot

GIVEN = b"given " * 400
ENTRY = ManifestEntry("model.bin", sha256_hex(GIVEN), len(GIVEN))
OTHERS = [ManifestEntry(f"shard-{number:04}", sha256_hex(b"%d" % number), number) for number in range(600)]
LLAMA = {"name": "meta/llama", "relation": "fine-tune", "licence": "LicenseRef-llama-3.1"}
LOST = {"title": "MedChat", "outbound": "Apache-2.0", "bases": [LLAMA]}
ALONE = ("--only", "artifacts")


def withdrawals(notary: Notary, *ended: str) -> bytes:
    time = notary.now
    lines = [end_line(each, End(50 + number, time)) for number, each in enumerate(ended)]
    return sign_snapshot(Checkpoint(notary.host, 99, b"r" * 32), time, time + timedelta(days=1), lines, notary.keys.log)


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory, notary: Notary, stranger: Notary) -> Path:
    """Bundles of a file, of 601 files with their list, of the file by a stranger; and what they are measured by."""
    folder = tmp_path_factory.mktemp("proofs")
    one, many = Manifest.of([ENTRY]), Manifest.of([ENTRY, *OTHERS])
    for name, data in (
        ("one", notary.bundle(one)),
        ("many", notary.bundle(many)),
        ("stranger", stranger.bundle(one)),
        ("code", notary.bundle(one, replace(notary.statement(one), kind="code", schedule=None, declarations={}))),
        ("lost", notary.bundle(one, replace(notary.statement(one), declarations=LOST))),
        ("elsewhere", notary.bundle(one, replace(notary.statement(one), project="another"))),
    ):
        (folder / name).mkdir()
        (folder / name / f"{name}.sigstore.json").write_bytes(data)
    (folder / "many" / "many.manifest.json").write_bytes(many.to_bytes())
    (folder / "trust.json").write_bytes(notary.trust())
    (folder / "list.txt").write_bytes(withdrawals(notary))
    (folder / "ended.txt").write_bytes(withdrawals(notary, sha256_hex(notary.statement(one).to_bytes())))
    return folder


@pytest.fixture
def check(mcla_inside: Any, repo: Repo, proofs: Path) -> Callable[..., Any]:
    """`check("one")` asks the bundles of that folder about topic, with a list of withdrawals."""

    def run(name: str, *args: str | Path, listed: str | None = "list.txt") -> Any:
        always: list[str | Path] = ["--project", "tiny-llm", "--repository", repo.path, "--base", "main"]
        always += ["--head", "topic", "--bundles", proofs / name, "--trust", proofs / "trust.json"]
        if listed:
            always += ["--withdrawals", proofs / listed.split()[0], *listed.split()[1:]]
        return mcla_inside("check", *always, *args)

    return run


@pytest.mark.parametrize("name", ["one", "many"])
def test_a_file_whose_bundle_lies_there_is_covered_without_anybody(check: Any, name: str) -> None:
    done = check(name, *ALONE)
    assert (done.code, done.out.splitlines()[0][:15]) == (0, "Covered: 1 file"), done.out
    (artifact,) = json.loads(check(name, *ALONE, "--json").out)["artifacts"]
    assert (artifact["contribution"], artifact["as"]) == (
        f"{name}.sigstore.json",
        "file" if name == "one" else "member",
    )


def test_signs_that_a_giver_declared_are_seen_without_anybody_where_the_policy_asks(check: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    for signals, code in (("tell", 0), ("review", 3)):
        policy.write_text(
            f"version = 1\n[[artifacts]]\npaths = ['**/*.bin']\nkind = 'weights'\n[licences]\nsignals = '{signals}'\n"
        )
        done = check("lost", *ALONE, "--policy", policy, "--json")
        assert done.code == code, done.out
        told = json.loads(done.out)["signals"]
        assert [each["code"] for each in told] == ["more-permissive-than-base", "prefix-missing"]
        assert {each["contribution"] for each in told} == {"lost.sigstore.json"}


def test_a_licence_file_of_the_checkout_is_told_by_its_words_and_held_against_what_was_declared(
    check: Any, repo: Repo, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("version = 1\n[[artifacts]]\npaths = ['**/*.bin']\nkind = 'weights'\n[licences]\n")
    apache = (Path(__file__).resolve().parents[3] / "LICENSE").read_bytes()
    told = []
    for text in (apache, apache.replace(b"perpetual", b"revocable"), b"\xff no text"):
        repo.commit({"LICENSE": text}, branch="topic")
        done = check("lost", *ALONE, "--policy", policy, "--json")
        signs = [each for each in json.loads(done.out)["signals"] if each["code"] == "file-differs-from-tag"]
        told.append([each["sentence"] for each in signs])
    assert told == [[], ["LICENSE reads as a changed Apache-2.0, and Apache-2.0 is declared."], []]


def test_people_stay_unknown(check: Any) -> None:
    done = check("one")
    assert done.code == 3
    assert done.out.startswith("Unknown: 2 of 2 people, 1 file")
    assert "Who has signed stands in no file" in done.out
    assert "--only artifacts" in done.out


@pytest.mark.parametrize(
    ("name", "listed", "code", "word"),
    [
        ("one", None, 3, "contribution-unknown"),
        ("one", "list.txt --max-age=0", 3, "contribution-unknown"),
        ("one", "ended.txt", 1, "contribution-ended"),
        ("stranger", "list.txt", 1, "contribution-unproven"),
        ("elsewhere", "list.txt", 1, "not-given"),
        ("code", "list.txt", 1, "other-kind"),
    ],
)
def test_no_proof_counts_that_is_not_known_to_hold_and_to_be_in_force(
    check: Any, name: str, listed: str | None, code: int, word: str
) -> None:
    done = check(name, *ALONE, "--json", listed=listed)
    assert done.code == code, done.out
    assert [each["code"] for each in json.loads(done.out)["artifacts"]] == [word]


def test_of_several_proofs_one_that_holds_is_enough_and_junk_stands_in_nobodys_way(
    check: Any, proofs: Path, tmp_path: Path
) -> None:
    shutil.copytree(proofs, tmp_path / "all")
    (tmp_path / "all" / "junk.sigstore.json").write_bytes(b"{")
    (tmp_path / "all" / "many" / "many.manifest.json").write_bytes(b"{}")
    assert check(tmp_path / "all", *ALONE).code == 0
    for name in ("one", "lost"):
        shutil.rmtree(tmp_path / "all" / name)
    assert check(tmp_path / "all", *ALONE).code == 1  # 601 files are listed by their manifest alone


def test_a_pointer_with_another_size_than_the_contribution_is_no_yes(check: Any, repo: Repo) -> None:
    pointer = pointer_text(ENTRY.sha256, ENTRY.size + 1)
    repo.commit({"weights/new.bin": pointer, ".gitattributes": b"weights/** filter=lfs\n"}, branch="topic")
    assert [check(name, *ALONE).code for name in ("one", "many")] == [3, 3]
    repo.commit({"weights/new.bin": pointer_text(ENTRY.sha256, ENTRY.size)}, branch="topic")
    assert [check(name, *ALONE).code for name in ("one", "many")] == [0, 0]


def test_a_pointer_that_git_lfs_is_not_given_proves_nothing_without_a_service_either(check: Any, repo: Repo) -> None:
    repo.commit({"weights/new.bin": pointer_text(ENTRY.sha256, ENTRY.size)}, branch="topic")
    done = check("one", *ALONE)
    assert (done.code, "git lfs track" in done.out) == (1, True)


def test_what_the_agreement_lets_the_project_use_is_unknown_here(check: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'version = 1\n[[artifacts]]\npaths = ["weights/**"]\nkind = "weights"\noutbound = ["Apache-2.0"]\n'
    )
    done = check("one", *ALONE, "--policy", policy)
    assert (done.code, "terms, which are not at hand" in done.out) == (3, True)


def test_a_change_cannot_bring_the_trust_that_it_is_measured_by(
    check: Any, repo: Repo, notary: Notary, stranger: Notary, proofs: Path
) -> None:
    repo.commit({"ci/trust.json": notary.trust()})
    repo.git("checkout", "--quiet", "-B", "topic", "main")
    repo.commit({"weights/new.bin": GIVEN}, branch="topic")
    repo.git("reset", "--quiet", "--hard", "topic")
    trust = repo.path / "ci" / "trust.json"
    assert check("one", *ALONE, "--trust", trust).code == 0
    repo.commit({"ci/trust.json": stranger.trust()}, branch="topic")
    repo.git("reset", "--quiet", "--hard", "topic")
    for name in ("one", "stranger"):
        done = check(name, *ALONE, "--trust", trust)
        assert done.code == 3
        assert "brings its own ci/trust.json" in done.out
    repo.commit({"ci/trust.json": notary.trust(), "CI/Trust.json": stranger.trust()}, branch="topic")
    assert "brings its own CI/Trust.json" in check("one", *ALONE, "--trust", trust).out
    assert check("one", *ALONE).code == 0
    assert check("one", *ALONE, "--trust", repo.path / ".." / proofs.name / "trust.json").code == 2  # no such file
    beside = Path(shutil.copy(proofs / "trust.json", repo.path.parent))
    assert check("one", *ALONE, "--trust", repo.path / ".." / beside.name).code == 0


@pytest.mark.parametrize("kind", ["link", "chain", "submodule"])
def test_a_change_cannot_lead_elsewhere_to_what_it_is_measured_by(
    check: Any, repo: Repo, stranger: Notary, kind: str
) -> None:
    modes = {"ci": "module" if kind == "submodule" else "link", "way": "link"}
    forged = {"trust.json": stranger.trust(), "list.txt": withdrawals(stranger)}
    before, after = (b"2" * 40, b"1" * 40) if kind == "submodule" else (b"real", b"forged")
    turned = "way" if kind == "chain" else "ci"
    first = {f"forged/{name}": data for name, data in forged.items()} | {"real/trust.json": b"{}", turned: before}
    repo.commit(first | ({"ci": b"way"} if kind == "chain" else {}), modes=modes)
    repo.git("branch", "--force", "topic", "main")
    repo.commit({turned: after, "weights/new.bin": GIVEN}, branch="topic", modes=modes)
    repo.git("checkout", "--quiet", "--force", "topic")
    for name, data in forged.items() if kind == "submodule" else ():
        (repo.path / "ci" / name).write_bytes(data)
    own = ("--trust", repo.path / "ci/trust.json", "--withdrawals", repo.path / "ci/list.txt")
    done = check("stranger", *ALONE, *own, listed=None)
    assert (done.code, f"brings its own {turned}:" in done.out) == (3, True)


def test_a_service_that_is_away_leaves_it_unknown_and_it_is_said_whether_the_bundles_suffice(
    check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcla.cli.check_run.SLEEP", lambda _: None)
    away = ("--service", f"http://127.0.0.1:{free_port()}", "--opener", "github:1")
    enough, short = check("one", *away), check("stranger", *away)
    assert (enough.code, short.code) == (3, 3)
    assert "The bundles alone prove 1 file" in enough.out
    assert "--only artifacts --bundles" in enough.out
    assert "The bundles alone do not suffice" in short.out


def test_while_the_service_answers_the_bundles_are_not_asked(
    check: Any, decides: Deciding, serving_decisions: tuple[Deciding, str]
) -> None:
    decides.given = {}
    assert check("one", "--service", serving_decisions[1], "--opener", "github:1").code == 1


def test_bundles_without_trust_or_for_another_time_are_refused(mcla_inside: Any, repo: Repo, proofs: Path) -> None:
    always = ("check", "--project", "tiny-llm", "--repository", repo.path, "--base", "main", "--head", "topic")
    bundles = ("--bundles", proofs / "one", *ALONE)
    done = mcla_inside(*always, *bundles)
    assert (done.code, "There is no trust file" in done.out) == (3, True)
    assert mcla_inside(*always, *bundles, "--as-of", "2026-01-01T00:00:00Z").code == 2
    assert mcla_inside(*always).code == 2


def test_the_same_tensors_in_another_file_count_only_where_the_policy_says_so(
    check: Any, repo: Repo, notary: Notary, silero: Path, tmp_path: Path
) -> None:
    data = silero.read_bytes()
    tensors = measure(silero, len(data), tensors=True)[0].tensors
    assert isinstance(tensors, tuple)
    found = TensorSet.of([("", tensors)])
    manifest = Manifest.of([ManifestEntry("m.safetensors", sha256_hex(data), len(data))])
    ref = TensorsRef(found.root, len(found.tensors), found.total_bytes)
    (tmp_path / "m.sigstore.json").write_bytes(
        notary.bundle(manifest, replace(notary.statement(manifest), tensors=ref))
    )
    repo.git("checkout", "--quiet", "-B", "topic", "main")
    repo.commit({"weights/m.safetensors": write(read_simply(data), {"note": "edited"})}, branch="topic")
    done = check(tmp_path, *ALONE, "--json")
    assert [(each["code"], each["as"]) for each in json.loads(done.out)["artifacts"]] == [
        ("same-tensors", "same-tensors")
    ]
    assert done.code == 1
    accepting = tmp_path / "p.toml"
    accepting.write_text('version = 1\n[[artifacts]]\npaths = ["**"]\nkind = "weights"\nsame_tensors = "accept"\n')
    assert check(tmp_path, *ALONE, "--policy", accepting).code == 0
