# SPDX-License-Identifier: Apache-2.0
"""The answer to a check in the forms that people and CI systems read; each module is one form, a pure function."""
