// SPDX-License-Identifier: Apache-2.0
// Copy buttons: shown only where the clipboard works; the outcome is said in the button itself.
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
