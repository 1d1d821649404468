# SPDX-License-Identifier: Apache-2.0
"""The only things a page may load: `data:` addresses and the fonts that come with this package.

WeasyPrint's own fetcher reads local files and the network, which would let a signer's text pull `/etc/passwd` or an
internal address into a sealed document.
"""

from pathlib import Path

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME = "record-font:"


class FetchRefused(FatalURLFetchingError):  # type: ignore[misc]  # an untyped library's class
    """A page asked for something that is not part of the record; rendering stops."""


class PackagedFetcher(URLFetcher):  # type: ignore[misc]  # an untyped library's class
    """Answers `data:`, and `record-font:NAME` from `fonts` when it is given; refuses everything else."""

    def __init__(self, fonts: Path | None = None) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self._fonts = {path.name: path for path in fonts.glob("*.ttf")} if fonts else {}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The response for `url`; raises `FetchRefused`, which ends the rendering."""
        if url.startswith(SCHEME) and (path := self._fonts.get(url.removeprefix(SCHEME))):
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})
        if not url.startswith("data:"):
            raise FetchRefused(f"a record may not load {url[:80]!r}")
        return super().fetch(url, headers)
