// SPDX-License-Identifier: Apache-2.0
// The page that checks: measures files here and asks by fingerprint only; names of files stay on this computer.
const $ = (id) => document.getElementById(id);
// Folded before anything is waited for: whoever opens it while the rest loads finds it open.
$("pasting").open = Boolean($("e-digest") || $("e-bundle"));
const { dropZone, measure, number, progressBar } = await import($("drop").dataset.measure); // the versioned address

const BATCH = 1000;
const form = $("check"), progress = $("progress"), many = $("many"), cancel = progress.querySelector("[data-cancel]");
const tones = { verified: "yes", "not-verified": "no", unknown: "unknown" };
let running = null;

// A proof is a Sigstore bundle: JSON that names its media type near the start.
async function isProof(file) {
  if (file.size > 64e6 || !/\.json$/.test(file.name)) return false;
  return /"mediaType"\s*:\s*"application\/vnd\.dev\.sigstore\.bundle/.test(await file.text());
}

// A record is a PDF that names its seal in the clear.
async function isRecord(file) {
  if (file.size > 64e6 || !/\.pdf$/i.test(file.name)) return false;
  return /FoundationSeal/.test(new TextDecoder("latin1").decode(await file.arrayBuffer()));
}

function put(file, digest) {
  const carrier = new DataTransfer();
  carrier.items.add(file);
  $("f-bundle").files = carrier.files;
  $("f-digest").value = digest;
}

function send(proof, digest) {
  put(proof, digest);
  form.submit();
}

// It names a person, so whoever has it decides whether it is sent.
function offer(record) {
  put(record, "");
  $("pasting").open = true;
  form.querySelector("[data-record]").textContent = worded("record", { name: record.name });
  form.querySelector("button[type=submit]").focus();
}

async function ask(entries) {
  const answers = [];
  for (let at = 0; at < entries.length; at += BATCH) {
    const digests = entries.slice(at, at + BATCH).map(({ sha256 }) => `sha256:${sha256}`);
    const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
    const response = await fetch("/api/v1/verify", { method: "POST", headers, body: JSON.stringify({ digests }) });
    const body = await response.json();
    if (!response.ok) throw new Error(`${body.detail} ${body.hint || ""}`);
    answers.push(...body.results);
  }
  return answers;
}

function line(entry, answer) {
  const tone = entry.error ? "no" : tones[answer.verdict];
  const item = document.createElement("li"), state = document.createElement("span"), name = document.createElement("span");
  item.className = `tone-${tone}`;
  state.className = "state";
  state.textContent = worded(entry.error ? "not-read" : answer.verdict);
  if (entry.error) name.textContent = entry.path;
  else name.append(Object.assign(document.createElement("a"), { href: `/verify?digest=${answer.digest}`, textContent: entry.path }));
  item.append(state, name);
  const served = !entry.error && answer.verdict === "not-verified" ? answer.reasons[0]?.message : "";
  const detail = entry.error || served || (entry.pointer ? worded("pointer") : "");
  if (detail) item.append(Object.assign(document.createElement("small"), { textContent: detail, lang: served ? "en" : "" }));
  return item;
}

async function show(entries) {
  const good = entries.filter((entry) => !entry.error);
  const answers = good.length ? await ask(good) : [];
  const found = new Map(good.map((entry, index) => [entry, answers[index]]));
  const covered = answers.filter(({ verdict }) => verdict === "verified").length;
  many.querySelector("[data-summary]").textContent = worded("covered", { num: entries.length, covered: number(covered), all: number(entries.length) });
  many.querySelector("ul").replaceChildren(...entries.map((entry) => line(entry, found.get(entry))));
  many.hidden = false;
  many.scrollIntoView({ block: "start" });
}

async function check(items) {
  running?.cancel();
  many.hidden = true;
  if (items.length === 1 && await isRecord(items[0].file)) { offer(items[0].file); return; }
  const proofs = [], others = [];
  for (const item of items) ((items.length <= 2 && await isProof(item.file)) ? proofs : others).push(item);
  if (proofs.length === 1 && !others.length) { send(proofs[0].file, ""); return; }
  if (!others.length) { refused(worded("two-proofs")); return; }
  progress.hidden = cancel.hidden = false;
  const job = running = measure(others, progressBar(progress));
  try {
    const entries = await job.done;
    if (!entries || running !== job) { progress.hidden = true; return; }
    const [first] = entries;
    if (entries.length > 1 || first.error) await show(entries);
    else if (proofs.length) send(proofs[0].file, `sha256:${first.sha256}`);
    else location.assign(`/verify?digest=sha256:${first.sha256}`);
  } catch (error) {
    progress.querySelector("[data-words]").textContent = `${error.message} ${worded("nothing")}`;
    $("pasting").open = true;
  }
  running = null;
  cancel.hidden = true;
}

function refused(words) {
  running?.cancel();
  many.hidden = cancel.hidden = true;
  progress.hidden = false;
  progress.querySelector("progress").value = 0;
  for (const place of progress.querySelectorAll("[data-words], [data-spoken]")) place.textContent = `${words} ${worded("nothing")}`;
}

dropZone($("drop"), check, refused);
cancel.addEventListener("click", () => running?.cancel());
