# SPDX-License-Identifier: Apache-2.0
"""The check: is everybody and everything in one change covered? Question, policy, pure decision, answer."""
