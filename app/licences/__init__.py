# SPDX-License-Identifier: Apache-2.0
"""What is known of licences, what may be made of what, and what rests on what: screening, not legal advice."""
