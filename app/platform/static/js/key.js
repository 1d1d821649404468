// SPDX-License-Identifier: Apache-2.0
// Says, before a statement is made, that this browser can hold the key: the statement names who held it.
if (globalThis.crypto?.subtle) {
  for (const input of document.querySelectorAll("input[name=key_holder]")) input.value = "browser";
}
