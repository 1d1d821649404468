# SPDX-License-Identifier: Apache-2.0
"""Models trained on what another model puts out: R-RAIL-2 and R-OUT-1 to R-OUT-3.

Where the text counts such a student as a derivative, everything that holds for a derivative holds for it. Else only
what the text says of outputs binds, and no copy of the licence goes along.
"""

from mcla.licences.rules import duties
from mcla.licences.rules.case import ALLOWED, DENIED, NEEDS_REVIEW, NOTHING, STANCES, Case, Found
from mcla.licences.rules.knowing import unknown
from mcla.licences.rules.taking import derivative


def outputs(case: Case) -> Found:
    """The student of a base: as a derivative where the text says so (R-RAIL-2), and by its rule for outputs."""
    if case.licence.derivatives.distilled_from_outputs != "yes":
        return _of_outputs(case)
    student = case.say("R-RAIL-2", ALLOWED, "student-derivative") + derivative(case)
    # What limits a derivative to non-commercial use, or says nothing, has been held against it already.
    settled = case.licence.output_training in _OF_DERIVATIVES and case.licence.knows("output_training")
    return student + (NOTHING if settled else _of_outputs(case))


_OF_DERIVATIVES = ("unrestricted", "noncommercial-only", "unspecified")


def _of_outputs(case: Case) -> Found:
    licence = case.licence
    match licence.output_training if licence.knows("output_training") else "unknown":
        case "unrestricted":
            return case.say("R-PERM-1" if licence.family == "permissive" else "R-OUT-1", ALLOWED, "outputs-free")
        case "allowed-with-name":
            # A derivative's name was looked at with the rest of it.
            named = licence.derivatives.distilled_from_outputs == "yes"
            return (NOTHING if named else duties.of_name(case)) + case.say("R-OUT-3", ALLOWED, "outputs-with-duty")
        case "allowed-with-attribution":
            return case.say("R-OUT-3", ALLOWED, "outputs-with-duty") + duties.of_credit(case, "R-OUT-3")
        case "same-family-only":
            return _in_family(case)
        case "same-family-or-noncommercial":
            free = case.situation.offer.noncommercial is True
            return case.say("R-OUT-1", ALLOWED, "nc-outputs-free") if free else _in_family(case)
        case "not-competing-models":
            return _competing(case)
        case "noncommercial-only":
            return _noncommercial(case)
        case "prohibited":
            return case.say("R-OUT-1", DENIED, "outputs-barred")
        case _:
            return case.say("R-UNK-3", unknown(case.situation), "outputs-silent")


def _in_family(case: Case) -> Found:
    """R-OUT-1: the same family is a model that holds weights under this very text, or nothing else and goes out so."""
    in_the_file, licence = case.situation.in_the_file, case.licence
    same = licence.id in (in_the_file or case.situation.offer.ids)
    verdict, code = (ALLOWED, "outputs-in-family") if same else (DENIED, "outputs-outside-family")
    return case.say("R-OUT-1", verdict, code)


def _competing(case: Case) -> Found:
    """R-OUT-2: denied for a competing model; a narrow use is a question of fact, which a policy may settle."""
    competes = case.situation.question.context.competing_model
    if competes:
        return case.say("R-OUT-2", DENIED, "competing")
    stance = case.situation.question.policy.provider_outputs
    settled = competes is False or stance == "deny"
    return case.debated("R-OUT-2", STANCES[stance] if settled else NEEDS_REVIEW, "competing-open")


def _noncommercial(case: Case) -> Found:
    """R-NC-1 for a student: outputs stay within non-commercial use."""
    offer = case.situation.offer
    verdict, code = {
        True: (ALLOWED, "nc-outputs-free"),
        False: (DENIED, "nc-broken"),
        None: (NEEDS_REVIEW, "nc-unknown"),
    }[offer.noncommercial]
    return case.say("R-NC-1", verdict, code, declared=offer.label)
