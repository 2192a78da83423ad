// A certified OpenID provider (oidc-provider) on loopback, for tests.
//
//   node openid_provider.mjs NODE_MODULES
//
// Writes its issuer as the first line, then reads a configuration a line, as JSON, and writes
// "ready" when it is in force; ends with its input. Everybody signs in with any password.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

console.info = console.error; // its hints are no answers

const library = pathToFileURL(`${process.argv[2]}/oidc-provider/lib/index.js`);
const { Provider } = await import(library);

let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://localhost:${server.address().port}`;

const keys = new Map();

function key(kid, algorithm) {
  if (!keys.has(kid)) {
    const made = algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    keys.set(kid, { ...made.privateKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' });
  }
  return keys.get(kid);
}

function configure({ clients, kids, algorithm, groups, inIdToken }) {
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ ...client, id_token_signed_response_alg: algorithm })),
    jwks: { keys: kids.map((kid) => key(kid, algorithm)) },
    cookies: { keys: ['of a provider that only tests ask'] },
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: !inIdToken,
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, groups: groups[id] }),
    }),
  });
  answer = provider.callback();
}

process.stdout.write(`${issuer}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  configure(JSON.parse(line));
  process.stdout.write('ready\n');
}
process.exit(0);
