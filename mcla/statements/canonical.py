# SPDX-License-Identifier: Apache-2.0
"""RFC 8785 bytes of a value: the only form in which anything is signed, hashed or logged.

Kept in `mcla.artifacts.jsontext` so that manifests, which lie lower, write the same bytes.
"""

from mcla.artifacts.jsontext import MAX_INT, JsonUnwritable, canonical_json

__all__ = ["MAX_INT", "JsonUnwritable", "canonical_json"]
