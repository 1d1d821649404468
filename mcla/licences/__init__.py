# SPDX-License-Identifier: Apache-2.0
"""Licences of models and data as facts, and what may be made of what under them: screening, not legal advice."""
