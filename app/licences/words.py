# SPDX-License-Identifier: Apache-2.0
"""What pages call the values of licence facts. A value without words here is shown as the data file has it."""

from collections.abc import Mapping
from types import MappingProxyType

from mcla.licences.meanings import METRICS, RESTRICTIONS
from mcla.wording import Worded

Words = Mapping[str, str]

FAMILY: Words = MappingProxyType(
    {
        "permissive": Worded("Permissive"),
        "copyleft": Worded("Copyleft"),
        "commercial-scale": Worded("Commercial up to a scale"),
        "rail": Worded("With use restrictions (RAIL)"),
        "non-commercial-research": Worded("Non-commercial or research"),
        "other": Worded("Other"),
    }
)
COVERS: Words = MappingProxyType(
    {
        "code": Worded("code"),
        "weights": Worded("weights"),
        "data": Worded("data"),
        "docs": Worded("documents"),
        "tokenizer": Worded("tokenizers"),
        "output": Worded("outputs"),
    }
)
COMMERCIAL: Words = MappingProxyType(
    {
        "yes": Worded("Yes"),
        "no": Worded("No"),
        "conditional": Worded("On conditions"),
        "unknown": Worded("Not known"),
    }
)
OUTBOUND: Words = MappingProxyType(
    {
        "any": Worded("Any terms"),
        "any-with-restrictions": Worded("Any terms that keep the use restrictions"),
        "own-terms-but-base-part-stays": Worded("Own terms for the own part; the base’s part stays under this licence"),
        "same": Worded("The same licence"),
        "same-file": Worded("The same licence for its files"),
        "same-or-later": Worded("The same licence or a later version"),
        "same-or-compatible": Worded("The same licence or a compatible one"),
        "same-or-later-or-GPL-3.0": Worded("The same licence, a later version or GPL-3.0"),
        "same-or-compatible-list": Worded("The same licence or one that its text lists"),
        "noncommercial": Worded("Terms that stay non-commercial"),
        "none": Worded("None: a changed work may not be passed on"),
        "unknown": Worded("Not known"),
    }
)
SHARE_ALIKE: Words = MappingProxyType(
    {
        "none": Worded("No"),
        "file": Worded("For its files"),
        "work": Worded("For the whole work"),
        "network": Worded("For the whole work, also when offered over a network"),
        "data": Worded("For the data"),
        "model": Worded("For the model"),
    }
)
OUTPUT_TRAINING: Words = MappingProxyType(
    {
        "unrestricted": Worded("Yes, without limits"),
        "allowed-with-name": Worded("Yes, with its name in the new model’s name"),
        "allowed-with-attribution": Worded("Yes, with credit"),
        "same-family-only": Worded("Only models of the same family"),
        "same-family-or-noncommercial": Worded("Models of the same family, or non-commercial ones"),
        "not-competing-models": Worded("Only models that do not compete"),
        "noncommercial-only": Worded("Only non-commercial models"),
        "prohibited": Worded("No"),
        "unspecified": Worded("The text does not say"),
        "unknown": Worded("Not known"),
    }
)
FLOW_DOWN: Words = MappingProxyType(
    {
        "none": Worded("Nothing is passed on"),
        "policy-applies": Worded("Its use policy binds everybody"),
        "pass-to-users": Worded("They are passed on to users"),
        "same-or-equivalent": Worded("The same or equivalent ones are passed on"),
        "at-least-same": Worded("At least the same are passed on"),
        "whole-licence": Worded("The whole licence is passed on"),
    }
)
PATENTS: Words = MappingProxyType(
    {
        "express": Worded("Granted"),
        "none": Worded("Not granted"),
        "excluded": Worded("Expressly left out"),
        "unspecified": Worded("The text does not say"),
        "unknown": Worded("Not known"),
    }
)
DATABASE: Words = MappingProxyType(
    {
        "licensed": Worded("Granted"),
        "waived": Worded("Waived"),
        "not-addressed": Worded("The text does not say"),
    }
)
EXEMPTION: Words = MappingProxyType(
    {
        "likely-qualifies": Worded("Likely qualifies"),
        "arguable": Worded("Arguable"),
        "disqualified": Worded("Does not qualify"),
        "n/a": Worded("Not a licence for models"),
    }
)
EXEMPTION_STATE: Words = MappingProxyType({"met": Worded("Met"), "lost": Worded("Lost"), "open": Worded("Open")})
EXEMPTION_TONE: Mapping[str, str] = MappingProxyType({"met": "yes", "lost": "no", "open": "unknown"})
CONFIDENCE: Words = MappingProxyType({"high": Worded("High"), "medium": Worded("Medium"), "low": Worded("Low")})
COUNTED: Words = MappingProxyType(
    {
        "yes": Worded("Yes, by its words"),
        "implied": Worded("Implied"),
        "no": Worded("No"),
        "unspecified": Worded("The text does not say"),
    }
)
OWNER: Words = MappingProxyType(
    {"contributor": Worded("Whoever makes it"), "licensor": Worded("The publisher of this licence")}
)
METRIC: Words = METRICS
EFFECT: Words = MappingProxyType(
    {
        "separate-licence-required": Worded("needs a separate licence"),
        "licence-terminates": Worded("ends the licence"),
        "display-required": Worded("needs its name displayed"),
        "registration-required": Worded("needs registration with the publisher"),
        "excluded": Worded("is excluded"),
        "security-review-required": Worded("needs a security review by the publisher"),
    }
)
TRUTH: Words = MappingProxyType({"True": Worded("Yes"), "False": Worded("No")})
UNKNOWN = Worded("Not known")
NOTHING = Worded("None")
RELATION: Words = MappingProxyType(
    {
        "fine-tune": Worded("Fine-tuned from it"),
        "adapter": Worded("Adapter for it"),
        "merge": Worded("Merged in"),
        "quantisation": Worded("Quantised"),
        "format-conversion": Worded("Another file format"),
        "verbatim-copy": Worded("Unchanged copy"),
        "distillation": Worded("Distilled from it"),
        "trained-on-outputs": Worded("Trained on its outputs"),
        "trained-on-data": Worded("Trained on these data"),
        "dataset-derived": Worded("Data made from these data"),
        "tokenizer": Worded("Uses its tokenizer"),
        "code": Worded("Uses its code"),
        "recipe": Worded("Follows its recipe"),
        "eval-set": Worded("Evaluated with it"),
        "safety-patch": Worded("Safety patch for it"),
    }
)
VERDICT: Words = MappingProxyType(
    {
        "allowed": Worded("It may go out like this"),
        "needs-notice": Worded("It may go out once the duties below are met"),
        "needs-review": Worded("A person has to decide"),
        "denied": Worded("It may not go out like this"),
    }
)
SHORT: Words = MappingProxyType(
    {
        "allowed": Worded("fits"),
        "needs-notice": Worded("duties open"),
        "needs-review": Worded("a person decides"),
        "denied": Worded("does not fit"),
    }
)
TONE: Mapping[str, str] = MappingProxyType(
    {"allowed": "yes", "needs-notice": "care", "needs-review": "unknown", "denied": "no"}
)
DUTY: Words = MappingProxyType(
    {
        "licence_copy": Worded("Add the text of the licence"),
        "notice_file": Worded("Add a notice file"),
        "modified_notice": Worded("State what was changed"),
        "attribution_display": Worded("Display the words or credit that it asks for"),
        "doc_retention": Worded("Keep the model card and extend it"),
        "registration": Worded("Register with the publisher"),
    }
)
EVIDENCE: Words = MappingProxyType(
    {
        "licence_copies": Worded("The licences’ texts go along"),
        "notice_file": Worded("A notice file goes along"),
        "modified_notice": Worded("Changes are stated"),
        "attribution_for": Worded("Names and credits are displayed"),
        "docs_retained": Worded("The model card is kept and extended"),
        "includes_base_weights": Worded("The base’s weights are in the files"),
        "registered": Worded("Registered with the publisher"),
    }
)
NOT_SAID = Worded("Not said")
ITEM: Words = MappingProxyType(
    {
        "shown": Worded("Held"),
        "in-part": Worded("Held in part"),
        "missing": Worded("Missing"),
        "against": Worded("Speaks against it"),
    }
)
ITEM_TONE: Mapping[str, str] = MappingProxyType(
    {"shown": "yes", "in-part": "care", "missing": "unknown", "against": "no"}
)
RESTRICTION = RESTRICTIONS
