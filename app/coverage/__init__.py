# SPDX-License-Identifier: Apache-2.0
"""Coverage: was somebody, a company or a file covered for a kind, under which version, at any time."""
