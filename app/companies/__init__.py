# SPDX-License-Identifier: Apache-2.0
"""Companies: who signed for one, who keeps the list of people that may give for it, and who confirmed to work there."""
