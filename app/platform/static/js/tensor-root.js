// SPDX-License-Identifier: Apache-2.0
// The root over the tensors of all shards, as mcla/artifacts/tensors.py computes it, from what the worker measured.
const UTF8 = new TextEncoder();

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

function framed(bytes) {
  const whole = new Uint8Array(8 + bytes.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(bytes.length));
  whole.set(bytes, 8);
  return whole;
}

const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function byBytes({ bytes: a }, { bytes: b }) {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

// {root, count, bytes} of the shards' tensors, and them in order as `mcla tensors --json` lists them; throws an Error that says why there is no such set.
export async function tensorSet(shards) {
  if (!globalThis.crypto?.subtle) throw new Error("this browser computes it on secure pages only");
  const found = new Map();
  for (const { path, pointer, tensors } of shards) {
    if (pointer) throw new Error(`${path} is a Git LFS pointer, the tensors are elsewhere`);
    if (tensors.fault) throw new Error(`${path}: ${tensors.fault}`);
    for (const tensor of tensors) {
      if (found.has(tensor.name)) throw new Error(`${tensor.name} stands in two files`);
      found.set(tensor.name, tensor);
    }
  }
  if (!found.size) throw new Error("the files hold no tensors");
  const ordered = [...found.values()].map((tensor) => ({ tensor, bytes: UTF8.encode(tensor.name) })).sort(byBytes);
  const tensors = ordered.map(({ tensor }) => tensor);
  let level = await Promise.all(ordered.map(({ tensor, bytes }) => sha256([0], framed(bytes), framed(fromHex(tensor.sha256)))));
  while (level.length > 1) {
    const pairs = [];
    for (let at = 0; at < level.length; at += 2) pairs.push(at + 1 < level.length ? sha256([1], level[at], level[at + 1]) : level[at]);
    level = await Promise.all(pairs);
  }
  return { root: hex(level[0]), count: tensors.length, bytes: tensors.reduce((sum, { size }) => sum + size, 0), tensors };
}
