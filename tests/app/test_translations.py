# SPDX-License-Identifier: Apache-2.0
"""The catalogues: German says everything that pages and mails say, nothing that they say stands outside of it, and a
translation keeps the parts and the markup of the sentence that it is of."""

import re
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po
from jinja2 import Environment, nodes

from app.platform.catalogues import CATALOGUES, forms, lacking, read, whole

ROOT = Path(__file__).parents[2]
GERMAN = CATALOGUES / "de" / "LC_MESSAGES" / "messages.po"
PLACES = re.compile(r"%\((\w+)\)s")
TAGS = re.compile(r"<[^>]*>")
TEMPLATES = [
    each
    for each in sorted((ROOT / "app").rglob("*.html"))
    if not {"demo", "pdf"} & set(each.relative_to(ROOT).parts)  # another site, and a document that counsel reads
]
WITHIN_A_TAG = re.compile(r'(\s|wide|bad|autofocus|(id|class|lang|aria-\w+)="[^"]*"|[he]-1)*')
SAME_EVERYWHERE = {"SHA-256", "API", "MCLA", "PDF", "sha256", "UTC"}
SILENT = {"code", "pre", "script", "style", "svg", "noscript"}
SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-label", "data-copied", "data-selected"}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("languages_tool", ROOT / "scripts" / "languages.py")
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def german() -> Catalog:
    return read(GERMAN)


@pytest.fixture(scope="module")
def found(tool: ModuleType) -> Catalog:
    """Every sentence of the sources."""
    catalog: Catalog = tool.collect()
    return catalog


def sentences(catalog: Catalog) -> list[Message]:
    return [each for each in catalog if each.id]


def test_german_has_every_sentence_and_no_other(found: Catalog, german: Catalog) -> None:
    said, known = ({each.id for each in sentences(every)} for every in (found, german))
    assert len(said) > 1000
    assert said - known == set(), "run `make languages`, then translate what is new"
    assert known - said == set(), "run `make languages`"


def test_no_german_is_empty_or_a_guess(german: Catalog) -> None:
    assert [each.id for each in lacking(german)] == [], f"fill these in: {GERMAN.relative_to(ROOT)}"
    assert {len(forms(each.string)) for each in sentences(german) if each.pluralizable} == {2}


def test_a_language_is_begun_with_every_sentence_and_offered_when_it_says_them_all(
    tool: ModuleType, found: Catalog, tmp_path: Path
) -> None:
    place = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    catalog = tool.update(place, found)
    assert len(lacking(catalog)) == len(sentences(catalog)) > 1000
    assert whole(tmp_path) == {}
    for each in sentences(catalog):
        each.string = each.id
    with place.open("wb") as file:
        write_po(file, catalog)
    assert set(whole(tmp_path)) == {"fr"}


def test_a_catalogue_says_nothing_of_where_sentences_stand_and_keeps_each_on_a_line_of_its_own() -> None:
    """Else moving code changes the catalogue, and everybody's work meets everybody's in a merge."""
    lines = GERMAN.read_text("utf-8").splitlines()
    assert [each for each in lines if each.startswith("#:")] == []
    assert [
        each for each in lines[lines.index("", 1) :] if each.endswith('""') and each.startswith(("msgid", '"'))
    ] == []


def test_a_translation_keeps_the_parts_and_the_markup(german: Catalog) -> None:
    for each in sentences(german):
        for said in forms(each.string):
            allowed = [set(PLACES.findall(form)) for form in forms(each.id)]
            assert set(PLACES.findall(said)) in allowed, said
            assert sorted(TAGS.findall(said)) in [sorted(TAGS.findall(form)) for form in forms(each.id)], said
            assert '"' not in TAGS.sub("", said), f"would end an attribute: {said}"


def test_german_speaks_to_people_with_respect(german: Catalog) -> None:
    mine = {"Bitte hilf", "Melde dich"}  # what one person sends to another
    said = [text for each in sentences(german) for text in forms(each.string) if not text.startswith(tuple(mine))]
    assert [text for text in said if re.search(r"\b(du|dich|dein\w*)\b", text)] == []


class Outside(HTMLParser):
    """Collects what a template says outside of its translated parts."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def outside(source: str) -> list[str]:
    parser = Outside()
    parser.feed(literal(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)))
    words = (word for text in parser.said for word in re.findall(r"[A-Za-z][\w-]+", text))
    return [word for word in words if word not in SAME_EVERYWHERE]


def literal(node: nodes.Node) -> str:
    """What a template writes by itself, with a 1 for each value; without what only ends up within a tag."""
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Output):
        text = ""
        for each in node.nodes:
            value = "div" if text.endswith(("<", "</")) else "1"
            text += each.data if isinstance(each, nodes.TemplateData) else value
        return text
    text = "".join(map(literal, node.iter_child_nodes()))
    container = isinstance(node, nodes.Macro | nodes.Block | nodes.AssignBlock)
    return "" if container and WITHIN_A_TAG.fullmatch(text) else text


@pytest.mark.parametrize("place", TEMPLATES, ids=lambda each: each.relative_to(ROOT / "app").as_posix())
def test_a_template_says_nothing_outside_of_the_catalogues(place: Path) -> None:
    assert outside(place.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% trans %}Hello{% endtrans %}</p>", []),
        ('<p title="Hello">{{ name }}</p>', ["Hello"]),
        ('<p title="{{ _("Hello") }}">{{ name }}</p>', []),
        ("{% if a %}<p>{{ a }} files</p>{% endif %}", ["files"]),
        ("<code>mcla verify</code><p>SHA-256</p>", []),
    ],
)
def test_the_check_itself_finds_what_is_not_translated(source: str, words: list[str]) -> None:
    assert outside(source) == words


def test_no_script_holds_a_sentence() -> None:
    sentence = re.compile(r"""["'`][A-Z][a-z]+ [a-z]+ [^"'`]*["'`]""")
    for place in (ROOT / "app" / "platform" / "static" / "js").glob("*.js"):
        code = "\n".join(line for line in place.read_text("utf-8").splitlines() if not line.lstrip().startswith("//"))
        assert sentence.findall(code) == [], place.name
