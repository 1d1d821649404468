# SPDX-License-Identifier: Apache-2.0
"""What the metadata of a record says beyond the renderer's own: XMP (ISO 16684-1) inside the one `rdf:RDF`.

WeasyPrint writes the identification of one standard; a record keeps two at once, PDF/A-3a and PDF/UA-1. PDF/A-3
(ISO 19005-3, 6.6.2.3) wants every property that it does not define itself declared in the same packet: the extension
schemas below. The namespace of our own properties is never fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from mcla.records.names import NAMESPACE

_END = b"</rdf:RDF>"
_PDF_A = "http://www.aiim.org/pdfa/ns"
_DECLARING = (
    f'xmlns:pdfaExtension="{_PDF_A}/extension/" xmlns:pdfaSchema="{_PDF_A}/schema#" '
    f'xmlns:pdfaProperty="{_PDF_A}/property#"'
)


@dataclass(frozen=True, slots=True)
class Property:
    """One simple property of a schema: its XMP value type (`Text`, `Integer`) and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema as PDF/A-3 wants it declared."""

    title: str
    namespace: str
    prefix: str
    properties: tuple[Property, ...]


PDF_UA = Schema(
    "PDF/UA identification schema",
    "http://www.aiim.org/pdfua/ns/id/",
    "pdfuaid",
    (Property("part", "Integer", "Part of ISO 14289 that the document conforms to"),),
)
RECORD = Schema(
    "Record of a signature under a Model Contributor License Agreement",
    NAMESPACE,
    "mcla",
    (
        Property("recordId", "Text", "Id of the record"),
        Property("agreementDigest", "Text", "SHA-256 over the agreement version, 64 lower-case hex digits"),
        Property("logIndex", "Integer", "0-based index of the signature in the transparency log"),
    ),
)


def with_record(rdf: bytes, values: Mapping[str, str]) -> bytes:
    """`rdf` (an `rdf:RDF` element) with PDF/UA-1 and `values` of `RECORD` in it; without values, PDF/UA-1 alone."""
    schemas = (PDF_UA, RECORD) if values else (PDF_UA,)
    described = _description(PDF_UA, {"part": "1"}) + (_description(RECORD, values) if values else "")
    head, end, _ = rdf.rpartition(_END)
    return head + f"{described}{_declaration(schemas)}".encode() + end


def _description(schema: Schema, values: Mapping[str, str]) -> str:
    told = "".join(
        f"<{schema.prefix}:{each.name}>{escape(values[each.name])}</{schema.prefix}:{each.name}>"
        for each in schema.properties
    )
    return f'<rdf:Description rdf:about="" xmlns:{schema.prefix}="{escape(schema.namespace)}">{told}</rdf:Description>'


def _declaration(schemas: tuple[Schema, ...]) -> str:
    items = "".join(map(_declared, schemas))
    return (
        f'<rdf:Description rdf:about="" {_DECLARING}><pdfaExtension:schemas><rdf:Bag>{items}</rdf:Bag>'
        "</pdfaExtension:schemas></rdf:Description>"
    )


def _declared(schema: Schema) -> str:
    properties = "".join(map(_declared_property, schema.properties))
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaSchema:schema>{escape(schema.title)}</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{escape(schema.namespace)}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{schema.prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _declared_property(each: Property) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{each.name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>{each.type}</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{escape(each.meaning)}</pdfaProperty:description></rdf:li>"
    )
