# SPDX-License-Identifier: Apache-2.0
"""What is known of a release in the forms of others: pure functions of proven statements, nothing added by guess."""
