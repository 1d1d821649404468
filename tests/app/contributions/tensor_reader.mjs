// SPDX-License-Identifier: Apache-2.0
// Runs the page's own reading of safetensors over files: arguments are the scripts of the worker and of the root; stdin
// is one JSON list of {file, piece} (hex, bytes at once), stdout the list of {tensors, set} or {fault}.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [hashWasm, reader, root] = process.argv.slice(2);
vm.runInThisContext(readFileSync(hashWasm, "utf8"));
vm.runInThisContext(`${readFileSync(reader, "utf8")}\nglobalThis.TensorReader = TensorReader;`);
const { tensorSet } = await import(root);
const hasher = await globalThis.hashwasm.createSHA256();

async function read({ file, piece }) {
  const data = Uint8Array.from(Buffer.from(file, "hex"));
  const reading = new globalThis.TensorReader(data.length, hasher);
  try {
    for (let at = 0; at < data.length; at += piece) reading.update(data.subarray(at, at + piece));
    const tensors = reading.finish();
    return { tensors, set: tensors.length ? await tensorSet([{ path: "x.safetensors", tensors }]) : null };
  } catch (error) {
    return { fault: error.message };
  }
}

const answers = [];
for (const each of JSON.parse(readFileSync(0, "utf8"))) answers.push(await read(each));
process.stdout.write(JSON.stringify(answers));
