// SPDX-License-Identifier: Apache-2.0
// Runs the page's own SHA-256 from a state that was kept: the argument is its script; stdin is a JSON list of
// {state, pieces} (hex; no state begins anew), stdout the list of {state, digest} (hex) after the pieces.
import { readFileSync } from "node:fs";
import vm from "node:vm";

vm.runInThisContext(readFileSync(process.argv[2], "utf8"));
const hasher = await globalThis.hashwasm.createSHA256();
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ state, pieces }) => {
  hasher.init();
  if (state) hasher.load(bytes(state));
  pieces.forEach((piece) => hasher.update(bytes(piece)));
  return { state: Buffer.from(hasher.save()).toString("hex"), digest: hasher.digest("hex") };
})));
