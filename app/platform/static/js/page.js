// SPDX-License-Identifier: Apache-2.0
// Small things of many pages: copy buttons, shown only where the clipboard works and telling the outcome in the button itself;
// and a mark in forms that this browser can hold a key, because a statement names who held it before it is made.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const label = button.lastChild;
    const words = label.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        label.textContent = "Copied";
      } catch {
        label.textContent = "Select and copy";
      }
      setTimeout(() => { label.textContent = words; }, 2000);
    });
  }
}

if (globalThis.crypto?.subtle) {
  for (const input of document.querySelectorAll("input[name=key_holder]")) input.value = "browser";
}
