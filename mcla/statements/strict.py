# SPDX-License-Identifier: Apache-2.0
"""Reading JSON that strangers wrote: no duplicate names, no fractions, no depth bombs (RFC 7493 and stricter).

Kept in `mcla.artifacts.jsontext` beside the writer, whose mirror image it is.
"""

from mcla.artifacts.jsontext import DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH, JsonInvalid, parse_json

__all__ = ["DEFAULT_MAX_BYTES", "DEFAULT_MAX_DEPTH", "JsonInvalid", "parse_json"]
