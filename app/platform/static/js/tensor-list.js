// SPDX-License-Identifier: Apache-2.0
// The list of the single tensors between the page that measured them and that of the signed contribution, which sends it:
// in between it stays in this tab alone. The service takes it only if it makes the root that was signed.
const KEY = "mcla-tensors";

// Keeps {name, dtype, shape, size, sha256}[] in place of an earlier list; false where this browser cannot: it takes some megabytes.
export function keep(root, tensors) {
  try {
    sessionStorage.removeItem(KEY);
    sessionStorage.setItem(KEY, `${root}\n${JSON.stringify({ tensors })}`);
    return true;
  } catch {
    return false;
  }
}

function kept(root) {
  try {
    const text = sessionStorage.getItem(KEY) ?? "";
    return text.startsWith(`${root}\n`) ? text.slice(root.length + 1) : null;
  } catch {
    return null;
  }
}

async function send({ dataset: { contribution, token } }, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const response = await fetch(`/api/v1/contributions/${contribution}/tensors`, { method: "PUT", headers, body });
  if (response.ok || response.status === 422) sessionStorage.removeItem(KEY); // what was refused once is refused again
  return response.ok ? worded("list-sent") : worded("list-refused", { why: (await response.json()).detail });
}

const place = document.getElementById("tensor-list"), body = place && kept(place.dataset.root);
if (body) {
  place.textContent = worded("list-sending");
  place.textContent = await send(place, body).catch(() => worded("list-unsent"));
}
