# SPDX-License-Identifier: Apache-2.0
"""`mcla gate`: open only for a whole yes; what is missing is unknown, and what is wrong shuts it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import Issuer, entry
from notary import Notary
from safetensors_files import write

from mcla.artifacts.digest import sha256_hex
from mcla.artifacts.scan import scan
from mcla.licences.registry import registry
from mcla.log.checkpoint import Checkpoint
from mcla.tiers.bases import Giver, look
from mcla.tiers.decision import PURPOSE, decision_statement, document_of, subjects_of
from mcla.tiers.evaluating import evaluate
from mcla.tiers.facts import read_use
from mcla.tiers.reading import read_terms
from mcla.verify.svr import Purpose
from mcla.verify.withdrawals import End, end_line, sign_snapshot

FACTS = {"commercial": False, "sectors": [], "uses": [], "jurisdictions": ["DE"]}
TERMS = f"""
schema = "mcla.tiers/1"
id = "example-model-terms"
version = "1.0.0"
title = "Example"
otherwise = "deny"
feed = "none"
text = {{ url = "https://example.org/terms.md", sha256 = "{"0" * 64}" }}
[[tier]]
id = "anybody"
effect = "permit"
rests_on = "clause 1"
[[tier]]
id = "commercial"
effect = "separate-licence"
rests_on = "clause 2"
contact = "https://example.org/licensing"
when = [{{ fact = "commercial", is = true }}]
[[tier]]
id = "health"
effect = "permit-with-duty"
rests_on = "clause 3"
duty = "A person looks at it."
when = [{{ fact = "sectors", any_of = ["health"] }}]
"""


class Desk:
    """A model with its proof, facts and terms, and the command over them."""

    def __init__(self, run: Any, folder: Path, notary: Notary, trust: Path) -> None:
        self.run, self.folder, self.notary, self.trust = run, folder, notary, trust
        self.model = folder / "model"
        self.model.mkdir()
        (self.model / "config.json").write_text("{}")
        (self.model / "model.safetensors").write_bytes(write({"a": ("U8", [4], b"abcd")}))
        (folder / "model.sigstore.json").write_bytes(notary.bundle(scan([self.model])))
        self.put("use.json", json.dumps(FACTS))
        self.put("terms.toml", TERMS)

    def put(self, name: str, text: str | bytes) -> Path:
        place = self.folder / name
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def give(self, declarations: dict[str, Any]) -> None:
        """The whole model, with other declarations."""
        files = scan([self.model])
        statement = replace(self.notary.statement(files), declarations=declarations)
        self.put("model.sigstore.json", self.notary.bundle(files, statement))

    def gate(self, *more: Any, terms: bool = True) -> tuple[int, dict[str, str]]:
        """The exit code, and how each hurdle went by its name: the word, and for no and unknown the code."""
        named = ("--terms", self.folder / "terms.toml") if terms else ()
        use = ("--use", self.folder / "use.json", "--trust", self.trust)
        ran = self.run("gate", self.model, *use, *named, *more, "--json")
        told = json.loads(ran.out)
        if "hurdles" not in told:
            return ran.code, {"error": told["error"]["code"]}
        return ran.code, {
            each["name"]: "yes" if each["outcome"] == "yes" else f"{each['outcome']} {each['code']}"
            for each in told["hurdles"]
        }

    def decision(self, *, purpose: Purpose = PURPOSE, notary: Notary | None = None, **changes: Any) -> Path:
        facts = changes.get("facts", FACTS)
        terms = read_terms(changes.get("terms", TERMS).encode())
        outcome = evaluate(terms, read_use(facts), datetime.now(UTC).date()).to_dict()
        signer = notary or self.notary
        bases = changes.get("bases", look(None, (), (), registry()))
        document = document_of(outcome, facts, signer.now, bases, changes.get("life", timedelta(hours=24)))
        subjects = subjects_of(changes.get("files", scan([self.model])))
        payload = decision_statement(document, subjects, signer.origin, signer.now)
        envelope = signer.result(purpose, payload)
        if purpose is PURPOSE:
            document = document | changes.get("after", {})
        return self.put("decision.json", json.dumps(document | {"envelope": envelope}))


@pytest.fixture
def desk(mcla_inside: Any, tmp_path: Path, notary: Notary, trust: Path) -> Desk:
    return Desk(mcla_inside, tmp_path / "run", notary, trust)


def test_the_gate_opens_for_a_proven_model_and_a_permitted_use(desk: Desk) -> None:
    assert desk.gate() == (0, {"proof": "yes", "terms": "yes"})
    said = desk.run("gate", desk.model, "--use", desk.folder / "use.json", "--terms", desk.folder / "terms.toml",
                    "--trust", desk.trust)  # fmt: skip
    assert (said.code, said.out.splitlines()[0]) == (0, f"Open: {desk.model}")
    assert "withdrawals were not looked at" in said.out
    assert re.search(r"Claimed by whoever runs this, and looked at by nobody: use\.\w+(, use\.\w+)*\.", said.out)


@pytest.mark.parametrize(
    ("facts", "code", "terms"),
    [
        ({"commercial": True}, 1, "no use-separate-licence"),
        ({"commercial": None}, 3, "unknown use-unknown"),
        ({"sectors": ["health"]}, 1, "no duties-open"),
        ({"sectors": None}, 1, "no duties-open"),
    ],
)
def test_a_use_that_is_not_permitted_for_certain_shuts_it(
    desk: Desk, facts: dict[str, Any], code: int, terms: str
) -> None:
    desk.put("use.json", json.dumps(FACTS | facts))
    assert desk.gate() == (code, {"proof": "yes", "terms": terms})


def test_duties_are_said_to_be_met(desk: Desk) -> None:
    desk.put("use.json", json.dumps(FACTS | {"sectors": ["health"]}))
    assert desk.gate("--duties-met")[0] == 0


def test_a_day_in_the_facts_does_not_ask_about_another_law(desk: Desk) -> None:
    dated = (
        TERMS
        + '[[tier]]\nid = "today"\neffect = "deny"\nrests_on = "x"\nwhen = [{ fact = "date", from = "2020-01-01" }]'
    )
    desk.put("terms.toml", dated)
    desk.put("use.json", json.dumps(FACTS | {"date": "2019-01-01"}))
    assert desk.gate() == (1, {"proof": "yes", "terms": "no use-deny"})


@pytest.mark.parametrize(
    ("outbound", "asked", "shut"),
    [
        ("LicenseRef-llama-3.1", "LicenseRef-llama-3.1", None),
        ("LicenseRef-llama-3.1", "Apache-2.0", "no"),
        ("CC-BY-NC-4.0 OR GPL-3.0-only", "CC-BY-NC-4.0", None),
        ("CC-BY-NC-4.0 AND GPL-3.0-only", "MIT", "no"),
        ("CC-BY-NC-4.0 AND GPL-3.0-only", "GPL-3.0-only", "no"),  # both apply
        ("CC-BY-NC-4.0 AND Apache-2.0", "CC-BY-NC-4.0", None),
        ("CC-BY-NC-4.0 AND LicenseRef-unheard-of", "CC-BY-NC-4.0", "unknown"),
        ("Apache-2.0", "CC-BY-NC-4.0", None),  # what is freer may be taken so
        ("LicenseRef-unheard-of", "Apache-2.0", "unknown"),
        ("as the base (see there)", "Apache-2.0", "unknown"),
        (None, "Apache-2.0", None),
    ],
)
def test_a_licence_that_the_giver_did_not_declare_opens_nothing(
    desk: Desk, outbound: str | None, asked: str, shut: str | None
) -> None:
    desk.give({"relation": "original"} | ({"outbound": outbound} if outbound else {}))
    desk.put("use.json", json.dumps(FACTS | {"users": {"count": 5, "measured": "at-release-date"}}))
    code, told = desk.gate("--licence", asked, "--duties-met", terms=False)
    assert told.get("declared") == (shut and f"{shut} licence-not-declared")
    assert code == {None: 0, "no": 1, "unknown": 3}[shut]
    assert "declared" not in desk.gate()[1]  # what somebody was given apart stands in terms of its own


def base(licence: str, **more: str) -> dict[str, str]:
    return {"name": "someone/base", "relation": "fine-tune", "licence": licence, **more}


NC_DATA = base("CC-BY-NC-4.0", name="someone/data", relation="trained-on-data")
STANCE = 'version = 1\n[licences.stance]\nnc_data = "{}"\n'


@pytest.mark.parametrize(
    ("outbound", "bases", "stance", "exit_code", "rules"),
    [
        ("Apache-2.0", [base("LicenseRef-llama-3.1")], None, 1, "no rules-deny"),
        ("Apache-2.0", [base("LicenseRef-llama-3.1")], "allow", 1, "no rules-deny"),
        (None, [base("LicenseRef-llama-3.1")], None, 1, "no rules-deny"),  # asked under Apache-2.0
        ("Apache-2.0", [base("MIT"), base("LicenseRef-llama-3.1")], None, 1, "no rules-deny"),
        ("Apache-2.0", [base("Apache-2.0")], None, 0, "yes"),
        ("Apache-2.0", [base("Apache-2.0"), NC_DATA], None, 3, "unknown rules-review"),
        ("Apache-2.0", [base("Apache-2.0"), NC_DATA], "allow", 0, "yes"),
        ("Apache-2.0", [base("Apache-2.0"), NC_DATA], "deny", 1, "no rules-deny"),
        ("Apache-2.0", [base("terms of a friend")], "allow", 3, "unknown rules-review"),
        ("Apache-2.0", [base("MIT", relation="inspired-by")], None, 3, "unknown rules-open"),
        ("Apache-2.0 OR", [base("MIT")], None, 3, "unknown rules-open"),
        ("Apache-2.0", [], None, 0, "yes"),
    ],
)
def test_the_rules_hold_what_givers_declare_against_their_bases(
    desk: Desk, outbound: str | None, bases: list[Any], stance: str | None, exit_code: int, rules: str
) -> None:
    desk.give({"bases": bases} | ({"outbound": outbound} if outbound else {}))
    more = ("--policy", desk.put(".mcla.toml", STANCE.format(stance))) if stance else ()
    code, told = desk.gate("--licence", "Apache-2.0", "--duties-met", *more, terms=False)
    assert (code, told["rules"]) == (exit_code, rules)


def test_the_worst_giver_decides_and_duties_of_the_others_are_listed(desk: Desk) -> None:
    desk.give({"outbound": "Apache-2.0", "title": "tuned", "bases": [base("Apache-2.0")]})
    use = ("--use", desk.folder / "use.json", "--trust", desk.trust)
    asked = ("gate", desk.model, *use, "--licence", "Apache-2.0", "--duties-met")
    assert "duties that no proof shows to be met: " in (said := desk.run(*asked).out)
    assert "Not looked at" not in said
    own = scan([desk.model / "config.json"])
    wrong = {"outbound": "Apache-2.0", "title": "other", "bases": [base("LicenseRef-llama-3.1")]}
    statement = replace(desk.notary.statement(own), declarations=wrong)
    (desk.model / "config.json.sigstore.json").write_bytes(desk.notary.bundle(own, statement))
    ran = desk.run(*asked)
    assert (ran.code, "other under Apache-2.0: By what its giver declared, the rules deny" in ran.out) == (1, True)


def test_with_terms_of_your_own_the_rules_are_not_asked_and_the_gate_says_so(desk: Desk) -> None:
    desk.give({"outbound": "Apache-2.0", "bases": [base("LicenseRef-llama-3.1")]})
    assert desk.gate() == (0, {"proof": "yes", "terms": "yes"})
    named = ("--use", desk.folder / "use.json", "--terms", desk.folder / "terms.toml", "--trust", desk.trust)
    assert "Not looked at: the licences of what it rests on." in desk.run("gate", desk.model, *named).out
    assert json.loads(desk.run("gate", desk.model, *named, "--json").out)["rules_asked"] is False
    policy = desk.put(".mcla.toml", STANCE.format("allow"))
    assert desk.gate("--policy", policy) == (2, {"error": "wrong-usage"})
    policy.write_text("version = 1\nstance = 1\n")
    said = desk.gate("--policy", policy, "--licence", "Apache-2.0", terms=False)
    assert said == (2, {"error": "check-policy-invalid"})


def test_a_known_licence_is_named_instead(desk: Desk) -> None:
    assert desk.gate("--licence", "CC-BY-NC-4.0", "--duties-met", terms=False)[0] == 0
    desk.put("use.json", json.dumps(FACTS | {"commercial": True}))
    assert desk.gate("--licence", "CC-BY-NC-4.0", "--duties-met", terms=False)[0] == 1
    assert desk.gate("--licence", "no-such-licence", terms=False) == (1, {"error": "licence-unknown"})
    assert desk.gate("--licence", "CC-BY-NC-4.0") == (2, {"error": "wrong-usage"})
    assert desk.gate(terms=False) == (2, {"error": "wrong-usage"})


def test_a_file_that_changed_came_or_has_only_a_proofs_name_is_not_loaded(desk: Desk) -> None:
    (desk.model / "config.json").write_text('{"auto_map": "evil.py"}')
    assert desk.gate() == (1, {"proof": "no not-proven", "terms": "yes"})
    (desk.model / "config.json").write_text("{}")
    more = desk.model / "more.sigstore.json"
    more.write_text("import os")
    assert desk.gate() == (3, {"proof": "unknown proof-missing", "terms": "yes"})
    more.unlink()
    (desk.model / "a.manifest.json").write_text("[]")
    assert desk.gate()[0] == 3


def test_a_proof_by_a_stranger_or_none_at_all_opens_nothing(desk: Desk, stranger: Notary) -> None:
    (desk.folder / "model.sigstore.json").write_bytes(stranger.bundle(scan([desk.model])))
    assert desk.gate() == (1, {"proof": "no not-proven", "terms": "yes"})
    (desk.folder / "model.sigstore.json").unlink()
    assert desk.gate() == (3, {"proof": "unknown proof-missing", "terms": "yes"})
    for each in ("config.json", "model.safetensors"):
        (desk.model / f"{each}.sigstore.json").write_bytes(desk.notary.bundle(scan([desk.model / each])))
    assert desk.gate()[0] == 0  # each file by itself, proofs in the folder


def test_what_was_ended_is_not_loaded(desk: Desk) -> None:
    statement = desk.notary.statement(scan([desk.model]))
    time = desk.notary.now
    lines = [end_line(sha256_hex(statement.to_bytes()), End(50, time))]
    key, head = desk.notary.keys.log, Checkpoint(desk.notary.host, 99, b"r" * 32)
    place = desk.put("list.txt", sign_snapshot(head, time, time + timedelta(days=1), lines, key))
    assert desk.gate("--withdrawals", place) == (1, {"proof": "no not-proven", "terms": "yes"})


def test_a_stamped_model_is_still_the_proven_one(desk: Desk) -> None:
    file, own = desk.model / "model.safetensors", desk.model / "model.safetensors.sigstore.json"
    own.write_bytes(desk.notary.bundle(scan([file])))
    assert desk.run("stamp", file, "--bundle", own, "--url", "https://mcla.example.org/b").code == 0
    assert desk.gate()[0] == 0


def test_terms_that_bind_to_a_feed_are_asked_with_one_that_is_followed(desk: Desk) -> None:
    desk.put("terms.toml", TERMS.replace('feed = "none"', 'feed = "binding"'))
    assert desk.gate() == (3, {"proof": "yes", "terms": "unknown use-unknown"})
    issuer, now = Issuer(), datetime.now(UTC).replace(microsecond=0)
    feed = desk.put("feed.json", issuer.bytes(entry(), at=now - timedelta(hours=1)))
    key = desk.put("feed.key", issuer.pin.base64)
    assert desk.gate("--feed", feed, "--feed-key", key) == (0, {"proof": "yes", "feed": "yes", "terms": "yes"})
    assert desk.gate("--feed", feed)[1]["feed"] == "unknown feed-key-missing"
    other = desk.put("other.key", Issuer().pin.base64)
    assert desk.gate("--feed", feed, "--feed-key", other)[1]["feed"] == "no feed-key-unknown"
    desk.put("use.json", json.dumps(FACTS | {"uses": ["social_behaviour_discrimination"]}))
    assert desk.gate("--feed", feed, "--feed-key", key) == (1, {"proof": "yes", "feed": "yes", "terms": "no use-deny"})


def test_a_signed_decision_opens_for_these_files_facts_and_terms_alone(desk: Desk) -> None:
    good = desk.decision()
    assert desk.gate("--decision", good) == (0, {"proof": "yes", "terms": "yes", "decision": "yes"})
    assert desk.gate("--decision", good, "--licence", "MIT", "--duties-met", terms=False)[1]["decision"] == (
        "no decision-other"
    )
    desk.put("use.json", json.dumps(FACTS | {"receipt": "direct"}))
    assert desk.gate("--decision", good)[1]["decision"] == "no decision-other"
    desk.put("use.json", json.dumps(FACTS | {"receipt": None}))
    assert desk.gate("--decision", good)[0] == 0
    elsewhere = desk.decision(files=scan([desk.model / "config.json"]))
    assert desk.gate("--decision", elsewhere)[1]["decision"] == "no decision-other"


def test_a_decision_under_terms_that_its_asker_chose_opens_nothing(desk: Desk) -> None:
    """Anybody may ask the service under terms of their own, and call them as others are called."""
    desk.put("use.json", json.dumps(FACTS | {"commercial": True}))
    milder = TERMS.replace('effect = "separate-licence"', 'effect = "permit"')
    place = desk.decision(facts=FACTS | {"commercial": True}, terms=milder)
    assert desk.gate("--decision", place, terms=False) == (2, {"error": "wrong-usage"})
    told = {"proof": "yes", "terms": "no use-separate-licence", "decision": "no decision-other"}
    assert desk.gate("--decision", place) == (1, told)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"life": timedelta(0)}, "no decision-expired"),
        ({"facts": FACTS | {"commercial": True}}, "no decision-other"),
        ({"after": {"expires": "2999-01-01T00:00:00Z"}}, "no signed-answer-invalid"),
        ({"after": {"outcome": {"effect": "permit"}}}, "no signed-answer-invalid"),
        ({"purpose": replace(PURPOSE, segment="checks")}, "no signed-answer-invalid"),
    ],
)
def test_a_decision_that_is_over_changed_or_of_another_kind_shuts_it(
    desk: Desk, changes: dict[str, Any], code: str
) -> None:
    place = desk.decision(**changes)
    assert desk.gate("--decision", place) == (1, {"proof": "yes", "terms": "yes", "decision": code})


def test_a_no_that_was_signed_is_a_no_and_one_by_a_stranger_nothing(desk: Desk, stranger: Notary) -> None:
    facts = FACTS | {"commercial": True}
    desk.put("use.json", json.dumps(facts))
    said = desk.gate("--decision", desk.decision(facts=facts))[1]
    assert said == {"proof": "yes", "terms": "no use-separate-licence", "decision": "no decision-not-permitting"}
    desk.put("use.json", json.dumps(FACTS))
    assert desk.gate("--decision", desk.decision(notary=stranger))[0] == 1


def test_a_decision_has_to_say_which_bases_it_looked_at(desk: Desk) -> None:
    unasked = look(None, (), (), registry())
    silent = desk.decision(bases=unasked | {"word": "all fine"})
    assert desk.gate("--decision", silent)[1]["decision"] == "no decision-bases-unsaid"
    said = desk.run("gate", desk.model, "--use", desk.folder / "use.json", "--terms", desk.folder / "terms.toml",
                    "--trust", desk.trust, "--decision", desk.decision())  # fmt: skip
    assert "Of what they rest on it says: no bases were held against these terms" in said.out


@pytest.mark.parametrize("word", ["open", "denied"])
def test_a_decision_whose_bases_stand_against_it_opens_nothing_whatever_its_outcome(desk: Desk, word: str) -> None:
    place = desk.decision(bases=look(None, (), (), registry()) | {"word": word})
    assert desk.gate("--decision", place)[1]["decision"] == "no decision-not-permitting"


def test_what_a_statement_says_of_bases_is_what_its_document_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcla.tiers.decision._bases_word", lambda _document: "kept")
    place = desk.decision()  # its statement says unasked, and has the property of kept ones
    assert desk.gate("--decision", place)[1]["decision"] == "no signed-answer-invalid"


def test_givers_of_one_name_and_declaration_are_looked_at_by_the_gate_and_a_decision_alike(desk: Desk) -> None:
    said = {"outbound": "Apache-2.0", "bases": [base("LicenseRef-llama-3.1")]}
    desk.give(said)
    code, told = desk.gate("--licence", "Apache-2.0", "--duties-met", terms=False)
    looked = look("Apache-2.0", [Giver("ctr_1", "weights", "1" * 64, said)], (), registry())
    assert (code, told["rules"]) == (1, "no rules-deny")
    assert [(each["name"], each["code"]) for each in looked["hurdles"]] == [
        ("rules", "rules-deny"),
        ("signs", "signs-told"),
    ]
    assert told == {"proof": "yes", "rules": "no rules-deny", "signs": "yes", "terms": "yes"}
    assert looked["word"] == "denied"


SIGN = {"contribution": "ctr_1", "code": "tensors-of-another", "sentence": "All tensors are equal.", "weighs": False}


@pytest.mark.parametrize(
    ("policy", "count", "exit_code", "signs"),
    [
        (None, 1, 0, "yes"),
        ("signals = 'tell'", 1, 0, "yes"),
        ("signals = 'review'", 1, 3, "unknown licence-signals"),
        ("signals = 'review'\naccepted = ['ctr_1']", 1, 0, "yes"),
        ("signals = 'review'\naccepted = ['ctr_1']", 9, 3, "unknown licence-signals"),  # eight that are not told
    ],
)
def test_signs_that_a_decision_tells_are_told_and_weigh_where_the_policy_asks(
    desk: Desk, policy: str | None, count: int, exit_code: int, signs: str
) -> None:
    looked = look(None, (), (), registry()) | {"signs": {"count": count, "first": [SIGN]}}
    more = ("--policy", desk.put(".mcla.toml", f"version = 1\n[licences]\n{policy}\n")) if policy else ()
    code, told = desk.gate("--decision", desk.decision(bases=looked), *more)
    assert (code, told["signs"]) == (exit_code, signs)


def test_signs_in_the_proofs_are_told_and_one_that_is_accepted_by_either_name_does_not_weigh(desk: Desk) -> None:
    llama = base("LicenseRef-llama-3.1", name="meta/base")
    desk.give({"outbound": "LicenseRef-llama-3.1", "title": "Tuned", "bases": [llama]})
    desk.put("use.json", json.dumps(FACTS | {"users": {"count": 5, "measured": "at-release-date"}}))
    asked = ("--licence", "LicenseRef-llama-3.1", "--duties-met")
    assert desk.gate(*asked, terms=False)[1]["signs"] == "yes"
    policy = desk.put(".mcla.toml", "version = 1\n[licences]\nsignals = 'review'\n")
    assert desk.gate(*asked, "--policy", policy, terms=False)[1]["signs"] == "unknown licence-signals"
    policy.write_text("version = 1\n[licences]\nsignals = 'review'\naccepted = ['model.sigstore.json']\n")
    assert desk.gate(*asked, "--policy", policy, terms=False)[1]["signs"] == "yes"
    use = ("--use", desk.folder / "use.json", "--trust", desk.trust)
    [sign] = json.loads(desk.run("gate", desk.model, *use, *asked, "--json").out)["signs"]
    assert (sign["code"], sign["contribution"]) == ("prefix-missing", "model.sigstore.json")


def test_facts_that_cannot_be_shut_it(desk: Desk) -> None:
    desk.put("use.json", '{"commercial":true,"commercial":false}')
    assert desk.gate() == (1, {"error": "json-invalid"})
