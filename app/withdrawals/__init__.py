# SPDX-License-Identifier: Apache-2.0
"""What was ended: asked by statement, listed and signed for use offline, and the page on which a signer ends it."""
