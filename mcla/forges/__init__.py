# SPDX-License-Identifier: Apache-2.0
"""What a forge says of a change: who opened it and which accounts wrote its commits. Read only, never a guess."""
