# SPDX-License-Identifier: Apache-2.0
"""The words of a page are those that a reader sees, in lines, and nothing that is hidden or stands apart."""

import pytest

from app.platform.visible import visible_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Review</h1><p>You  give\n<strong>two</strong> files.</p>", "Review\nYou give two files."),
        ("<p>Fish &amp; chips &lt;b&gt;</p>", "Fish & chips <b>"),
        ("<dl><div><dt>Name</dt><dd>Ada<small>said</small></dd></div></dl>", "Name\nAda\nsaid"),
        ('<label><input type="checkbox"><span>I agree</span></label>', "☐ I agree"),
        ('<input type="checkbox" checked>Yes<br>No', "☑ Yes\nNo"),
        ("<button><svg><use href='#i'/><title>pen</title></svg>Sign</button>", "[Sign]"),
        ("<div hidden><h2>Nothing was <b>signed</b></h2><br></div><p>After</p>", "After"),
        ("<noscript><p>Off</p></noscript><script>let a = '<p>'</script><style>p {}</style>On", "On"),
        ('<pre data-apart="The statement">{"a": <b>1</b>}</pre>Then', "[The statement]\nThen"),
        ('<div data-apart="A"><p data-apart="B">x</p></div>', "[A]"),
        ('<input type="hidden" name="page" value="secret">', ""),
    ],
)
def test_a_page_is_read_as_it_is_seen(html: str, text: str) -> None:
    assert visible_text(html) == text
