# SPDX-License-Identifier: Apache-2.0
"""Mail: what people are told by e-mail, kept in an outbox with the fact that calls for it, and sent by a job."""
