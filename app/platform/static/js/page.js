// SPDX-License-Identifier: Apache-2.0
// Small things of many pages: the sentences of other scripts, which stand beside them in the page's language; copy buttons, shown only where the clipboard works and telling the outcome in the button itself; and
// questions that another answer makes pointless, which are put away (and not sent) until that answer changes.
const told = JSON.parse(document.getElementById("words")?.textContent || "{}");
const rules = new Intl.PluralRules(document.documentElement.lang);

// A sentence by its name, with `parts` in their places; `num` chooses between singular and plural.
globalThis.worded = (name, parts = {}) => {
  const said = told[name], form = typeof said === "object" ? said[rules.select(parts.num)] ?? said.other : said;
  return form.replace(/%\((\w+)\)s/g, (_, part) => parts[part]);
};

// Shows a sentence by its name, or words of the service, which are English.
globalThis.show = (place, words) => {
  place.textContent = words in told ? globalThis.worded(words) : words;
  if (words in told) place.removeAttribute("lang"); else place.lang = "en";
};

// What is shown once leaves with its reader: a browser may keep the page itself for a step back.
const once = document.querySelectorAll("[data-once]");
if (once.length) addEventListener("pagehide", () => { for (const shown of once) shown.remove(); });

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const label = button.lastChild;
    const words = label.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        label.textContent = button.dataset.copied;
      } catch {
        label.textContent = button.dataset.selected;
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
