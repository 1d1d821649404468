# SPDX-License-Identifier: Apache-2.0
"""JUnit XML: a test for each person and each file; a known no has failed, an unknown is an error; signs are output."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from mcla.checks.answer import Said
from mcla.cli.check_formats.report import SIGN, Report, name_of, places_of, shown

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_of(report: Report) -> bytes:
    """The document, UTF-8."""
    cases = [("people", name_of(each), each.said) for each in report.subjects]
    cases += [("files", each.path, each.said) for each in report.artifacts]
    if not cases or all(said.word != report.said.word for _, _, said in cases):
        cases.append(("change", "the whole change", report.said))
    suite = Element("testsuite", name="mcla check", tests=str(len(cases)))
    for name, word in (("failures", "not-covered"), ("errors", "unknown")):
        suite.set(name, str(sum(said.word == word for _, _, said in cases)))
    for group, title, said in cases:
        case = SubElement(suite, "testcase", classname=f"mcla.{group}", name=_text(title))
        if said.word != "covered":
            _trouble(case, said)
    if report.signs:
        lines = (f"{places_of(each)}: {each.sentence} {SIGN}" for each in report.signs)
        SubElement(suite, "system-out").text = "\n".join(map(_text, lines))
    suites = Element("testsuites", name="mcla")
    suites.append(suite)
    return bytes(tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _trouble(case: Element, said: Said) -> None:
    kind = "failure" if said.word == "not-covered" else "error"
    told = SubElement(case, kind, type=_text(said.code), message=_text(said.reason))
    told.text = _text(said.next or "")


def _text(text: str) -> str:
    return _NO_XML.sub("�", shown(text))
