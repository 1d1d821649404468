// SPDX-License-Identifier: Apache-2.0
// Starts the npm package oidc-provider on loopback for one test: node oidc_provider.mjs <module> <port> <redirect URI>.
// It demands PKCE, signs with a key made here, and answers with the `iss` parameter; its own pages ask for login and consent.
import { generateKeyPairSync } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const [module, port, redirectUri] = process.argv.slice(2)
const { Provider } = await import(pathToFileURL(module).href)
const issuer = `http://127.0.0.1:${port}`
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'ES256' }

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'mcla-at-node',
    client_secret: 'node-secret',
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: 'ES256'
  }],
  jwks: { keys: [jwk] },
  cookies: { keys: ['only-for-this-test'] },
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: 'Jane Roe', preferred_username: id, email: `${id}@example.org`, email_verified: id !== 'unverified'
    })
  })
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
