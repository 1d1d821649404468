# SPDX-License-Identifier: Apache-2.0
"""The names of what a record carries: its attached files, and the schema of the one that names the others."""

from enum import Enum

SCHEMA = "mcla.record/1"
NAMESPACE = "https://w3id.org/mcla/record/v1#"
"""Of the properties in the file's metadata (XMP)."""
RECORD_JSON, BUNDLE_JSON, MANIFEST_JSON = "record.json", "bundle.sigstore.json", "manifest.json"
COUNTER_JSON = "counter-signature.sigstore.json"
SHOWN_TXT = "shown.txt"
"""The words of the page that somebody signed on: in the record itself, and in no copy of it."""


class Step(Enum):
    """A step of a signature, as `record.json` names it; they are listed in this order."""

    MADE = "statement-made"
    SHOWN = "page-shown"
    CERTIFIED = "key-certified"
    SIGNED = "signed"
    LOGGED = "logged"
    ORDERED = "record-ordered"


STEPS = {
    Step.MADE: "Statement made",
    Step.SHOWN: "Page shown",
    Step.CERTIFIED: "Key certified",
    Step.SIGNED: "Agreed and signed",
    Step.LOGGED: "In the log",
    Step.ORDERED: "Record ordered",
}
"""What the certificate page calls each; who signs with a program is shown no page."""
PAGE_LANGUAGE, PAGE_BUILD, TIME_ZONE = "Language of the page", "made by build", "Time zone"
"""What the certificate page says before values that are too short to be looked for alone."""
SHOWN_FILES = 20
"""How many files the certificate page lists; the others stand in the attached manifest."""
