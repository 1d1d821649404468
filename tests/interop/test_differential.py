# SPDX-License-Identifier: Apache-2.0
"""Three verifiers over the same bundles: where they differ, `interop.differences` names why, and nothing else differs.

Ours is never laxer than both others. The bundles are ours in every form, each with one thing spoiled or odd, some with
several at random (from a fixed seed), and the public ones of Sigstore's conformance suite.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sigstore
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from installed import npm_package
from interop.difference import Difference, named
from interop.differences import DIFFERENCES, PUBLIC
from interop.mutations import MUTATIONS, Notaries
from interop.odd_bundles import (
    Form,
    odd_authorities,
    odd_signatures,
    odd_signers,
    odd_statements,
    odd_times,
    odd_trust,
    our_forms,
)
from interop.odd_proofs import odd_checkpoints, odd_entries, odd_stamps
from interop.private_sigstore import ORIGIN, PAYLOAD, SIGNER, PrivateSigstore
from interop.spoiled_json import at, instead, paths, replaced, spoiled, without, written
from interop.stock import Question, javascript
from interop.three_verifiers import Answers, Case, ask_all
from needs import shared

from mcla.envelope.entry import DSSE, HASHEDREKORD

Ask = Callable[[Question], str | None]
TABLE = (*DIFFERENCES, *PUBLIC)
ODD = (odd_signers, odd_times, odd_statements, odd_signatures, odd_stamps, odd_entries, odd_checkpoints)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with javascript(npm_package("@sigstore/verify", "4.1.3")) as process:
        yield process


@dataclass(frozen=True)
class Ours:
    """A service, one that pretends to be it, the bundles of both kinds of signature, and the trust file."""

    all_: Notaries
    forms: dict[str, Form]
    others: dict[str, Form]
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.json"

    def case(self, name: str, data: bytes, form: str = "contribution") -> Case:
        return Case(name, Question(data, self.root, self.forms[form].artifact))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Ours:
    folder = tmp_path_factory.mktemp("differential")
    service, impostor = PrivateSigstore.create(folder / "service"), PrivateSigstore.create(folder / "impostor")
    (folder / "root.json").write_bytes(service.trust.to_json())
    return Ours(Notaries(service, impostor, HASHEDREKORD), our_forms(service), our_forms(service), folder)


def test_every_form_of_ours_is_accepted_by_all(ours: Ours, ask: Ask) -> None:
    for name, form in chain(ours.forms.items(), ours.others.items()):
        answers = ask_all(ours.case(name, form.data, name), ask)
        assert len(answers.accepting) == 3, (name, answers)


def test_no_fault_of_a_proof_is_accepted_by_any(ours: Ours, ask: Ask) -> None:
    for case in _faulty(ours):
        answers = ask_all(case, ask)
        assert not answers.accepting, (case.name, answers)


@pytest.mark.timeout(300)
def test_over_our_bundles_every_difference_is_named_and_every_name_is_shown(ours: Ours, ask: Ask) -> None:
    cases = chain(_spoiled(ours), _odd(ours), _asked_otherwise(ours))
    shown = _compare(cases, ask)
    for row in DIFFERENCES:
        assert shown[row.name] == set(row.lax), f"no case shows it of each: {row.name}"


def test_over_the_public_bundles_every_difference_is_named(ask: Ask) -> None:
    folder = shared("vectors", "sigstore-bundles")
    cases = [_public(path.parent) for path in sorted(folder.glob("*/bundle.sigstore.json"))]
    assert len(cases) > 50
    shown = _compare(cases, ask)
    for row in PUBLIC:
        assert shown[row.name] == set(row.lax), f"no case shows it of each: {row.name}"


@seed(20261125)
@settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_over_bundles_spoiled_at_random_every_difference_is_named(data: st.DataObject, ours: Ours, ask: Ask) -> None:
    name = data.draw(st.sampled_from(sorted(ours.forms)))
    spoilt = data.draw(_random(ours.forms[name].value, ours.others[name].value))
    _compare([ours.case(name, spoilt, name)], ask)


def test_the_guide_has_the_same_table() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "verify-without-us.md").read_text("utf-8")
    (table,) = [part for part in guide.split("\n\n") if part.startswith("| what |")]
    assert table.splitlines()[2:] == [row.line for row in TABLE]


def _compare(cases: Iterable[Case], ask: Ask) -> dict[str, set[str]]:
    """Who was seen to be laxer for which reason; fails with every case whose difference has no name."""
    shown: dict[str, set[str]] = defaultdict(set)
    nameless: list[tuple[str, Answers]] = []
    for case in cases:
        answers = ask_all(case, ask)
        rows: list[Difference] | None = [] if answers.agree else named(TABLE, case, answers)
        if rows is None:
            nameless.append((case.name, answers))
        for row in rows or ():
            shown[row.name] |= answers.accepting
    assert not nameless, "\n".join(f"{name}: {answers.faults}" for name, answers in nameless)
    return shown


def _spoiled(ours: Ours) -> Iterator[Case]:
    entry = ("verificationMaterial", "tlogEntries")
    for name, below in (("contribution", ()), ("contribution, twin", entry), ("file", ("messageSignature",))):
        for how, data in spoiled(ours.forms[name].value, ours.others[name].value, below):
            yield ours.case(f"{name}: {how}", data, name)


def _faulty(ours: Ours) -> Iterator[Case]:
    for kind in (HASHEDREKORD, DSSE):
        all_ = Notaries(ours.all_.service, ours.all_.impostor, kind)
        for name, mutation in MUTATIONS.items():
            yield ours.case(f"{kind.kind}: {name}", mutation.make(all_, PAYLOAD))


def _odd(ours: Ours) -> Iterator[Case]:
    for make in ODD:
        for name, value in make(ours.all_):
            yield ours.case(name, json.dumps(value).encode())


def _asked_otherwise(ours: Ours) -> Iterator[Case]:
    """The good bundle under other trust files, and with other names asked for."""
    data = ours.forms["contribution"].data
    whole = ((name, trust, ours.forms["contribution"].value) for name, trust in odd_trust(ours.all_.service.trust))
    for number, (name, trust, value) in enumerate(chain(whole, odd_authorities(ours.all_))):
        path = ours.folder / f"trust-{number}.json"
        path.write_bytes(trust.to_json())
        yield Case(name, Question(written(value), path))
    for signer in (SIGNER.upper(), SIGNER + "/", SIGNER[:-1], "", "*", SIGNER.replace("mcla", "mclä")):
        yield Case(f"asked for {signer}", Question(data, ours.root, identity=signer))
    yield Case("asked for another service", Question(data, ours.root, issuer=f"{ORIGIN}/"))
    yield Case("asked with a pattern", Question(data, ours.root, identity=SIGNER[:-3], pattern=True))


def _random(value: dict[str, Any], other: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Up to three changes of members, and perhaps one of the text."""

    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        bundle = deepcopy(value)
        for _ in range(draw(st.integers(1, 3))):
            path = draw(st.sampled_from(sorted(paths(bundle), key=str)))
            choices: list[object] = [new for _, new in instead(at(bundle, path), at(other, path))]
            new = draw(st.sampled_from([None, *range(len(choices))]))
            bundle = without(bundle, path) if new is None else replaced(bundle, path, choices[new])
        text = written(bundle)
        if draw(st.integers(0, 4)):
            return text
        place, byte = draw(st.integers(0, len(text) - 1)), draw(st.binary(max_size=2))
        return text[:place] + byte + text[place + 1 :]

    return made()


def _public(folder: Path) -> Case:
    """One case of the conformance suite; its README says what lies in the folder and what is meant if it does not."""
    name = "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
    usual = f"sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/{name}"
    own = {path.name: path for path in folder.iterdir()}
    bundle, artifact = (
        own["bundle.sigstore.json"].read_bytes(),
        own.get("artifact", folder.parent / "a.txt").read_bytes(),
    )
    signer = own["identity"].read_text() if "identity" in own else f"https://github.com/{usual}"
    issuer = own["issuer"].read_text() if "issuer" in own else "https://token.actions.githubusercontent.com"
    root = own.get("trusted_root.json", _public_good_instance())
    over = artifact if b'"messageSignature"' in bundle else None
    return Case(folder.name, Question(bundle, root, over, signer.strip(), issuer.strip()), foreign=True)


def _public_good_instance() -> Path:
    """The trust file that sigstore-python brings along."""
    (path,) = Path(sigstore.__file__).parent.glob("_store/*tuf-repo-cdn.sigstore.dev/trusted_root.json")
    return path
