# SPDX-License-Identifier: Apache-2.0
"""The words on the pages of a PDF, for tests."""

import io

import pypdf


def shown(pdf: bytes) -> str:
    """All of them, with single spaces between."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
