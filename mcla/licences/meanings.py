# SPDX-License-Identifier: Apache-2.0
"""What keys of the licence table mean where they stand in a sentence, so that it can be said in another language."""

from collections.abc import Mapping
from types import MappingProxyType

from mcla.wording import Worded

RESTRICTIONS: Mapping[str, Worded] = MappingProxyType(
    {
        "unlawful_use": Worded("any use that breaks applicable law or regulation"),
        "third_party_rights": Worded("infringing intellectual property or other rights of third parties"),
        "minors_exploitation": Worded("exploiting or harming minors, incl. sexual abuse material"),
        "trafficking_sexual_violence": Worded("human trafficking, sexual exploitation or violence"),
        "sexual_solicitation": Worded("sexual solicitation"),
        "sexual_explicit_content": Worded("sexually explicit or pornographic content"),
        "age_gating_failure": Worded("unlawful supply of material to minors or missing legal age gate"),
        "false_info_harm": Worded("verifiably false information meant to harm others"),
        "disinformation": Worded("disinformation or misleading content at large, also election influence"),
        "pii_harm": Worded("personal data generated or spread to harm a person"),
        "pii_unauthorised": Worded("personal or sensitive data handled or inferred without the right to do so"),
        "tracking_without_consent": Worded("tracking or monitoring people without consent"),
        "undisclosed_machine_generated": Worded(
            "publishing output without saying it is machine made, or claiming it is human made"
        ),
        "defame_harass": Worded("defaming, disparaging, bullying or harassing"),
        "hate_promotion": Worded("promoting hatred"),
        "impersonation": Worded("impersonating others without right, incl. deepfakes"),
        "automated_decision_legal": Worded(
            "fully automated decisions harming a person's legal rights or creating binding duties"
        ),
        "high_stakes_automated": Worded(
            "automated decisions in high-stakes domains (credit, jobs, housing, health, welfare ...)"
        ),
        "social_behaviour_discrimination": Worded(
            "harm or discrimination from social behaviour or predicted personality"
        ),
        "vulnerable_exploitation": Worded("exploiting vulnerabilities of a group to distort behaviour harmfully"),
        "protected_class_discrimination": Worded("discrimination on legally protected characteristics"),
        "essential_services_discrimination": Worded("discrimination in jobs, credit, housing, essential services"),
        "medical_advice": Worded("medical advice or reading of medical results"),
        "unlicensed_profession": Worded("unlicensed practice of a regulated profession"),
        "justice_enforcement_migration": Worded("justice, law enforcement, immigration or asylum uses"),
        "malware": Worded("malware or harm to electronic systems"),
        "spam": Worded("spam"),
        "fraud_deception": Worded("fraud, scams, phishing, deception"),
        "fake_engagement": Worded("fake reviews or other fake engagement"),
        "misleading_expertise": Worded("misleading claims of expertise"),
        "military": Worded("military or warfare use"),
        "nuclear": Worded("nuclear technology"),
        "espionage": Worded("espionage"),
        "export_controlled": Worded("export-control, sanctions or arms-control breach (ITAR, CBRN conventions)"),
        "weapons": Worded("guns, illegal weapons and their development"),
        "illegal_drugs": Worded("illegal or controlled substances"),
        "critical_infrastructure": Worded("operating critical infrastructure, transport, heavy machinery"),
        "self_harm": Worded("self-harm or harm to others"),
        "violence_terrorism": Worded("violence, extremism, terrorism"),
        "surveillance": Worded("surveillance incl. research on it"),
        "biometric_processing": Worded("biometric processing (unlawful or any, see licence)"),
        "safety_circumvention": Worded("circumventing or removing safety measures or usage limits"),
        "undisclosed_risk": Worded("not telling end users of known dangers of the system"),
        "third_party_unlawful_tools": Worded("interacting with tools made for unlawful content"),
        "national_security_public_order": Worded("harming national security, unity, public order or morals"),
        "inappropriate_content_regulated": Worded("content inappropriate under applicable content rules"),
        "trustworthy_ai_terms": Worded("vendor's trustworthy-AI terms, incorporated by reference"),
        "custom_or_unknown": Worded("further restrictions exist that were not read in full"),
    }
)
"""The uses that a text bars, by the keys of the data file and in its words."""
FIELDS: Mapping[str, Worded] = MappingProxyType(
    {
        "thresholds": Worded("its limits of scale"),
        "flow_down.attribution_display": Worded("the words that it wants displayed"),
        "commercial_use": Worded("whether it allows commercial use"),
        "derivatives.outbound": Worded("the terms that a derivative goes out under"),
        "restrictions": Worded("the uses that it bars"),
    }
)
"""The fields that a case can turn on."""
METRICS: Mapping[str, Worded] = MappingProxyType(
    {
        "mau": Worded("monthly active users"),
        "muu": Worded("monthly users"),
        "annual_revenue": Worded("revenue a year"),
        "monthly_revenue": Worded("revenue a month"),
        "annual_recurring_revenue": Worded("recurring revenue a year"),
        "maas_revenue": Worded("revenue from offering models as a service"),
        "maas_business": Worded("Offering models as a service"),
        "hosting_use": Worded("Hosting it for others"),
        "competing_service": Worded("A competing service"),
        "registration": Worded("Commercial use"),
        "written_authorisation": Worded("Use"),
    }
)
"""What the limits of a text are measured by."""
DUTIES: Mapping[str, Worded] = MappingProxyType(
    {
        "licence_copy": Worded("that its text goes along"),
        "notice_file": Worded("that a notice file goes along"),
        "modified_notice": Worded("that changes are stated"),
        "attribution_display": Worded("that the words or credit that it asks for are displayed"),
        "doc_retention": Worded("that the model card is kept and extended"),
    }
)
"""What goes along with an artifact because of a base."""
SETTLED: Mapping[str, Worded] = MappingProxyType(
    {
        "allowed": Worded("the project's policy lets it pass"),
        "needs-review": Worded("a person decides"),
        "denied": Worded("the project's policy denies it"),
    }
)
"""Who settles a debated point, by the verdict on it."""
