import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { conforms } from '../../support/conformance.ts';
import { callOnce, serve } from '../../support/host/call-http.ts';
import type { RecordingServer } from '../../support/host/recording-server.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features#managed-identities';
const ENDPOINT =
  'https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference';
const SOURCE = 'durable-functions lib/src/ManagedIdentityTokenSource.js';
const SHIM =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskHttpActivityShim.cs';

const orchestrators = { Call: callOnce };
const tokenSource = { kind: 'AzureManagedIdentity', resource: 'https://vault.azure.net/.default' };
const secretToken = 'a.token.of-which-nothing-may-be-kept';

async function serveTokens(): Promise<RecordingServer> {
  return serve((_, response) => {
    response.end(JSON.stringify({ access_token: secretToken, expires_on: '1', resource: 'r' }));
  });
}

function identityAt(server: RecordingServer): Record<string, string> {
  return { IDENTITY_ENDPOINT: `${server.url}/msi/token`, IDENTITY_HEADER: 'the-secret' };
}

describe('A token source', () => {
  conforms(DOCS, 'puts a token of the managed identity into the request', async () => {
    const tokens = await serveTokens();
    const server = await serve((_, response) => response.end('let in'));
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    const { output } = await kit.run('Call', { method: 'GET', url: server.url, tokenSource });
    expect(output).toMatchObject({ content: 'let in' });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${secretToken}`);
  });

  conforms(ENDPOINT, 'asks the identity endpoint for the resource, with its secret', async () => {
    const tokens = await serveTokens();
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    await kit.run('Call', { method: 'GET', url: server.url, tokenSource });
    const [request] = tokens.requests;
    const asked = new URL(request?.url ?? '', tokens.url);
    expect(asked.pathname).toBe('/msi/token');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      resource: 'https://vault.azure.net',
      'api-version': '2019-08-01',
    });
    expect(request?.headers['x-identity-header']).toBe('the-secret');
  });

  conforms(ENDPOINT, 'sends the secret to the identity endpoint and nowhere else', async () => {
    const elsewhere = await serveTokens();
    const tokens = await serve((_, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    const { status } = await kit.run('Call', { method: 'GET', url: server.url, tokenSource });
    expect(status).toBe('Failed');
    expect(tokens.requests).toHaveLength(1);
    expect([...elsewhere.requests, ...server.requests]).toEqual([]);
  });

  conforms(ENDPOINT, 'names the identity that AZURE_CLIENT_ID chooses', async () => {
    const tokens = await serveTokens();
    const server = await serve((_, response) => response.end());
    const environment = { ...identityAt(tokens), AZURE_CLIENT_ID: 'one-of-several' };
    const kit = await makeKit({ orchestrators, environment });
    await kit.run('Call', { method: 'GET', url: server.url, tokenSource });
    expect(tokens.requests[0]?.url).toContain('client_id=one-of-several');
  });

  conforms(SHIM, 'replaces what the app says in Authorization', async () => {
    const tokens = await serveTokens();
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    const headers = { authorization: 'Basic eDp5' };
    await kit.run('Call', { method: 'GET', url: server.url, headers, tokenSource });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${secretToken}`);
  });

  conforms(DOCS, 'gives a token of its own to each call that follows up a 202', async () => {
    const tokens = await serveTokens();
    const server = await serve(({ url }, response) => {
      if (url === '/status') response.end('done');
      else response.writeHead(202, { Location: `${server.url}/status` }).end();
    });
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    await kit.run('Call', { method: 'POST', url: `${server.url}/start`, tokenSource });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${secretToken}`),
    );
    expect(tokens.requests).toHaveLength(2);
  });

  conforms(SOURCE, 'leaves neither token nor secret in the task hub or the log', async () => {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'no-token-'));
    try {
      const tokens = await serveTokens();
      const server = await serve((_, response) => response.end('let in'));
      const kit = await makeKit({ orchestrators, environment: identityAt(tokens), stateDir });
      const { output } = await kit.run('Call', { method: 'GET', url: server.url, tokenSource });
      expect(output).toMatchObject({ content: 'let in' });
      const files = readdirSync(stateDir);
      expect(files).toContain('taskhub.db');
      for (const file of files) {
        const content = readFileSync(path.join(stateDir, file), 'latin1');
        expect(content.includes(secretToken)).toBe(false);
        expect(content.includes('the-secret')).toBe(false);
      }
      expect(kit.log.join('\n')).not.toContain(secretToken);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });
});

describe('Without a token, a call', () => {
  conforms(DOCS, 'fails and says what is missing: a machine has no managed identity', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    const { status, output } = await kit.run('Call', {
      method: 'GET',
      url: server.url,
      tokenSource,
    });
    expect(status).toBe('Failed');
    expect(output).toContain('IDENTITY_ENDPOINT and IDENTITY_HEADER');
    expect(server.requests).toEqual([]);
  });

  const refusals: readonly (readonly [string, number, string])[] = [
    ['when the endpoint refuses', 403, JSON.stringify({ access_token: secretToken })],
    ['when the endpoint answers no token', 200, '{}'],
    ['when the endpoint answers no JSON', 200, secretToken],
  ];
  for (const [when, statusCode, body] of refusals) {
    conforms(ENDPOINT, `is not sent, and fails without the answer, ${when}`, async () => {
      const tokens = await serve((_, response) => response.writeHead(statusCode).end(body));
      const server = await serve((_, response) => response.end());
      const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
      const { status, output } = await kit.run('Call', {
        ...{ method: 'GET', url: server.url, tokenSource },
      });
      expect(status).toBe('Failed');
      expect(output).toContain(`gave no token for 'https://vault.azure.net'`);
      expect(output).not.toContain(secretToken);
      expect(server.requests).toEqual([]);
    });
  }

  conforms(SOURCE, 'fails for a token source of another kind', async () => {
    const tokens = await serveTokens();
    const kit = await makeKit({ orchestrators, environment: identityAt(tokens) });
    const { output } = await kit.run('Call', {
      ...{ method: 'GET', url: tokens.url, tokenSource: { kind: 'Own', resource: 'r' } },
    });
    expect(output).toContain("The token source kind 'Own' is not supported.");
    expect(tokens.requests).toEqual([]);
  });
});
