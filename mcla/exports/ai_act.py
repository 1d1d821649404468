# SPDX-License-Identifier: Apache-2.0
"""The AI Act's duties for general-purpose models and its exemption for open ones: met, lost or open, never certified.

Art. 53(2) frees open-source models of the duties of Art. 53(1)(a) and (b); (c) and (d) stay due. Limits to
non-commercial use, on the number of users or on distribution lose it (Commission's guidelines, paragraphs 76 to 89).
A record says how its text reads; what was declared is evidence of what a file still has to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from mcla.exports.release import Given, Release, known_licence
from mcla.licences.records import Licence
from mcla.licences.registry import registry
from mcla.licences.rules.case import IN_THE_FILE
from mcla.wording import Worded

State = Literal["met", "lost", "open"]
ACT = "Regulation (EU) 2024/1689"
GUIDELINES = Worded("Commission's guidelines on general-purpose models, paragraphs 76 to 89")
SYSTEMIC_FLOP = Decimal("1e25")
"""Training computing above which a model is presumed to carry systemic risk (Art. 51(2)): the exemption is lost."""
DISCLAIMER = Worded("Screening, not legal advice, and no certification.")


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: met, lost (the exemption does not free of it) or open, by which source, and what there is for it."""

    duty: str
    state: State
    why: str
    source: str
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        told = {"duty": self.duty, "state": self.state, "why": self.why, "source": self.source}
        return told | {"evidence": list(self.evidence), "missing": list(self.missing)}


def of_licence(licence: Licence) -> tuple[Duty, ...]:
    """What a licence alone says of the exemption."""
    return _freed(*exemption([licence.id], [licence]))


def of_release(release: Release) -> tuple[Duty, ...]:
    """What the licences and declarations of a release say of each duty; terms of bases in its files stay with them."""
    own = [each.outbound for each in release.given]
    bases = [row.get("licence") for each in release.given for row in _in_the_file(each)]
    names = list(dict.fromkeys(name for name in (*own, *bases) if name))
    known = [each for name in names if (each := known_licence(name)) is not None]
    state, why = exemption(names, known)
    if state == "met" and not all(own):
        state, why = "open", Worded("not every contribution declares the licence it goes out under")
    if state == "met" and not all(bases):
        state, why = "open", Worded("not every base is declared with the licence it was taken under")
    if any(each.computing > SYSTEMIC_FLOP for each in release.weights):
        why = Worded("more than 10^25 FLOP of training are declared, from which systemic risk is presumed")
        state = "lost"
    return (*_freed(state, why), _copyright(release.given), _summary(release.given), _money())


def _in_the_file(given: Given) -> list[Mapping[str, str]]:
    return [row for row in given.rows("bases") if row.get("relation") in IN_THE_FILE]


def _with_exemption(part: str) -> Worded:
    return Worded("%(act)s, %(part)s with 53(2); %(guidelines)s", act=ACT, part=part, guidelines=GUIDELINES)


_FREED = (
    (Worded("technical file"), _with_exemption("Art. 53(1)(a)")),
    (Worded("file for those who build on it"), _with_exemption("Art. 53(1)(b)")),
)


def _freed(state: State, why: str) -> tuple[Duty, ...]:
    return tuple(Duty(duty, state, why, source) for duty, source in _FREED)


def exemption(names: Sequence[str], known: Sequence[Licence]) -> tuple[State, str]:
    """Whether the licences `names` keep the exemption; the worst counts. `known` are those that have a record."""
    lost = [each.id for each in known if each.ai_act_foss_exemption == "disqualified"]
    if lost:
        why = Worded("%(licences)s limits use or distribution as no open-source licence does", licences=", ".join(lost))
        return "lost", why
    unsure = [each.id for each in known if each.ai_act_foss_exemption != "likely-qualifies" or each.confidence == "low"]
    if unsure or len(known) < len(names) or not names:
        which = ", ".join(unsure) or Worded("a licence that is not known, or none")
        return "open", Worded("it is not settled whether %(licences)s keeps the exemption", licences=which)
    leaves = ", ".join(each.id for each in known)
    return "met", Worded("%(licences)s likely keeps the exemption, so the duty is not due", licences=leaves)


_RESPECTED = {
    "respected": Worded("opt-outs were respected"),
    "by-source": Worded("the sources say that they respected opt-outs"),
}


def says(given: Given, sentence: str) -> Worded:
    """A sentence about one contribution, under its title."""
    return Worded("%(title)s: %(sentence)s", title=given.title, sentence=sentence)


def opt_outs(given: Sequence[Given]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was declared about reservations of rights, and of which contributions that is missing."""
    seen = [says(each, _RESPECTED[told]) for each in given if (told := each.text("opt_outs")) in _RESPECTED]
    untold = [says(each, Worded("opt-outs")) for each in given if each.trains and not _told(each)]
    return tuple(seen), tuple(untold)


def _copyright(given: Sequence[Given]) -> Duty:
    why = Worded("due for open models too; declarations are evidence and no policy")
    seen, untold = opt_outs(given)
    missing = (Worded("the policy itself"), *untold)
    return Duty(Worded("copyright policy"), "open", why, f"{ACT}, Art. 53(1)(c)", seen, missing)


def _told(given: Given) -> bool:
    return given.text("opt_outs") in ("respected", "by-source", "not-from-web")


_PARTS = (
    (("training_data", "sources"), Worded("the data that it was trained on")),
    (("personal_data",), Worded("data about people")),
    (("screened",), Worded("screening for unlawful content")),
    (("opt_outs",), Worded("opt-outs")),
)


def training_content(given: Sequence[Given]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which parts of a summary of training content were declared, and which are missing."""
    evidence: list[str] = []
    missing: list[str] = []
    for each in given:
        for keys, words in _PARTS:
            if any(each.statement.declarations.get(key) for key in keys):
                evidence.append(says(each, words))
            elif each.trains:
                missing.append(says(each, words))
    return tuple(evidence), tuple(missing)


def _summary(given: Sequence[Given]) -> Duty:
    evidence, missing = training_content(given)
    missing = (Worded("the summary itself, by the official template"), *missing)
    why = Worded("due for open models too; the declarations hold a part of it")
    return Duty(Worded("summary of training content"), "open", why, f"{ACT}, Art. 53(1)(d)", evidence, missing)


def _money() -> Duty:
    why = Worded(
        "a model that is monetised, also by personal data as the price of access, is not exempt; nobody declared this"
    )
    missing = (Worded("how the model is offered, and for what"),)
    return Duty(Worded("no monetisation"), "open", why, GUIDELINES, (), missing)


def told(duties: Sequence[Duty]) -> dict[str, Any]:
    """The view as JSON values, with what it rests on."""
    return {"duties": [each.to_dict() for each in duties], "rests_on": rests_on(), "disclaimer": DISCLAIMER}


def rests_on() -> dict[str, str]:
    """The facts that an answer rests on: the digest of the licence table and its day."""
    return {"licences": registry().digest, "as_of": registry().as_of}
