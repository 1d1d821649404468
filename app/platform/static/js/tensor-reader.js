// SPDX-License-Identifier: Apache-2.0
// Reads a safetensors file piece by piece in the worker and digests each tensor: the rules and the construction are
// those of mcla/artifacts/safetensors.py and tensors.py, and a test holds both to the same answers.
"use strict";
const MAX_HEADER = 100_000_000, MAX_TENSORS = 250_000, MAX_METADATA = 100_000, MAX_NAME = 1024;
const BITS = { F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8,
  U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32, U64: 64, I64: 64, F64: 64, C64: 64 };
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const LONE = /\p{Surrogate}/u;
const UTF8 = new TextEncoder();

const need = (good, what) => { if (!good) throw new Error(`not well-formed safetensors: expected ${what}`); };

function u64(...values) {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, at) => view.setBigUint64(8 * at, BigInt(value)));
  return new Uint8Array(view.buffer);
}

function opening({ dtype, shape, size }) {
  const dims = u64(...shape), word = UTF8.encode(dtype);
  return [UTF8.encode("mcla/tensor/v1\0"), u64(word.length), word, u64(dims.length), dims, u64(size)];
}

class HeaderScanner {
  constructor(text) { this.text = text; this.at = 0; }

  take(pattern, what) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    need(found, what);
    this.at = pattern.lastIndex;
    return found[0];
  }

  next() { this.take(/[ \t\n\r]*/y, "space"); return this.text[this.at]; }
  mark(char) { need(this.next() === char, `'${char}'`); this.at += 1; }

  string() {
    this.next();
    const text = JSON.parse(this.take(/"(?:[^"\\\u0000-\u001f]|\\.)*"/y, "text in quotes"));
    need(!LONE.test(text), "Unicode text");
    return text;
  }

  * names() {
    this.mark("{");
    if (this.next() === "}") { this.at += 1; return; }
    for (;;) {
      const name = this.string();
      this.mark(":");
      yield name;
      if (this.next() === "}") { this.at += 1; return; }
      this.mark(",");
    }
  }

  metadata() {
    const seen = new Set();
    for (const name of this.names()) {
      need(!seen.has(name) && seen.size < MAX_METADATA, "each name once in the metadata");
      seen.add(name);
      this.string();
    }
  }

  tensor(name) {
    this.next();
    const text = this.take(/\{[^{}-]{0,4096}\}/y, "an object of dtype, shape and data_offsets");
    const value = JSON.parse(text), { dtype, shape, data_offsets: offsets } = value;
    const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
    // Three members, each once, and numbers written as whole numbers: JSON.parse alone would let 4.0 and doubles pass.
    need(Object.keys(value).length === 3 && bare.split(":").length === 4 && /^[\d\s,:[\]{}]*$/.test(bare), "three members of whole numbers");
    need(Object.hasOwn(BITS, dtype) && typeof dtype === "string", "a known dtype");
    const whole = (list) => Array.isArray(list) && list.every(Number.isSafeInteger);
    need(whole(shape) && whole(offsets) && offsets.length === 2, "a shape and two data_offsets");
    let bits = BITS[dtype];
    for (const size of shape) need((bits *= size) <= Number.MAX_SAFE_INTEGER, "fewer bits");
    need(bits % 8 === 0 && offsets[1] - offsets[0] === bits / 8, "as many bytes as dtype and shape say");
    return { name, dtype, shape, start: offsets[0], size: bits / 8 };
  }

  read(bufferSize) {
    const tensors = new Map();
    let metadata = false;
    for (const name of this.names()) {
      need(!tensors.has(name) && !(metadata && name === "__metadata__"), "each name once");
      if (name === "__metadata__") { metadata = true; this.metadata(); continue; }
      const length = UTF8.encode(name).length;
      need(length >= 1 && length <= MAX_NAME && !UNSEEN.test(name) && tensors.size < MAX_TENSORS, "a readable name");
      tensors.set(name, this.tensor(name));
    }
    need(/^ *$/.test(this.text.slice(this.at)), "nothing but spaces after the header");
    const ordered = [...tensors.values()].sort((a, b) => a.start - b.start || a.size - b.size);
    let at = 0;
    for (const { start, size } of ordered) { need(start === at, "no hole and no overlap"); at += size; }
    need(at === bufferSize, "tensors to the end of the file");
    return ordered;
  }
}

// `hasher` is one SHA-256 of hash-wasm. update(Uint8Array) takes the next bytes; finish() gives {name, dtype, shape, size, sha256}[].
class TensorReader {
  constructor(fileSize, hasher) {
    Object.assign(this, { fileSize, hasher, head: new Uint8Array(0), wanted: 8, waiting: null, left: 0, current: null, tensors: [] });
  }

  update(piece) {
    while (!this.waiting && piece.length) piece = this.gather(piece);
    while (this.current && piece.length) {
      const part = piece.subarray(0, this.left);
      this.hasher.update(part);
      this.left -= part.length;
      piece = piece.subarray(part.length);
      if (!this.left) this.advance();
    }
    need(!piece.length, "no more bytes than the file has");
  }

  gather(piece) {
    const part = piece.subarray(0, this.wanted - this.head.length), joined = new Uint8Array(this.head.length + part.length);
    joined.set(this.head);
    joined.set(part, this.head.length);
    this.head = joined;
    need(joined.length <= 8 || joined[8] === 0x7b, "a header that begins with '{'");
    if (joined.length === this.wanted && this.wanted === 8) {
      const length = Number(new DataView(joined.buffer).getBigUint64(0, true));
      need(length >= 2 && length <= MAX_HEADER && length <= this.fileSize - 8, "a header within the file");
      this.wanted += length;
    } else if (joined.length === this.wanted) {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(joined.subarray(8));
      this.waiting = new HeaderScanner(text).read(this.fileSize - this.wanted).reverse();
      this.head = null;
      this.advance();
    }
    return piece.subarray(part.length);
  }

  advance() {
    for (;;) {
      if (this.current) this.close(this.current);
      this.current = this.waiting.pop();
      if (!this.current) return;
      this.hasher.init();
      opening(this.current).forEach((part) => this.hasher.update(part));
      this.left = this.current.size;
      if (this.left) return;
    }
  }

  close({ name, dtype, shape, size }) { this.tensors.push({ name, dtype, shape, size, sha256: this.hasher.digest("hex") }); }

  finish() {
    need(this.waiting && !this.current, "the whole file");
    return this.tensors;
  }
}

// The same for who reads the bytes for another reason: what is no safetensors file disturbs nothing and ends as {fault}.
function besides(reader) {
  let fault = "";
  const trying = (work) => { try { return fault ? null : work(); } catch (error) { fault = error.message; return null; } };
  return {
    update: (piece) => trying(() => reader.update(piece)),
    finish: () => { const tensors = trying(() => reader.finish()); return fault ? { fault } : tensors; },
  };
}
