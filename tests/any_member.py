# SPDX-License-Identifier: Apache-2.0
"""JSON that is right but for one member, which is anything: for readers that read it or refuse it with a code."""

from typing import Any

from hypothesis import strategies as st

ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=3)


def replace_any_member(data: st.DataObject, value: Any, by: st.SearchStrategy[Any] = ANYTHING) -> None:
    """Put something drawn from `by` in the place of a member, however deep; `value` is changed."""
    while True:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        if not isinstance(value[key], dict | list) or not value[key] or data.draw(st.booleans()):
            break
        value = value[key]
    value[key] = data.draw(by)
