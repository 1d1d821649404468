// SPDX-License-Identifier: Apache-2.0
// Verifies bundles with some version of @sigstore/verify: one JSON line that maps each file name to null or to why not.
// Arguments: folder of the package, trusted root, identity, issuer, bundles.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const [folder, trust, identity, issuer, ...bundles] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { toSignedEntity, toTrustMaterial, Verifier } = require(folder);

const read = (path) => JSON.parse(readFileSync(path, "utf-8"));
const literally = (text) => `^${text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$`; // the policy is a regular expression
const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(read(trust))));
const policy = { subjectAlternativeName: literally(identity), extensions: { issuer } };
const answers = {};
for (const path of bundles) {
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(read(path))), policy);
    answers[basename(path)] = null;
  } catch (error) {
    answers[basename(path)] = `${error.code ?? error.name}: ${error.message} ${error.cause?.message ?? ""}`;
  }
}
console.log(JSON.stringify(answers));
