// SPDX-License-Identifier: Apache-2.0
// The page that gives files: measure what is dropped, show it, and fill the same list that can be pasted without JavaScript.
const $ = (id) => document.getElementById(id);
const list = $("files");
// Folded before anything is waited for: whoever opens it while the rest loads finds it open.
$("pasting").open = Boolean(list.value) || Boolean($("e-files"));
// A root over the tensors is one over the files that were measured: a list changed by hand has none.
list.addEventListener("input", () => { $("tensors").value = ""; });
const { dropZone, isSafetensors, measure, number, progressBar, units } = await import($("drop").dataset.measure); // the versioned address

const LARGE = 2e9; // above this the command line is the kinder way
const SHOWN = 200;
const KINDS = [
  [/(^|\/)adapter_(model|config)\./, "adapter"],
  [/(^|\/)(tokenizer\.json|tokenizer\.model|vocab\.(json|txt)|merges\.txt)$/, "tokenizer"],
  [/\.(safetensors|gguf|onnx|bin|pt|pth|ckpt|h5)$/, "weights"],
  [/\.(jsonl|parquet|csv|tsv|arrow)$/, "data"],
  [/\.(py|js|ts|rs|c|cc|cpp|h|go|sh|java)$/, "code"],
];
const form = $("give"), large = $("large"), progress = $("progress"), measured = $("measured");
const cancel = progress.querySelector("[data-cancel]");
const submit = form.querySelector("button[type=submit]");
let running = null;

function row(entry) {
  const line = document.createElement("tr"), name = document.createElement("th"), size = document.createElement("td"), digest = document.createElement("td");
  name.scope = "row";
  name.textContent = entry.path;
  size.className = "num";
  size.dataset.label = worded("size");
  digest.dataset.label = "SHA-256";
  if (entry.error) {
    const state = document.createElement("span");
    state.className = "state tone-no";
    state.textContent = entry.error;
    digest.append(state);
  } else {
    size.textContent = units(entry.size);
    const hash = document.createElement("span"), code = document.createElement("code");
    hash.className = "hash short";
    code.textContent = code.title = entry.sha256;
    hash.append(code);
    digest.append(hash);
    if (entry.pointer) digest.append(Object.assign(document.createElement("div"), { className: "meta", textContent: worded("pointer", { size: units(entry.size) }) }));
  }
  line.append(name, size, digest);
  return line;
}

function show(entries) {
  const bad = entries.filter((entry) => entry.error), good = entries.filter((entry) => !entry.error);
  const total = good.reduce((sum, { size }) => sum + size, 0);
  measured.querySelector("tbody").replaceChildren(...[...bad, ...good].slice(0, SHOWN).map(row));
  const parts = { num: entries.length, count: number(entries.length), size: units(total), shown: number(SHOWN) };
  measured.querySelector("[data-count]").textContent = bad.length
    ? worded("some-bad", { bad: number(bad.length), all: number(entries.length) })
    : worded(entries.length > SHOWN ? "measured-some" : "measured", parts);
  measured.hidden = false;
  list.value = bad.length ? "" : good.map(({ sha256, size, path }) => `${sha256} ${size} ${path}`).join("\n");
}

async function nameTensors(entries) {
  const shards = entries.filter(isSafetensors), said = measured.querySelector("[data-named]");
  $("tensors").value = said.textContent = "";
  if (!shards.length || entries.some((entry) => entry.error)) return;
  try {
    const { tensorSet } = await import($("drop").dataset.tensors);
    const { tensors, ...found } = await tensorSet(shards);
    const { keep } = await import($("drop").dataset.list);
    $("tensors").value = JSON.stringify(found);
    const names = worded("tensors", { num: found.count, count: number(found.count), root: found.root.slice(0, 12) });
    said.textContent = `${names} ${worded(keep(found.root, tensors) ? "list-kept" : "list-too-long")}`;
  } catch (error) {
    said.textContent = worded("no-tensors", { why: error.message });
  }
}

function guess(items) {
  if (form.querySelector("input[name=kind]:checked")) return;
  const sizes = {};
  for (const { file, path } of items) {
    const kind = KINDS.find(([pattern]) => pattern.test(path))?.[1];
    if (kind) sizes[kind] = (sizes[kind] || 0) + file.size + 1;
  }
  const best = Object.keys(sizes).sort((a, b) => sizes[b] - sizes[a])[0];
  const radio = best && form.querySelector(`input[name=kind][value=${best}]`);
  if (radio) radio.checked = true;
}

async function run(items) {
  running?.cancel();
  large.hidden = true;
  progress.hidden = cancel.hidden = false;
  measured.hidden = true;
  list.value = $("tensors").value = "";
  submit.disabled = true;
  guess(items);
  const job = running = measure(items, progressBar(progress), isSafetensors);
  try {
    const entries = await job.done;
    if (running !== job) return;
    if (entries) {
      await nameTensors(entries);
      if (running !== job) return;
      show(entries);
    } else progress.hidden = true;
  } catch (error) {
    progress.querySelector("[data-words]").textContent = `${error.message} ${worded("instead")}`;
    $("pasting").open = true;
  }
  running = null;
  cancel.hidden = true;
  submit.disabled = false;
}

function refused(words) {
  running?.cancel();
  progress.hidden = false;
  cancel.hidden = true;
  progress.querySelector("progress").value = 0;
  for (const place of progress.querySelectorAll("[data-words], [data-spoken]")) place.textContent = words;
}

dropZone($("drop"), (items) => {
  const total = items.reduce((sum, { file }) => sum + file.size, 0);
  if (total <= LARGE) { run(items); return; }
  large.querySelector("[data-size]").textContent = units(total);
  large.querySelector("[data-anyway]").onclick = () => run(items);
  large.hidden = false;
  large.scrollIntoView({ block: "nearest" });
}, refused);
cancel.addEventListener("click", () => running?.cancel());
