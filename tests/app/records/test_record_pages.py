# SPDX-License-Identifier: Apache-2.0
"""The pages of a record: every fact is there to be read, nothing a signer wrote can do more than be read."""

import hashlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest
from colour_fonts import colour_font
from markupsafe import escape
from needs import skip_or_fail
from record_reading import drawn, empty_boxes

from app.records.data import RecordData, attached_files
from app.records.errors import GlyphMissing, RecordContentInvalid
from app.records.facts import blocks_of
from app.records.glyphs import bundled, printable, system
from app.records.packing import Frame, Objects
from app.records.pages import html_of
from app.records.parts import (
    CompanyDetail,
    CounterDetail,
    FileRow,
    ReplacedDetail,
)
from app.records.render import render, render_html
from app.records.xmp import NAMESPACE
from mcla.artifacts.manifest import Manifest, ManifestEntry
from mcla.statements.company import AffiliationRef
from mcla.statements.parts import AcceptanceRef

Make = Callable[..., RecordData]
A4_WIDTH = 596
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src='file:///etc/passwd'>",
    "<link rel=attachment href='file:///etc/passwd'>",
    "<style>@import url(http://127.0.0.1:9/x.css)</style>",
    "</td></tr></table><h1>Forged heading</h1>",
    "{{ 7 * 7 }} {% include '/etc/passwd' %}",
    "&lt;b&gt; &amp; \"quoted\" 'single'",
    "url(file:///etc/passwd); } body { display: none } /*",
    "\\3C b\\3E ]]> <!-- ",
)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def squeezed(text: str) -> str:
    """Without spaces: a long value may wrap at any place."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def given(make_contribution: Make) -> RecordData:
    return make_contribution(30)


@pytest.fixture(scope="module")
def given_pdf(given: RecordData) -> bytes:
    return render(given)


def test_the_certificate_shows_every_fact_of_a_contribution(given: RecordData, given_pdf: bytes) -> None:
    assert given.contribution is not None
    shown = squeezed(text_of(given_pdf))
    facts = [
        given.record_id, given.signature_id, given.foundation_name, given.origin, given.agreement.title,
        given.agreement.version, given.agreement.digest, given.agreement.text_sha256, given.signer.name,
        given.signer.login, given.signer.subject, given.signer.provider, str(given.signer.email), given.signer.uri,
        given.act.consent_sha256, given.act.consent_text, given.act.button, given.act.statement_sha256,
        "2026-11-22 14:05:09 UTC", "As an individual", "The signer’s browser", given.log.origin, "48,113", "50,003",
        given.log.root, given.seal_fingerprint, given.contribution.project_name, "weights; Schedule W", "30 files",
        given.contribution.manifest_root, "fine-tune", "Licence lineage: Which bases, under which licences?",
        "tiny-base Apache-2.0", "ab" * 32, given.page_url,
        given.signer.issuer, "2026-11-22 14:01:09 UTC", "2026-11-22 13:34:09 UTC", "2001:db8::17", "Firefox/145.0",
        given.log.leaf, *given.log.proof,
        *(row.path for row in given.contribution.files[:20]), *(row.sha256 for row in given.contribution.files[:20]),
        "10 more in the attached manifest.json", "log entry 47,001, 47,002", "47,010 and 2 more",
        "only their own bundles prove their time",
    ]  # fmt: skip
    missing = [fact for fact in facts if squeezed(fact) not in shown]
    assert not missing


def test_the_agreement_and_its_schedules_are_printed_as_real_headings(given_pdf: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(given_pdf))
    titles = [str(item.title) for item in _flat(reader.outline)]
    assert titles[0] == "Individual Agreement for Tests"
    assert "2.1 Words that follow the law" in titles
    assert titles.index("Schedule W: weights") < titles.index("Certificate of signature")
    assert "/StructTreeRoot" in reader.trailer["/Root"]


def test_an_acceptance_shows_no_contribution_and_says_where_it_is_checked(make_acceptance: Make) -> None:
    data = make_acceptance()
    shown = text_of(render(data))
    assert "accepted the Individual Model" in " ".join(shown.split())
    assert "Files given" not in shown
    assert squeezed(f"https://mcla.example.org/verify?digest=sha256:{data.act.statement_sha256}") in squeezed(shown)


def test_who_gives_as_listed_by_a_company_is_told_with_the_records_that_this_rests_on(make_contribution: Make) -> None:
    confirmed, released = AcceptanceRef("ab" * 32, 1017), AcceptanceRef("cd" * 32, 1018)
    company = CompanyDetail("Example GmbH", "DE", "HRB 1234 B", affiliation=AffiliationRef(confirmed, released))
    given = make_contribution(1)
    shown = squeezed(text_of(render(replace(given, signer=replace(given.signer, capacity="company", company=company)))))
    for fact in ("Example GmbH", "HRB 1234 B, DE", f"Employee’s acknowledgement {confirmed.statement} log entry 1,017",
                 f"Released by a second person {released.statement} log entry 1,018"):  # fmt: skip
        assert squeezed(fact) in shown
    assert "Title" not in shown


def test_a_contribution_carries_its_own_schedule_and_names_the_others_by_digest(make_contribution: Make) -> None:
    given = make_contribution(1)
    documents = given.agreement.documents | {"schedules/D.md": b"# Schedule D\n", "schedules/W.toml": b"x = 1\n"}
    given = replace(given, agreement=replace(given.agreement, documents=documents))
    names = {file.name for file in attached_files(given)}
    assert {"agreement.md", "schedules-W.md"} <= names
    assert not names & {"schedules-D.md", "schedules-W.toml"}
    told = json.loads(attached_files(given)[-1].content)["agreement"]["documents"]
    assert {one["path"]: (one["sha256"], one["size"]) for one in told} == {
        path: (hashlib.sha256(content).hexdigest(), len(content)) for path, content in documents.items()
    }


def test_a_person_without_a_verified_address_has_none_printed(make_acceptance: Make) -> None:
    assert "none that the provider had verified" in text_of(render(make_acceptance(email=None)))


def test_the_pages_say_what_the_record_does_not_say(given_pdf: bytes, make_acceptance: Make) -> None:
    for pdf in (given_pdf, render(make_acceptance())):
        shown = " ".join(text_of(pdf).split())
        assert "What this record does not say" in shown
        assert "simple electronic signature" in shown


def test_the_same_data_gives_the_same_bytes(given: RecordData, given_pdf: bytes) -> None:
    assert render(given) == given_pdf


def test_another_process_with_another_order_of_hashing_gives_the_same_bytes(
    given: RecordData, given_pdf: bytes
) -> None:
    told = "import pickle, sys; from app.records.render import render; data = pickle.load(sys.stdin.buffer)"
    write = f"{told}; sys.stdout.buffer.write(render(data))"
    here = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONHASHSEED": "4021"}
    done = subprocess.run(
        [sys.executable, "-c", write], input=pickle.dumps(given), env=here, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == given_pdf


def test_another_time_gives_other_bytes(given: RecordData, given_pdf: bytes) -> None:
    later = replace(given, act=replace(given.act, signed_at=given.act.signed_at + timedelta(seconds=1)))
    assert render(later) != given_pdf


def test_attachments_come_out_as_they_went_in(given: RecordData, given_pdf: bytes) -> None:
    found = {name: content[0] for name, content in pypdf.PdfReader(io.BytesIO(given_pdf)).attachments.items()}
    assert found == {file.name: file.content for file in attached_files(given)}
    named = {"agreement.md", "schedules-W.md", "bundle.sigstore.json", "manifest.json", "record.json", "shown.txt"}
    assert set(found) == named


def test_the_metadata_names_the_record_its_agreement_and_its_log_entry(given: RecordData, given_pdf: bytes) -> None:
    catalog = pypdf.PdfReader(io.BytesIO(given_pdf)).root_object
    described = ElementTree.fromstring(catalog["/Metadata"].get_object().get_data())  # noqa: S314  # made here
    told = {
        each.tag.rpartition("}")[2]: each.text for each in described.iter() if each.tag.startswith(f"{{{NAMESPACE}}}")
    }
    assert told == {"recordId": given.record_id, "agreementDigest": given.agreement.digest, "logIndex": "48113"}
    assert [str(each.tag) for each in described.iter() if each.tag.endswith("ns/id/}part")]
    assert len(catalog["/AF"]) == len(attached_files(given))


def test_lines_are_read_aloud_as_their_paragraphs_and_the_code_by_its_words(
    given_pdf: bytes, given: RecordData
) -> None:
    root = pypdf.PdfReader(io.BytesIO(given_pdf)).root_object["/StructTreeRoot"]
    elements = list(_elements(root["/K"]))
    kinds = {each["/S"] for each in elements}
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/LBody", "/Figure", "/Link"} <= kinds
    paragraphs = [each for each in elements if each["/S"] == "/P"]
    lines = [each["/K"] for each in paragraphs if isinstance(each["/K"], list)]
    assert any(len(kids) > 1 and all(isinstance(kid, int) for kid in kids) for kids in lines)
    assert {each["/A"]["/Scope"] for each in elements if each["/S"] == "/TH"} == {"/Row", "/Column"}
    assert [each["/Alt"] for each in elements if each["/S"] == "/Figure"] == [f"QR code of {given.page_url}"]


def test_what_stands_in_the_margins_is_no_part_of_what_is_read_and_drawn_once_for_all_pages(
    given_pdf: bytes, given: RecordData
) -> None:
    pages = pypdf.PdfReader(io.BytesIO(given_pdf)).pages
    for page in pages:
        content = page["/Contents"].get_object().get_data()
        assert content.count(b"/Artifact\n<</Type/Pagination>>\nBDC") == 2  # the form, and the page's own number
        assert re.search(rb"BDC\n/Run\d Do\nEMC", content)
        assert squeezed(f"Record {given.record_id} Page {page.page_number + 1} of {len(pages)}") in squeezed(
            page.extract_text()
        )


def test_what_somebody_wrote_is_never_taken_for_a_reference_of_the_file(make_acceptance: Make) -> None:
    odd = "1 0 R (2 0 R \\) 3 0 R <4 0 R> 5 0 R"
    data = replace(make_acceptance(), foundation_name=odd)
    assert odd in str(pypdf.PdfReader(io.BytesIO(render(data))).metadata.title)  # type: ignore[union-attr]


def test_a_file_of_more_than_sixteen_million_bytes_is_written_so_that_it_can_be_read() -> None:
    large, behind = bytes(17_000_000), b"<</Length 4>>stream\nlast\nendstream"
    streams = {1: b"<</Length %d>>stream\n%b\nendstream" % (len(large), large), 2: behind}
    front = {3: b"<</Type/Catalog/Pages 4 0 R>>", 4: b"<</Type/Pages/Kids[]/Count 0>>", 5: b"<</Title (T)>>"}
    reader = pypdf.PdfReader(io.BytesIO(Frame(Objects(streams, front, {6: b"<<>>"}, 3, 5)).write()), strict=True)
    assert reader.get_object(2).get_data() == b"last"  # type: ignore[union-attr]
    assert reader.metadata is not None
    assert reader.metadata.title == "T"


def test_record_json_opens_the_commitment_and_names_the_other_files(given: RecordData) -> None:
    files = {file.name: file for file in attached_files(given)}
    record = json.loads(files["record.json"].content)
    assert record["personal"]["fields"]["name"]["value"] == given.signer.name
    assert record["identityOpening"]["commitment"] == given.signer.commitment
    assert record["attachments"] == {name: file.sha256 for name, file in files.items() if name != "record.json"}
    assert "identityOpening" not in json.loads(files["bundle.sigstore.json"].content)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_html_and_css_in_every_field_stay_text(make_contribution: Make, hostile: str) -> None:
    """Every text of every part, found by itself, so that a field that is added later is hostile here too."""
    data = with_every_part(make_contribution(2))
    html = html_of(everywhere(data, hostile))
    assert _tags(html) == _tags(html_of(everywhere(data, "plain")))
    assert html.count(str(escape(printable(hostile)))) > 40


def test_hostile_text_is_printed_as_it_is(make_contribution: Make) -> None:
    hostile = HOSTILE[4]
    shown = squeezed(text_of(render(everywhere(with_every_part(make_contribution(2)), hostile))))
    assert shown.count(squeezed(printable(hostile))) > 20


def with_every_part(given: RecordData) -> RecordData:
    """A record for a company, counter-signed, in the place of an earlier one."""
    company = CompanyDetail("a", "b", "c", "d", "e", AffiliationRef(AcceptanceRef("ab" * 32, 1)))
    counter, replaces = CounterDetail("h", given.act.signed_at, 3, "i", b"{}"), ReplacedDetail("j", "k", "l", "m")
    return replace(given, signer=replace(given.signer, company=company), counter=counter, replaces=replaces)


def everywhere(part: Any, text: str) -> Any:
    """The same data with `text` for every text in it, but for what its own type holds to a form, and paths of texts."""
    if isinstance(part, str):
        return text
    if isinstance(part, tuple | list):
        return type(part)(everywhere(each, text) for each in part)
    if isinstance(part, dict):
        return {path: f"# {text}\n\n{text}\n".encode() for path in part} if "agreement.md" in part else part
    if is_dataclass(part) and type(part).__module__.startswith("app.records."):
        return replace(part, **{field.name: everywhere(getattr(part, field.name), text) for field in fields(part)})
    return part


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1:9/", "https://example.org/a.png", "ftp://127.0.0.1/",
     "record-font:DejaVuSans.ttf", "record-font:../errors.py", "FILE:///etc/passwd", "//127.0.0.1/x"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["<img src='{}'>", "<link rel=attachment href='{}'>", "<link rel=stylesheet href='{}'>",
                                 "<div style='background: url({})'>x</div>"])  # fmt: skip
def test_a_page_can_load_nothing_from_files_or_the_network(url: str, how: str) -> None:
    with pytest.raises(RecordContentInvalid, match="may not load"):
        render_html("<!doctype html><html lang=en><title>t</title>" + how.format(url))


def test_markdown_images_and_raw_html_in_an_agreement_stay_text(make_acceptance: Make) -> None:
    text = (
        b"# T\n\n![x](file:///etc/passwd)\n\n<iframe src='http://127.0.0.1:9'></iframe>\n\n[l](javascript:alert(1))\n"
    )
    data = make_acceptance()
    html = html_of(replace(data, agreement=replace(data.agreement, documents={"agreement.md": text})))
    assert "<iframe" not in html
    assert html.count("<img") == 1  # the QR code
    assert "javascript:alert(1)" not in re.findall(r'href="([^"]*)"', html)


@pytest.mark.parametrize("letters", [("W", "i", "a "), ("山", "م", "W"), ("😀", "e\u0301", "山")])
def test_names_up_to_500_characters_in_any_script_stay_on_the_page(
    make_acceptance: Make, letters: tuple[str, str, str]
) -> None:
    name, login, subject = ((letter * 500)[:500] for letter in letters)
    pdf = render(make_acceptance(name=name, login=login, subject=subject[:255]))
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    for page in reader.pages:
        assert all(0 <= x <= A4_WIDTH for x in _starts(page))


INVISIBLE = (
    *("\u202e", "\u202d", "\u2066", "\u2067", "\u200e", "\u200f", "\u061c", "\u200b", "\ufeff", "\u00ad"),
    *("\x00", "\x1b", "\x7f", "\U000e0041"),
)


@pytest.mark.parametrize("sign", INVISIBLE)
def test_control_and_direction_characters_never_reach_a_page(make_acceptance: Make, sign: str) -> None:
    html = html_of(make_acceptance(name=f"Ada{sign}elpmaxE"))
    assert sign not in html
    assert "AdaelpmaxE" in html


def test_line_breaks_in_a_value_become_spaces() -> None:
    assert printable("a\nb\r\u2028c") == "a b  c"
    assert printable("a\nb", lines=True) == "a\nb"


@pytest.mark.parametrize("character", ["\ue000", "\U000f0000", "\U0010ffff", "\ufdd0", "\u0378"])
def test_characters_that_mean_nothing_are_printed_as_code_points(character: str) -> None:
    assert printable(character) == f"⟨U+{ord(character):04X}⟩"


def test_what_no_font_at_hand_draws_is_printed_as_its_code_point(make_acceptance: Make) -> None:
    character = next(chr(code) for code in range(0x12000, 0x12300) if code not in bundled() | system())
    shown = text_of(render(make_acceptance(name=f"Enki {character}")))
    assert f"Enki ⟨U+{ord(character):04X}⟩" in shown


@pytest.mark.parametrize(
    ("name", "login"),
    [("Żółć Ľudovít", "Ἀριστοτέλης"), ("Достоевский", "محمد الفارسي"), ("אברהם", "Nguyễn Văn Ánh"), ("😀", "☕")],
)
def test_names_in_the_scripts_of_the_bundled_fonts_are_drawn_not_spelled(
    make_acceptance: Make, name: str, login: str
) -> None:
    for each in (name, login):
        assert printable(each, system_fonts=False).replace("\ufe0e", "") == each
    pdf = render(make_acceptance(name=name, login=login))
    assert "⟨U+" not in text_of(pdf)
    assert empty_boxes(pdf) == set()
    assert set(squeezed(name + login)) <= set("".join(drawn(pdf)))


def test_names_of_china_japan_and_korea_are_drawn_with_the_fonts_that_the_set_up_installs(
    make_acceptance: Make,
) -> None:
    """One font of Debian has the rare letters of Chinese, and of Korean three syllables; the other has all of them."""
    name = "王小明 㐂田 ひらがな カタカナ 김철수 박영희"
    if not {"droid", "wqy"} <= {path.parent.name for path in Path("/usr/share/fonts/truetype").glob("*/*.tt?")}:
        skip_or_fail("needs two fonts (apt-get install fonts-droid-fallback fonts-wqy-microhei)")
    pdf = render(make_acceptance(name=name))
    assert "⟨U+" not in text_of(pdf)
    assert empty_boxes(pdf) == set()
    assert set(squeezed(name)) <= set("".join(drawn(pdf)))


EMOJI = "😀 ☕ ❤\ufe0f 🚀 👍🏽 🇩🇪 1\ufe0f\u20e3 👩\u200d💻"


def test_emoji_are_letters_or_numbers_and_never_pictures() -> None:
    text = printable(EMOJI, system_fonts=False)
    assert text.replace("\ufe0e", "").replace("\u200d", "") == (
        "😀 ☕ ❤ ⟨U+1F680⟩ ⟨U+1F44D⟩⟨U+1F3FD⟩ ⟨U+1F1E9⟩⟨U+1F1EA⟩ 1⟨U+20E3⟩ ⟨U+1F469⟩⟨U+1F4BB⟩"
    )
    assert all(f"{one}\ufe0e" in text for one in "😀☕❤")
    assert printable("a + b → © ™ № 山") == "a + b → © ™ № 山"


def test_a_machine_with_a_colour_font_makes_the_same_record(make_acceptance: Make, tmp_path: Path) -> None:
    """Such a font comes first wherever a renderer sees an emoji, on every desktop."""
    data = make_acceptance(name=f"Ada {EMOJI}")
    colour_font(tmp_path / "NotoColorEmoji.ttf", "😀☕❤🚀👍")
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include>'
        f"<dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    environ = os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
    program = (
        "import pickle, sys; from app.records.render import render; from app.records import render as module;"
        "data = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(render(data));"
        "module.html_of = lambda *_, **__: '<html lang=en><title>t</title><p>\U0001f680';"
        "from app.records.errors import GlyphMissing\n"
        "try: render(data)\nexcept GlyphMissing as error: print(error, file=sys.stderr)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(data), env=environ, capture_output=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert made.stdout == render(data)
    assert "draws pictures where PDF/A wants letters" in made.stderr.decode()


def test_an_empty_box_is_refused_and_never_printed() -> None:
    with pytest.raises(GlyphMissing, match=r"U\+12003"):
        render_html("<!doctype html><html lang=en><title>t</title><p>\U00012003")


@pytest.mark.parametrize(
    "name",
    [
        "山田太郎 Ἀριστοτέλης",
        "محمد 😀 \ufe0f👩\u200d💻",
        "\ue000\U0010ffff\U00012003 𓀀 Ⴀ ߊ",
        "\u0627\u0301e\u0323\u0301",
    ],
)
def test_no_page_ever_uses_the_glyph_for_what_is_missing(make_acceptance: Make, name: str) -> None:
    pdf = render(make_acceptance(name=name, login=name))
    assert drawn(pdf)
    assert empty_boxes(pdf) == set()


def test_what_finds_empty_boxes_finds_them() -> None:
    from weasyprint import HTML

    pdf = HTML(string="<p style='font-family: DejaVu Sans'>e\U00012003").write_pdf()
    assert (drawn(pdf), empty_boxes(pdf)) == ({"e"}, {"\U00012003"})


def test_ten_thousand_files_show_twenty_and_the_rest_is_attached(make_contribution: Make) -> None:
    many, some = make_contribution(10_000), make_contribution(21)
    assert html_of(many).count("<tr") == html_of(some).count("<tr")
    pdf = _made_within(64 * 1024 * 1024, some, many)
    shown = " ".join(text_of(pdf).split())
    assert "9,980 more in the attached manifest.json" in shown
    assert "10,000 files" in shown
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == len(pypdf.PdfReader(io.BytesIO(render(some))).pages)


def _made_within(memory: int, warm: RecordData, data: RecordData) -> bytes:
    """The PDF of `data`, made and checked by a process that may take so much (bytes) beyond what `warm` took."""
    program = (
        "import json, pickle, resource, sys\n"
        "from app.records.data import attached_files; from app.records.render import render\n"
        "from mcla.records.contents import Contents; from mcla.records.text import check_pages\n"
        "def make(data):\n"
        "    pdf = render(data); files = {file.name: file.content for file in attached_files(data)}\n"
        "    check_pages(pdf, Contents(json.loads(files['record.json']), files)); return pdf\n"
        "warm, data, memory = pickle.load(sys.stdin.buffer); make(warm)\n"
        "pages = int(open('/proc/self/statm').read().split()[0]); limit = pages * resource.getpagesize() + memory\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit)); sys.stdout.buffer.write(make(data))"
    )
    given = pickle.dumps((warm, data, memory))
    return subprocess.run(
        [sys.executable, "-c", program], input=given, capture_output=True, timeout=120, check=True
    ).stdout


def test_no_page_of_the_certificate_but_the_last_is_left_half_empty(given_pdf: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(given_pdf)).pages
    first = next(number for number, page in enumerate(pages) if "Certificate of signature" in page.extract_text()[:200])
    assert len(pages) - first > 2
    for page in pages[first:-1]:
        above_the_foot = [place for place in _starts(page, 1) if place > 70]
        assert min(above_the_foot) < 842 / 4, page.extract_text()[-200:]


@pytest.mark.parametrize(
    ("hashes", "told"), [(0, [""]), (8, [""]), (9, [", 1 to 8", ", 9"]), (24, [", 1 to 8", ", 9 to 16", ", 17 to 24"])]
)
def test_a_proof_of_any_length_stands_in_rows_that_fit_at_the_end_of_a_page(
    make_acceptance: Make, hashes: int, told: list[str]
) -> None:
    data = make_acceptance()
    proof = tuple(f"{level:064x}" for level in range(hashes))
    blocks = blocks_of(replace(data, log=replace(data.log, proof=proof)))
    rows = [row for block in blocks for row in block.rows if row.label.startswith("Inclusion proof")]
    assert tuple(one for row in rows for one in row.hashes) == proof
    assert max(len(row.hashes) for row in rows) <= 8
    assert [row.label for row in rows] == [f"Inclusion proof{each}" for each in told]


@pytest.mark.parametrize(
    "path",
    ["a" * 1000, "/".join("d" * 9 for _ in range(100)), "данные/файл.bin", "重み/模型.safetensors", "a b/c'd\"e.bin"],
)
def test_long_and_foreign_paths_are_printed(make_contribution: Make, path: str) -> None:
    manifest = Manifest.of([ManifestEntry(path, "ab" * 32, 2**53 - 1)])
    rows = (FileRow(path, "ab" * 32, 2**53 - 1),)
    pdf = render(make_contribution(1, files=rows, manifest=manifest.to_bytes(), manifest_root=manifest.root))
    assert squeezed(printable(path)) in squeezed(text_of(pdf))


def test_a_single_file_is_checked_by_its_own_digest_and_many_by_their_root(make_contribution: Make) -> None:
    one, many = make_contribution(1), make_contribution(2)
    assert one.contribution is not None
    assert many.contribution is not None
    assert one.page_url.endswith(f"/verify?digest=sha256:{one.contribution.files[0].sha256}")
    assert many.page_url.endswith(f"/verify?digest=sha256:{many.contribution.manifest_root}")


def _starts(page: pypdf.PageObject, axis: int = 0) -> list[float]:
    """Where each run of text begins on the page, from the left (or, along `axis` 1, from below), in points."""
    found: list[float] = []

    def note(text: str, matrix: list[float], text_matrix: list[float], *_: object) -> None:
        if text.strip():
            found.append(matrix[4 + axis] + text_matrix[4 + axis] * matrix[3 * axis])

    page.extract_text(visitor_text=note)
    return found


def _elements(kids: Any) -> Iterator[Any]:
    """Every element of a structure tree, from above."""
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from _elements(kid["/K"])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, tuple[str, ...]]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add((tag, tuple(sorted(name for name, _ in attrs))))


def _tags(html: str) -> set[str]:
    parser = _Tags()
    parser.feed(html[html.index('<section class="cover">') :])
    allowed_in_text = {"h1", "h2", "h3", "p", "ul", "ol", "li", "em", "strong", "code", "table", "thead", "tbody", "tr",
                       "th", "td", "blockquote"}  # fmt: skip
    return {tag for tag, attributes in parser.seen if attributes or tag not in allowed_in_text}


def _flat(outline: list[object]) -> list[pypdf.generic.Destination]:
    found: list[pypdf.generic.Destination] = []
    for item in outline:
        found += _flat(item) if isinstance(item, list) else [item]  # type: ignore[list-item]
    return found
