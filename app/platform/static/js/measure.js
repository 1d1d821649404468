// SPDX-License-Identifier: Apache-2.0
// From what a person drops or chooses to measured files {path, sha256, size, pointer}: collecting, hashing, saying how far.
const WORKERS = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 1));

const LANGUAGE = document.documentElement.lang;
export const number = (value, places = 0) => value.toLocaleString(LANGUAGE, { minimumFractionDigits: places, maximumFractionDigits: places });

export const units = (bytes) => {
  const names = ["", "kB", "MB", "GB", "TB"];
  let value = bytes, unit = 0;
  while (value >= 999.5 && unit < names.length - 1) { value /= 1000; unit += 1; }
  return unit === 0 ? worded("byte", { num: bytes }) : `${number(value, value < 99.95 ? 1 : 0)} ${names[unit]}`;
};

// {file, path}[] of a file input. As in `mcla hash`: one folder alone gives paths relative to it.
export function fromInput(input) {
  const items = Array.from(input.files, (file) => ({ file, path: (file.webkitRelativePath || file.name) }));
  return input.webkitdirectory ? items.map(({ file, path }) => ({ file, path: path.split("/").slice(1).join("/") || path })) : items;
}

// {items, alone} of a drop: files and folders, walked to the end. Entries must be taken before the event is over.
export async function fromDrop(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return { items: Array.from(transfer.files, (file) => ({ file, path: file.name })), alone: false };
  const alone = entries.length === 1 && entries[0].isDirectory;
  const found = [];
  for (const entry of entries) await walk(entry, alone ? "" : entry.name, found);
  return { items: found, alone };
}

async function walk(entry, path, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((yes, no) => entry.file(yes, no)), path });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a reader hands out a hundred at a time
    const batch = await new Promise((yes, no) => reader.readEntries(yes, no));
    if (!batch.length) return;
    for (const inner of batch) await walk(inner, path ? `${path}/${inner.name}` : inner.name, found);
  }
}

// As in `mcla hash`: the repository of a Git checkout, `.git` with a HEAD or a file `gitdir: …`, is no part of a folder; all
// else counts. What was dropped or chosen by itself counts too: with several (`alone` is false) the first name of a path.
export async function withoutRepositories(items, alone) {
  const repositories = new Set();
  for (const { file, path } of items) {
    const head = /(^|\/)\.git\/HEAD$/.test(path);
    if (!head && !(/(^|\/)\.git$/.test(path) && await file.slice(0, 8).text() === "gitdir: ")) continue;
    const place = head ? path.slice(0, -"/HEAD".length) : path;
    if (alone || place !== ".git") repositories.add(place);
  }
  const among = ({ path }) => path.split("/").some((name, at, names) => name === ".git" && repositories.has(names.slice(0, at + 1).join("/")));
  return { kept: repositories.size ? items.filter((item) => !among(item)) : items, left: repositories.size };
}

export const isSafetensors = ({ path }) => path.endsWith(".safetensors");

// Measures all items; `onProgress({read, total, files, speed, left})` about ten times a second. Returns {done, cancel}.
// `tensors(item)` says of which files the tensors are wanted too.
export function measure(items, onProgress, tensors = () => false) {
  const total = items.reduce((sum, { file }) => sum + file.size, 0);
  const results = new Array(items.length);
  const started = performance.now();
  let next = 0, finished = 0, read = 0, told = 0, workers = [], settle;
  const say = (last) => {
    const now = performance.now();
    if (!last && (read === total || now - told < 100)) return; // the end is told once, when every digest is there
    told = now;
    const speed = read / Math.max(0.001, (now - started) / 1000);
    onProgress({ read, total, files: finished, speed, left: (total - read) / Math.max(1, speed) });
  };
  const stop = () => { workers.forEach((worker) => worker.terminate()); workers = []; };
  const feed = (worker) => {
    if (next >= items.length) return;
    worker.postMessage({ id: next, file: items[next].file, tensors: tensors(items[next]) });
    next += 1;
  };
  const done = new Promise((resolve, reject) => {
    settle = resolve;
    const take = (worker) => ({ data }) => {
      if (data.read !== undefined) { read += data.read; say(false); return; }
      results[data.id] = { path: items[data.id].path, ...data, ...(data.gone && { error: worded("moved") }) };
      finished += 1;
      if (finished === items.length) { say(true); stop(); resolve(results); } else feed(worker);
    };
    for (let n = 0; n < Math.min(WORKERS, items.length); n += 1) {
      const worker = new Worker("/js/hash-worker.js");
      worker.onmessage = take(worker);
      worker.onerror = () => { stop(); reject(new Error(worded("no-start"))); };
      workers.push(worker);
      feed(worker);
    }
  });
  return { done, cancel: () => { stop(); settle(null); } };
}

// A progress bar with words; a screen reader hears every tenth only (WCAG 4.1.3).
export function progressBar(root) {
  const bar = root.querySelector("progress"), words = root.querySelector("[data-words]"), spoken = root.querySelector("[data-spoken]");
  let tenth = -1;
  return ({ read, total, speed, left }) => {
    const share = total ? read / total : 1;
    bar.value = share;
    const parts = { read: units(read), total: units(total), speed: units(Math.round(speed)), seconds: number(Math.max(1, Math.round(left))) };
    words.textContent = worded(share === 1 ? "measured-all" : "measuring", parts);
    if (Math.floor(share * 10) !== tenth) {
      tenth = Math.floor(share * 10);
      spoken.textContent = worded("percent", { percent: tenth * 10 });
    }
  };
}

// Wires a drop zone: `onItems(items)` for what is dropped or chosen, `onRefused(words)` for what holds nothing to measure.
export function dropZone(zone, onItems, onRefused) {
  const take = async (collected) => {
    try {
      const { items, alone } = await collected;
      const { kept, left } = await withoutRepositories(items, alone);
      zone.querySelector("[data-left-out]").textContent = left ? worded("repositories", { num: left }) : "";
      if (kept.length) onItems(kept); else onRefused(worded("no-file"));
    } catch {
      onRefused(worded("unreadable"));
    }
  };
  zone.hidden = false;
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(fromDrop(event.dataTransfer));
  });
  for (const input of zone.querySelectorAll("input[type=file]")) {
    const button = zone.querySelector(`[data-opens="${input.id}"]`);
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => { const items = fromInput(input); input.value = ""; take({ items, alone: input.webkitdirectory }); });
  }
}
