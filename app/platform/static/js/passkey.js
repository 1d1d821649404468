// SPDX-License-Identifier: Apache-2.0
// Passkeys: adding one on the account page, and asking one to confirm the statement that a page shows.
// The challenge is computed here from the statement shown; the service's answer may add the passkey's answer and nothing else.
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const credential = (id) => ({ type: "public-key", id: bytes(id) });
const WAIT = 120_000;

// RFC 8785 writes what JSON.stringify writes, so this is the statement that the passkey covers, to the byte.
export function inner(text) {
  const statement = JSON.parse(text);
  delete statement.predicate.contributorKey.webauthn;
  return JSON.stringify(statement);
}

// The statement with the passkey's answer in it; null if the service's one differs from the one shown in anything else.
export async function confirmed(shown, announced, passkey, challengeOf, send) {
  if (inner(announced) !== inner(shown)) return null;
  if (JSON.parse(announced).predicate.contributorKey.webauthn) return announced;
  const challenge = await challengeOf(inner(shown));
  const { response } = await navigator.credentials.get({
    publicKey: { challenge, allowCredentials: [credential(passkey)], userVerification: "required", timeout: WAIT },
  });
  const { statement } = await send({
    client_data: base64(response.clientDataJSON),
    authenticator_data: base64(response.authenticatorData),
    signature: base64(response.signature),
  });
  return inner(statement) === inner(shown) ? statement : null;
}

async function post(path, body) {
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(`${answer.detail || worded("status", { status: response.status })} ${answer.hint || ""}`);
  return answer;
}

async function add(foundation) {
  const asked = await post("/api/v1/passkeys/registration", { foundation });
  const { response } = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge),
      rp: { id: asked.rp_id, name: asked.rp_name },
      user: { id: bytes(asked.user_handle), name: asked.user_name, displayName: asked.user_name },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: asked.known.map(credential),
      authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
      attestation: "none",
      timeout: WAIT,
    },
  });
  await post("/api/v1/passkeys", {
    client_data: base64(response.clientDataJSON),
    authenticator_data: base64(response.getAuthenticatorData()),
  });
}

for (const button of document.querySelectorAll("[data-add-passkey]")) {
  button.hidden = !globalThis.PublicKeyCredential?.prototype || !globalThis.AuthenticatorAttestationResponse?.prototype.getAuthenticatorData;
  button.addEventListener("click", async () => {
    const place = document.getElementById("passkey-outcome");
    button.disabled = true;
    place.hidden = true;
    try {
      await add(button.dataset.addPasskey);
      location.reload();
    } catch (error) {
      show(place.querySelector("[data-what]"), ["NotAllowedError", "InvalidStateError"].includes(error.name) ? error.name : error.message);
      place.hidden = false;
      place.focus();
      button.disabled = false;
    }
  });
}
