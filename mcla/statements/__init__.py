# SPDX-License-Identifier: Apache-2.0
"""in-toto statements of this project and their canonical JSON."""
