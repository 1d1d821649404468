// SPDX-License-Identifier: Apache-2.0
// Measures files off the page's thread: SHA-256 and size. Nothing leaves the computer here; this file has no network call.
// Takes {id, file, tensors}; answers {id, read} while reading, then {id, sha256, size, pointer, tensors} or {id, error}.
// With `tensors` the file is taken for safetensors: its tensors, or {fault}, come from the same read.
// Served with its own policy, because WebAssembly needs 'wasm-unsafe-eval' and the page that holds keys must not have it.
"use strict";
const CHUNK = 4 * 1024 * 1024;
const AT_ONCE = 8 * CHUNK; // the browser's own digest is three times as fast, but takes a file in one piece only
const POINTER_LIMIT = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (0|[1-9][0-9]{0,15})\n$/;

let hasher, tensorHasher;

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function newHasher() {
  if (!self.hashwasm) importScripts("/static/vendor/hash-wasm-sha256-4.13.0.js");
  return hashwasm.createSHA256();
}

async function tensorReader(file) {
  if (!tensorHasher) {
    importScripts("/js/tensor-reader.js");
    tensorHasher = await newHasher();
  }
  return besides(new TensorReader(file.size, tensorHasher));
}

async function streamed(id, file, reader) {
  hasher ??= await newHasher();
  hasher.init();
  let next = file.slice(0, CHUNK).arrayBuffer();
  for (let at = 0; at < file.size; at += CHUNK) {
    const piece = new Uint8Array(await next);
    if (at + CHUNK < file.size) next = file.slice(at + CHUNK, at + 2 * CHUNK).arrayBuffer();
    hasher.update(piece);
    reader?.update(piece);
    self.postMessage({ id, read: piece.length });
  }
  return hasher.digest("hex");
}

// Small files are read once only, for the pointer and the digest: in a folder of thousands the reading is what takes time.
async function measure(id, file, wanted) {
  const small = file.size < POINTER_LIMIT, oneShot = self.crypto?.subtle && file.size <= AT_ONCE;
  const bytes = small || oneShot ? new Uint8Array(await file.arrayBuffer()) : null;
  const pointer = small ? POINTER.exec(String.fromCharCode(...bytes)) : null;
  if (pointer && Number.isSafeInteger(Number(pointer[2]))) {
    self.postMessage({ id, read: file.size });
    return { id, sha256: pointer[1], size: Number(pointer[2]), pointer: true };
  }
  const reader = wanted ? await tensorReader(file) : null;
  if (!oneShot) return { id, sha256: await streamed(id, file, reader), size: file.size, pointer: false, tensors: reader?.finish() };
  reader?.update(bytes);
  const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
  self.postMessage({ id, read: file.size });
  return { id, sha256, size: file.size, pointer: false, tensors: reader?.finish() };
}

self.onmessage = async ({ data: { id, file, tensors } }) => {
  try {
    self.postMessage(await measure(id, file, tensors));
  } catch (error) {
    const gone = error.name === "NotReadableError" || error.name === "NotFoundError";
    self.postMessage({ id, gone, error: String(error.message || error) });
  }
};
