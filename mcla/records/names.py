# SPDX-License-Identifier: Apache-2.0
"""The names of what a record carries: its attached files, and the schema of the one that names the others."""

SCHEMA = "mcla.record/1"
NAMESPACE = "https://w3id.org/mcla/record/v1#"
"""Of the properties in the file's metadata (XMP)."""
RECORD_JSON, BUNDLE_JSON, MANIFEST_JSON = "record.json", "bundle.sigstore.json", "manifest.json"
COUNTER_JSON = "counter-signature.sigstore.json"
SHOWN_FILES = 20
"""How many files the certificate page lists; the others stand in the attached manifest."""
