// SPDX-License-Identifier: Apache-2.0
// Verifies bundles with some version of @sigstore/verify, whose folder is the argument: a line of JSON for each question,
// a line of JSON for each answer, null or why not. Questions are {trust (path), identity, issuer, bundle, artifact,
// pattern}: the last two say what was signed by a message signature, and whether to take the identity for a pattern.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { toSignedEntity, toTrustMaterial, Verifier } = require(folder);

const bytes = (base64) => Buffer.from(base64, "base64");
const literally = (text) => `^${text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$`; // the policy is a regular expression
const verifiers = new Map();

function verifierOf(trust) {
  if (!verifiers.has(trust)) {
    const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(trust, "utf-8")));
    verifiers.set(trust, new Verifier(toTrustMaterial(root)));
  }
  return verifiers.get(trust);
}

function whyNot({ trust, identity, issuer, bundle, artifact, pattern }) {
  try {
    const parsed = bundleFromJSON(JSON.parse(bytes(bundle).toString("utf-8")));
    const policy = { subjectAlternativeName: pattern ? identity : literally(identity), extensions: { issuer } };
    verifierOf(trust).verify(toSignedEntity(parsed, artifact === null ? undefined : bytes(artifact)), policy);
    return null;
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message} ${error.cause?.message ?? ""}`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(whyNot(JSON.parse(line)))}\n`);
}
