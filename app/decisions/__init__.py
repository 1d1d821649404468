# SPDX-License-Identifier: Apache-2.0
"""Signed decisions on uses, for the gateways of those who load a model: made on demand, kept until they are over."""
