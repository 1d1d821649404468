// SPDX-License-Identifier: Apache-2.0
// Says in the field before this script that this browser can hold a key: a statement names who held it before it is made.
// A classic script, met before the form's buttons are: however quick the press, the answer is there.
if (globalThis.crypto?.subtle) document.currentScript.previousElementSibling.value = "browser";
