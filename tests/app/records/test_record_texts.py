# SPDX-License-Identifier: Apache-2.0
"""On paper, every text of this repository is complete: each clause, each paragraph's number, each schedule."""

import html
import re
from dataclasses import replace

import pytest
from version_folders import PUBLISHED

from app.agreements.folder import CLAUSE, read_folder
from app.records.pages import html_of
from app.records.render import render_html


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_the_record_holds_every_clause_and_schedule_of_the_text(folder, make_acceptance):
    read, data = read_folder(folder), make_acceptance()
    named = {"slug": read.slug, "title": read.title, "version": read.version, "documents": read.documents}
    written = html_of(replace(data, agreement=replace(data.agreement, **named)))
    words = html.unescape(re.sub(r"<[^>]+>", "", written))
    for path in [path for path in read.documents if path.endswith(".md")]:
        text = read.documents[path].decode()
        for number, title in CLAUSE.findall(text):
            assert f"{number}. {title}" in words
        for paragraph in re.findall(r"^[0-9DWS]+\.[0-9]+ ", text, flags=re.MULTILINE):
            assert paragraph in words
    if read.terms.company:  # the longest
        assert render_html(written).startswith(b"%PDF-")
