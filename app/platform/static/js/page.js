// SPDX-License-Identifier: Apache-2.0
// Small things of many pages: copy buttons, shown only where the clipboard works and telling the outcome in the button itself; and
// questions that another answer makes pointless, which are put away (and not sent) until that answer changes.
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

const hanging = document.querySelectorAll("[data-when]");
function showAsked() {
  for (const field of hanging) {
    const chosen = [...document.querySelectorAll(`[name="${field.dataset.when}"]:checked:enabled`)];
    const asked = chosen.some(({ value }) => field.dataset.values.split(" ").includes(value));
    field.hidden = !asked;
    for (const input of field.querySelectorAll("input, select, textarea, button")) input.disabled = !asked;
  }
}
if (hanging.length) {
  for (const words of document.querySelectorAll("[data-only]")) words.hidden = true;
  document.addEventListener("change", showAsked);
  showAsked();
}
