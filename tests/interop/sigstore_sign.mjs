// SPDX-License-Identifier: Apache-2.0
// Signs with @sigstore/sign against one service: a statement (DSSE) and a file (message signature), one JSON line of both.
// Arguments: folder of the package, origin, address of the certificate service, one ID token for each signature.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, origin, certifier, ...tokens] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { bundleToJSON } = require("@sigstore/bundle");
const { DSSEBundleBuilder, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } = require(folder);

const retry = 0, timeout = 20000;
const parts = (token) => ({
  signer: new FulcioSigner({ fulcioBaseURL: certifier, identityProvider: { getToken: async () => token }, retry, timeout }),
  witnesses: [
    new RekorWitness({ rekorBaseURL: origin, majorApiVersion: 2, retry, timeout }),
    new TSAWitness({ tsaBaseURL: origin, retry, timeout }),
  ],
});
const statement = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "weights", digest: { sha256: "a".repeat(64) } }],
  predicateType: "https://example.org/predicate/v1",
  predicate: {},
};
const asked = { data: Buffer.from(JSON.stringify(statement)), type: "application/vnd.in-toto+json" };
try {
  const dsse = await new DSSEBundleBuilder(parts(tokens[0])).create(asked);
  const message = await new MessageSignatureBundleBuilder(parts(tokens[1])).create({ data: Buffer.from("weights") });
  console.log(JSON.stringify([bundleToJSON(dsse), bundleToJSON(message)]));
} catch (error) {
  console.error(`${error.message}: ${error.cause?.message ?? ""}`);
  process.exit(1);
}
