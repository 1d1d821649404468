# SPDX-License-Identifier: Apache-2.0
"""What each finding says to a maintainer, in one place, so that it can be said in another language.

Code -> template for `mcla.wording.Worded`. `%(licence)s` is the base's licence, `%(declared)s` the outbound terms.
"""

from types import MappingProxyType

SENTENCES = MappingProxyType(
    {
        "no-licence": "The base comes without a licence, so there is no grant that could be passed on.",
        "outputs-only": "%(licence)s are a service's terms for what it puts out; they give no right to the model "
        "itself.",
        "not-in-table": "Nothing is known of the licence %(licence)s: a person has to read its text.",
        "several-licences": "%(licence)s are several licences: name the base once with each that applies, or with the "
        "one that was chosen.",
        "family-tag": "%(licence)s names a family of texts and not one of them: find the text that came with the base.",
        "several-texts": "%(licence)s stands for several texts (%(several)s): name the one that came with the base.",
        "declared-nameless": "The declared %(declared)s names no terms under which anybody could take this.",
        "low-confidence": "What is known of %(licence)s was not read from its text: a person has to read it.",
        "fields-unknown": "The case turns on what is not known of %(licence)s: %(fields)s.",
        "outputs-silent": "It is not known whether %(licence)s lets its outputs train other models.",
        "not-covered": "%(licence)s is not about code or recipes, so what may be done with them is not known.",
        "data-reach-open": "%(licence)s is written for models: how far it reaches from data into weights is unsettled.",
        "older-text": "The text held at download decides, here %(licence)s, also where a later one is looser.",
        "taken-again": "The files were downloaded again under %(licence)s, which is the text that counts.",
        "newer-text": "%(licence)s is later than the download: it counts only if its text says so or the files are "
        "downloaded again under it.",
        "newer-by-its-text": "%(licence)s is later than the download and says itself that its changes apply.",
        "newer-than-download": "%(licence)s is of %(text_date)s and the files were downloaded on %(retrieved)s: the "
        "text held on that day decides.",
        "over-no-right": "The party is over the limit of %(licence)s (%(limit)s): without a separate licence from its "
        "publisher there is no right.",
        "over-ended": "The party is over the limit of %(licence)s (%(limit)s), and with that the licence ends.",
        "over-display": "The party is over the limit of %(licence)s (%(limit)s), above which its name is displayed.",
        "over-review": "The party is over the limit of %(licence)s (%(limit)s), above which the publisher reviews the "
        "use.",
        "registration": "Commercial use under %(licence)s asks for registration with its publisher.",
        "other-currency": "The limit of %(licence)s (%(limit)s) cannot be compared with an amount in %(currency)s.",
        "seat-excluded": "%(licence)s gives no right to anybody in %(territory)s, where a party has its seat.",
        "seat-perhaps-excluded": "%(licence)s gives parties in %(territory)s no right to multimodal models, and it is "
        "not said whether this is one.",
        "published-excluded": "Published worldwide, this reaches %(excluded)s, where %(licence)s gives no right.",
        "safeguards-barred": "The contribution weakens safeguards, and %(licence)s bars that or ends because of it.",
        "safeguards-silent": "The contribution weakens safeguards, and %(licence)s is silent on it: %(stance)s.",
        "safeguards-unknown": "The contribution weakens safeguards, and whether %(licence)s bars that is not known.",
        "licensor-owns": "%(licence)s makes its publisher the owner of every derivative: the contributor has nothing "
        "to give.",
        "permissive": "%(licence)s lets a derivative go out under any terms.",
        "copyleft-kept": "The outbound terms keep %(licence)s or are ones that its text names.",
        "copyleft-broken": "A derivative of %(licence)s goes out under the same licence or one its text names, and "
        "%(declared)s is neither.",
        "copyleft-files": "The files under %(licence)s stay under it inside a larger work: it has to be shown which "
        "they are.",
        "sa-training-kept": "Trained on data under %(licence)s, and the model is shared alike.",
        "sa-training-open": "Whether a model trained on data under %(licence)s must be shared alike is unsettled: "
        "%(stance)s.",
        "sa-data-kept": "Data under %(licence)s stay under it.",
        "sa-data-broken": "Data made from data under %(licence)s stay under it, and %(declared)s is another licence.",
        "sa-data-results": "%(licence)s binds data that are published again, not a model trained on them.",
        "nc-kept": "%(licence)s is for non-commercial use, and so are the outbound terms.",
        "nc-broken": "%(licence)s is for non-commercial use, and %(declared)s lets anybody use it for business.",
        "nc-unknown": "%(licence)s is for non-commercial use; whether %(declared)s is, is not known.",
        "nc-business": "%(licence)s is for non-commercial use, and the party uses it for business.",
        "nc-outputs-free": "Outputs under %(licence)s train models for non-commercial use, as this one is.",
        "nc-training": "How far non-commercial terms of training data (%(licence)s) reach into weights is unsettled: "
        "%(stance)s.",
        "nd-shared": "%(licence)s lets nobody share what was made from it.",
        "nd-training": "Whether a model trained on data under %(licence)s is made from them is unsettled.",
        "list-carried": "The outbound terms hold every use restriction of %(licence)s.",
        "list-free": "%(licence)s does not ask that its use restrictions be passed on.",
        "list-not-for-code": "The use restrictions of %(licence)s bind the model, not its code.",
        "list-lost": "%(declared)s does not hold these use restrictions of %(licence)s: %(lost)s.",
        "list-lost-unread": "%(licence)s has use restrictions to be passed on, and %(declared)s holds none.",
        "list-unknown": "Whether %(declared)s holds the use restrictions of %(licence)s is not known.",
        "list-unenforceable": "The outbound terms do not make the use restrictions of %(licence)s enforceable.",
        "list-equivalent": "The outbound terms are said to be equivalent to the list of %(licence)s: a person "
        "compares them.",
        "student-derivative": "%(licence)s counts a model trained on its outputs as a derivative.",
        "base-part-kept": "The part that comes from the base stays under %(licence)s.",
        "base-part-relabelled": "The part that comes from the base stays under %(licence)s; %(declared)s for the "
        "whole would drop its terms.",
        "name-prefix": "%(licence)s asks that the model's name begin with %(prefix)s.",
        "outputs-barred": "%(licence)s bars its outputs from training other models.",
        "outputs-in-family": "Outputs under %(licence)s may train this model, as it is of the same family.",
        "outputs-outside-family": "Outputs under %(licence)s may train only models of the same family, and this is "
        "none.",
        "competing": "%(licence)s bars its outputs from training models that compete, and this one does.",
        "competing-open": "%(licence)s bars its outputs from training models that compete: whether this one does is a "
        "question of fact: %(stance)s.",
        "outputs-with-duty": "Outputs under %(licence)s may train other models, with its name or credit shown.",
        "outputs-free": "%(licence)s does not limit what its outputs train.",
        "adapter-own-terms": "Whether an adapter without the base weights may have terms of its own is unsettled, as "
        "%(licence)s does not name adapters: %(stance)s. Say in any case that it is used with that base.",
        "copy-kept": "A copy, conversion or quantisation stays under %(licence)s.",
        "copy-relabelled": "A copy, conversion or quantisation adds no licence of its own: it stays under %(licence)s "
        "and not %(declared)s.",
        "data-kept-back": "%(licence)s gives no right to pass the data on.",
        "data-train-free": "%(licence)s lets models be trained, and they belong to whoever trains them.",
        "duties": "Still to be shown for %(licence)s: %(duties)s.",
        "merge-union": "A merge meets the duties and keeps the limits of all its parts.",
        "merge-copyleft": "%(licence)s bars further limits, and %(other)s brings them in.",
        "merge-names": "%(licence)s and %(other)s each ask to stand first in the name (%(prefixes)s): both cannot be "
        "met.",
        "project-limits": "The project gives out under %(project)s, and this part carries limits that do not fit it.",
        "project-unknown": "Whether this part fits the project's %(project)s is not known.",
    }
)


def shown(name: str) -> str:
    """A name as it stands in a sentence: one that looks like another, or like nothing, is spelled out."""
    short = name.strip()[:80]
    return short if short and short.isascii() and short.isprintable() else ascii(short)
