// SPDX-License-Identifier: Apache-2.0
// Signs in the browser what the page shows: a fresh P-256 key that cannot be exported, a certificate for it, one signature.
// The bytes that are signed are those in the page's exact statement; if their digest is not the announced one, nothing is signed.
// Where a passkey was chosen, it confirms the statement first; what is signed is the statement with its answer in it.
// For files, the same key signs their plain list too, in the form of OpenSSF Model Signing, made from the statement that is shown.
// Keys travel as SPKI; signatures turn from r||s (WebCrypto) into DER (RFC 3279) as DSSE and X.509 readers expect.
const form = document.getElementById("sign");
const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const signing = { name: "ECDSA", hash: "SHA-256" };
const utf8 = new TextEncoder();
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

// What went wrong and what to do, by their names in the page's words, or as the service says them.
class Refusal extends Error {
  constructor(message, hint = "", signed = "no") { super(message); this.hint = hint; this.signed = signed; }
}

// Two integers, each without leading zeros and with a sign byte where the top bit is set; of a P-256 signature, 64 bytes, alone.
export function toDer(raw) {
  const bytes = new Uint8Array(raw), half = 32;
  if (bytes.length !== 2 * half) throw new Refusal(`expected a signature of 64 bytes, got ${bytes.length}`);
  const integer = (part) => {
    let start = 0;
    while (start < part.length - 1 && part[start] === 0) start += 1;
    const body = [...part.slice(start)];
    if (body[0] & 0x80) body.unshift(0);
    return [2, body.length, ...body];
  };
  const body = [...integer(bytes.slice(0, half)), ...integer(bytes.slice(half))];
  return new Uint8Array([0x30, body.length, ...body]);
}

// DSSE pre-authentication encoding, version 1.
export function pae(type, payload) {
  const head = utf8.encode(`DSSEv1 ${utf8.encode(type).length} ${type} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}

// The list of the files as `mcla.statements.oms` writes it, byte for byte: members in their order, names and digests of the statement.
export async function omsList(statement) {
  const files = statement.subject.slice(1).map(({ name, digest }) => ({ algorithm: "sha256", digest: digest.sha256, name }));
  const raw = Uint8Array.from(files.flatMap((file) => file.digest.match(/../g).map((pair) => parseInt(pair, 16))));
  const root = hex(await crypto.subtle.digest("SHA-256", raw));
  return utf8.encode(JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    predicate: { resources: files, serialization: { allow_symlinks: false, hash_type: "sha256", ignore_paths: [], method: "files" } },
    predicateType: "https://model_signing/signature/v1.0",
    subject: [{ digest: { sha256: root }, name: statement.predicate.project }],
  }));
}

// A statement of more than 512 files names their root alone: then the service's list is signed.
async function listFor(statement, base) {
  if (!statement.predicateType.endsWith("/contribution/v1")) return null;
  if (statement.subject.length > 1) return omsList(statement);
  try {
    const response = await fetch(`${base}/oms-statement`);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    throw offline;
  }
}

async function call(path, body, ifLost) {
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  } catch {
    throw ifLost;
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const kept = ["recording-delayed", "bundle-unsound"].includes(answer.code); // signed and durable, recorded a little later
  throw new Refusal(answer.detail || worded("status", { status: response.status }), answer.hint, kept ? "yes" : response.status >= 500 ? ifLost.signed : "no");
}

// Kept for a second press: a signing gets one certificate, and sending the same signature again is safe.
let key, certified = false, signed;
const offline = new Refusal("offline", "offline-next");
const unheard = new Refusal("unheard", "unheard-next", "unknown");

const changed = new Refusal("changed", "changed-next");

// Says where we are, so that a slow service is not silent; 0 when nothing is under way.
function tell(at) {
  const bar = document.getElementById("bar");
  bar.hidden = !at;
  bar.value = at;
  document.getElementById("step").textContent = at ? worded(`step-${at}`) : "";
}

const shown = () => document.getElementById("statement").textContent;

// The statement as the service holds it once the chosen passkey has confirmed the one shown, and its digest.
async function withPasskey(base, announced) {
  const { confirmed } = await import(form.dataset.module); // the versioned address
  let answer = announced;
  const challengeOf = (inner) => crypto.subtle.digest("SHA-256", pae(announced.payload_type, utf8.encode(inner)));
  const send = async (assertion) => { answer = await call(`${base}/passkey`, assertion, unheard); return answer; };
  document.getElementById("step").textContent = worded("passkey");
  try {
    const text = await confirmed(shown(), announced.statement, form.dataset.passkey, challengeOf, send);
    if (text === null) throw changed;
    return { text, statement_sha256: answer.statement_sha256 };
  } catch (error) {
    if (error instanceof DOMException) throw new Refusal("no-passkey", "no-passkey-next");
    throw error;
  }
}

async function sign() {
  const id = form.dataset.signing, base = `/api/v1/signings/${id}`;
  if (!signed) {
    tell(1);
    const shownDigest = hex(await crypto.subtle.digest("SHA-256", utf8.encode(shown())));
    const announced = await call(base, null, offline);
    const { text, statement_sha256 } = form.dataset.passkey ? await withPasskey(base, announced) : { ...announced, text: shown() };
    const exact = utf8.encode(text), digest = hex(await crypto.subtle.digest("SHA-256", exact));
    if (shownDigest !== form.dataset.sha256 || digest !== statement_sha256) throw changed;
    const list = await listFor(JSON.parse(text), base);
    key ??= await crypto.subtle.generateKey(algorithm, false, ["sign"]);
    if (!certified) {
      tell(2);
      const possession = utf8.encode(`mcla-possession/v1\n${id}\n${digest}\n`);
      await call(`${base}/certificate`, {
        public_key: base64(await crypto.subtle.exportKey("spki", key.publicKey)),
        proof: base64(toDer(await crypto.subtle.sign(signing, key.privateKey, possession))),
        statement_sha256: digest,
      }, offline);
      certified = true;
    }
    tell(3);
    const sealed = async (payload) => base64(toDer(await crypto.subtle.sign(signing, key.privateKey, pae(announced.payload_type, payload))));
    signed = { signature: await sealed(exact), ...(list && { oms_signature: await sealed(list) }), consent: true,
      page: form.elements.page.value, zone_offset: -new Date().getTimezoneOffset() };
  }
  tell(4);
  const result = await call(`${base}/signature`, signed, unheard);
  return new URL(result.url).pathname;
}

function say(error) {
  const place = document.getElementById("outcome");
  place.querySelector("h2").textContent = worded(`signed-${error.signed}`);
  show(place.querySelector("[data-what]"), error.message);
  show(place.querySelector("[data-next]"), error.hint || "");
  place.hidden = false;
  place.focus();
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button[type=submit]"), words = button.lastChild, before = words.textContent;
  button.disabled = true;
  words.textContent = worded("signing");
  document.getElementById("outcome").hidden = true;
  try {
    location.assign(await sign());
  } catch (error) {
    tell(0);
    say(error instanceof Refusal ? error : new Refusal(String(error.message || error)));
    button.disabled = false;
    words.textContent = before;
  }
});

// Until now a press would have sent the form to the service, which cannot sign for a key that is held here.
if (form) {
  form.querySelector("button[type=submit]").disabled = false;
  tell(0);
}
